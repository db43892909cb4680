// Check: an image is read once in full before it is searched. Where parts could contradict each other, only the one
// form that the builder writes is let through, so that nothing is left to interpretation.
#include <math.h>

#include "sparse/view.h"

namespace elanus::sparse {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "images are searched where they lie");

constexpr uint64_t kFactor = 0x9e3779b97f4a7c15u;

// Four sums, so that none waits for the one before it. Each step is one-to-one: no single changed word goes unseen.
class Sum {
 public:
  void add(const uint8_t *bytes, uint64_t size_bytes) {
    uint64_t i = 0;
    for (; i + 32 <= size_bytes; i += 32) {
      for (uint32_t lane = 0; lane < 4; lane++) step(lane, bytes + i + 8 * lane, 8);
    }
    for (uint32_t lane = 0; i < size_bytes; i += 8, lane++) {
      step(lane, bytes + i, uint32_t(size_bytes - i < 8 ? size_bytes - i : 8));
    }
  }
  uint64_t total(uint64_t size_bytes) const {
    uint64_t sum = size_bytes;
    for (uint64_t lane : lanes_) sum = ((sum << 27 | sum >> 37) ^ lane) * kFactor;
    return sum;
  }

 private:
  void step(uint32_t lane, const uint8_t *bytes, uint32_t count) {
    uint64_t word = 0;
    memcpy(&word, bytes, count);
    const uint64_t mixed = (lanes_[lane] ^ word) * kFactor;
    lanes_[lane] = mixed ^ mixed >> 29;
  }
  uint64_t lanes_[4] = {1, 2, 3, 4};
};

bool is_weight(float weight) { return weight > 0 && isfinite(weight); }

// Item sizes and counts that the header implies, in order of SectionId; the data's size is what is left.
bool sections_agree(const ImageHeader &header) {
  const uint64_t terms = header.term_count, blocks = header.block_count;
  const uint64_t palette = header.sections[kPalette].size_bytes;
  const uint64_t expected[kSectionCount] = {
      4 * terms, 4 * (terms + 1), 4 * terms, 4 * terms, sizeof(Block) * blocks, header.has_lengths ? blocks : 0,
      header.has_lengths ? 4 * uint64_t(header.row_count) : 0, palette, header.sections[kData].size_bytes};
  uint64_t end = sizeof(ImageHeader);
  for (uint32_t i = 0; i < kSectionCount; i++) {
    const Section &section = header.sections[i];
    end = (end + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
    if (section.offset != end || section.size_bytes != expected[i]) return false;
    if (section.offset > header.size_bytes || section.size_bytes > header.size_bytes - section.offset) return false;
    end += section.size_bytes;
  }
  const uint64_t palette_max = header.weight_bytes == 1 ? 256 : header.weight_bytes == 2 ? kPaletteMax : 0;
  return end == header.size_bytes && palette % 4 == 0 && palette / 4 <= palette_max;
}

bool header_agrees(const ImageHeader &header) {
  if (header.row_count > kRowsMax || header.has_lengths > 1 || header.reserved != 0) return false;
  if (header.weight_bytes != 1 && header.weight_bytes != 2 && header.weight_bytes != 4) return false;
  return sections_agree(header);
}

// Walks the terms in order with the place in the data where the next block must begin.
class Walk {
 public:
  explicit Walk(const View &view) : view_(view) {}

  bool terms() {
    if (view_.firsts[0] != 0 || view_.firsts[view_.term_count] != view_.block_count) return false;
    for (uint32_t t = 0; t < view_.term_count; t++) {
      if (t > 0 && view_.terms[t] <= view_.terms[t - 1]) return false;
      if (view_.firsts[t + 1] <= view_.firsts[t] || view_.firsts[t + 1] > view_.block_count) return false;
      if (!is_weight(view_.peaks[t]) || !postings(t)) return false;
    }
    return data_at_ == view_.data_bytes && postings_ == view_.posting_count;
  }

  bool palette() const {
    for (uint32_t i = 0; i < view_.palette_count; i++) {
      if (!is_weight(view_.palette[i]) || (i > 0 && view_.palette[i] <= view_.palette[i - 1])) return false;
    }
    return true;
  }

  bool lengths() const {
    uint64_t total = 0;
    for (uint32_t row = 0; view_.lengths != nullptr && row < view_.row_count; row++) {
      if (view_.lengths[row] > kLengthMax) return false;
      total += view_.lengths[row];
    }
    return total == view_.length_total;
  }

 private:
  bool postings(uint32_t term) {
    uint64_t count = 0;
    int64_t row_before = -1;
    for (uint32_t b = view_.firsts[term]; b < view_.firsts[term + 1]; b++) {
      const Block &block = view_.blocks[b];
      if (int64_t(block.first_row) <= row_before || !content(b, view_.peaks[term])) return false;
      row_before = last_row(block);
      count += posting_count(block);
    }
    postings_ += count;
    return count == view_.counts[term];
  }

  bool content(uint32_t number, float peak) {
    const Block &block = view_.blocks[number];
    const uint32_t count = posting_count(block);
    const uint32_t size = data_bytes(count, is_wide(block), view_.weight_bytes);
    if (block.at != data_at_ / 4 || data_at_ % 4 != 0 || size > view_.data_bytes - data_at_) return false;
    const uint8_t *data = view_.data + data_at_;
    data_at_ += size;
    if (last_row(block) >= view_.row_count) return false;

    uint16_t offsets[kBlockPostingsMax];
    read_rows(view_, block, offsets);
    const uint32_t window = block.first_row & ~(kWindowRows - 1);
    if ((window | offsets[0]) != block.first_row || offsets[count - 1] != block.last_offset) return false;
    const double bound = bounded_weight(peak, block.bound);
    const uint32_t shortest = view_.shortest == nullptr ? 0 : length_floor(view_.shortest[number]);
    for (uint32_t i = 0; i < count; i++) {
      // A difference of 0, or a sum beyond the window, which wraps, breaks the order.
      if (i > 0 && offsets[i] <= offsets[i - 1]) return false;
      if (!weight_is_true(data, i, bound)) return false;
      if (view_.lengths != nullptr && view_.lengths[window | offsets[i]] < shortest) return false;
    }
    return true;
  }

  bool weight_is_true(const uint8_t *data, uint32_t i, double bound) const {
    if (view_.weight_bytes == 1 && data[i] >= view_.palette_count) return false;
    if (view_.weight_bytes == 2 && load_u16(data + 2 * i) >= view_.palette_count) return false;
    const float weight = weight_at(view_, data, i);
    return is_weight(weight) && weight <= bound && (view_.lengths == nullptr || weight <= kFrequencyMax);
  }

  const View &view_;
  uint64_t data_at_ = 0;
  uint64_t postings_ = 0;
};

template <class T>
const T *section(const uint8_t *image, const ImageHeader &header, SectionId id) {
  return reinterpret_cast<const T *>(image + header.sections[id].offset);
}

View view_of(const uint8_t *image, const ImageHeader &header) {
  View view;
  view.row_count = header.row_count;
  view.term_count = header.term_count;
  view.block_count = header.block_count;
  view.weight_bytes = header.weight_bytes;
  view.palette_count = uint32_t(header.sections[kPalette].size_bytes / 4);
  view.posting_count = header.posting_count;
  view.length_total = header.length_total;
  view.terms = section<uint32_t>(image, header, kTerms);
  view.firsts = section<uint32_t>(image, header, kFirsts);
  view.counts = section<uint32_t>(image, header, kCounts);
  view.peaks = section<float>(image, header, kPeaks);
  view.blocks = section<Block>(image, header, kBlocks);
  if (header.has_lengths != 0) {
    view.shortest = section<uint8_t>(image, header, kShortest);
    view.lengths = section<uint32_t>(image, header, kLengths);
  }
  view.palette = section<float>(image, header, kPalette);
  view.data = section<uint8_t>(image, header, kData);
  view.data_bytes = header.sections[kData].size_bytes;
  return view;
}

}  // namespace

uint64_t checksum(const uint8_t *image, uint64_t size_bytes) {
  ImageHeader header;
  memcpy(&header, image, sizeof(header));
  header.checksum = 0;
  Sum sum;
  sum.add(reinterpret_cast<const uint8_t *>(&header), sizeof(header));
  sum.add(image + sizeof(header), size_bytes - sizeof(header));
  return sum.total(size_bytes);
}

elanus_status read_view(const uint8_t *image, uint64_t size_bytes, View *out) {
  if (image == nullptr || reinterpret_cast<uintptr_t>(image) % 8 != 0) return ELANUS_INVALID;
  if (size_bytes < sizeof(ImageHeader)) return ELANUS_INVALID;
  ImageHeader header;
  memcpy(&header, image, sizeof(header));
  if (header.magic != kImageMagic) return ELANUS_INVALID;
  if (header.version != kImageVersion) return ELANUS_UNSUPPORTED;
  if (header.size_bytes != size_bytes || header.checksum != checksum(image, size_bytes)) return ELANUS_INVALID;
  if (!header_agrees(header)) return ELANUS_INVALID;
  const View view = view_of(image, header);
  Walk walk(view);
  if (!walk.palette() || !walk.lengths() || !walk.terms()) return ELANUS_INVALID;
  *out = view;
  return ELANUS_OK;
}

}  // namespace elanus::sparse
