// SparseBuilder: postings are sorted by term with a stable radix sort, so that rows stay in order; one pass plans the
// image and its size, a second writes it.
#include "sparse/sparse_builder.h"

#include <math.h>
#include <string.h>

#include <algorithm>

namespace elanus {

using namespace sparse;

namespace {

constexpr uint64_t kPostingsMax = 0xffffffff;
constexpr uint32_t kSlots = 4 * kPaletteMax;  // a power of two

template <class T>
bool grow(Array<T> *array, uint64_t needed) {
  if (needed <= array->size()) return true;
  const uint64_t wanted = std::max<uint64_t>(needed, array->size() * 2 + 1024);
  return wanted <= SIZE_MAX / sizeof(T) && array->resize(size_t(wanted));
}

// The distinct weights, as long as they are few: an open hash table, then a sorted list.
class Palette {
 public:
  bool open() { return slots_.resize(kSlots) && values_.resize(kPaletteMax); }

  void add(float weight) {
    if (overflown_) return;
    uint32_t bits;
    memcpy(&bits, &weight, sizeof(bits));
    uint32_t at = (bits * 0x9e3779b9u) >> 18;
    while (slots_[at] != 0 && slots_[at] != bits) at = (at + 1) % kSlots;
    if (slots_[at] == bits) return;
    overflown_ = count_ == kPaletteMax;
    if (overflown_) return;
    slots_[at] = bits;  // never 0, since weights are above 0
    values_[count_++] = weight;
  }

  void finish() {
    if (overflown_) count_ = 0;
    std::sort(values_.begin(), values_.begin() + count_);
  }

  uint32_t count() const { return count_; }
  uint32_t weight_bytes() const { return overflown_ ? 4 : count_ <= 256 ? 1 : 2; }
  const float *values() const { return values_.data(); }
  uint32_t number_of(float weight) const {
    return uint32_t(std::lower_bound(values_.begin(), values_.begin() + count_, weight) - values_.begin());
  }

 private:
  Array<uint32_t> slots_;
  Array<float> values_;
  uint32_t count_ = 0;
  bool overflown_ = false;
};

uint8_t bound_of(float weight, float peak) {
  uint32_t bound = uint32_t(double(weight) / peak * 255);
  if (bound > 255) bound = 255;
  while (bounded_weight(peak, uint8_t(bound)) < weight) bound++;
  return uint8_t(bound);
}

}  // namespace

// Where blocks and terms begin, and how large everything is.
class SparseBuilder::Plan {
 public:
  // A run of postings that makes a block: [begin, end), none of them in another window.
  struct Run {
    uint64_t begin, end;
    bool wide;
  };

  explicit Plan(const SparseBuilder &builder) : builder_(builder) {}

  bool make() {
    if (!palette_.open()) return false;
    const Posting *postings = builder_.postings_.data();
    for (uint64_t i = 0; i < builder_.posting_count_; i++) {
      palette_.add(postings[i].weight);
      term_count_ += i == 0 || postings[i].term != postings[i - 1].term;
    }
    palette_.finish();
    for (uint64_t i = 0; i < builder_.posting_count_;) {
      const Run run = run_at(i);
      data_bytes_ += sparse::data_bytes(uint32_t(run.end - run.begin), run.wide, palette_.weight_bytes());
      block_count_++;
      i = run.end;
    }
    return true;
  }

  Run run_at(uint64_t begin) const {
    const Posting *postings = builder_.postings_.data();
    Run run = {begin, begin + 1, false};
    while (run.end < builder_.posting_count_ && run.end - begin < kBlockPostingsMax) {
      const Posting &posting = postings[run.end];
      if (posting.term != postings[begin].term || window_of(posting.row) != window_of(postings[begin].row)) break;
      run.wide |= posting.row - postings[run.end - 1].row > 255;
      run.end++;
    }
    return run;
  }

  ImageHeader header() const {
    const bool has_lengths = builder_.weights_ == SparseWeights::kFrequencies;
    ImageHeader header = {};
    header.magic = kImageMagic;
    header.version = kImageVersion;
    header.row_count = builder_.row_count_;
    header.term_count = uint32_t(term_count_);
    header.block_count = uint32_t(block_count_);
    header.weight_bytes = palette_.weight_bytes();
    header.posting_count = builder_.posting_count_;
    header.length_total = builder_.length_total_;
    header.has_lengths = has_lengths;
    const uint64_t sizes[kSectionCount] = {
        4 * term_count_, 4 * (term_count_ + 1), 4 * term_count_, 4 * term_count_, sizeof(Block) * block_count_,
        has_lengths ? block_count_ : 0, has_lengths ? 4 * uint64_t(builder_.row_count_) : 0,
        4 * uint64_t(palette_.count()), data_bytes_};
    uint64_t end = sizeof(ImageHeader);
    for (uint32_t i = 0; i < kSectionCount; i++) {
      end = (end + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
      header.sections[i] = {end, sizes[i]};
      end += sizes[i];
    }
    header.size_bytes = end;
    return header;
  }

  const sparse::Block *none() const { return nullptr; }
  const Palette &palette() const { return palette_; }
  uint64_t data_bytes() const { return data_bytes_; }

 private:
  const SparseBuilder &builder_;
  Palette palette_;
  uint64_t term_count_ = 0;
  uint64_t block_count_ = 0;
  uint64_t data_bytes_ = 0;
};

elanus_status SparseBuilder::add(const SparseVector &row, uint32_t length) {
  const bool frequencies = weights_ == SparseWeights::kFrequencies;
  if (row_count_ == kRowsMax || (!frequencies && length != 0) || length > kLengthMax) return ELANUS_INVALID;
  if (row.count > 0 && (row.terms == nullptr || row.weights == nullptr)) return ELANUS_INVALID;
  if (row.count > kPostingsMax - posting_count_) return ELANUS_INVALID;
  for (uint32_t i = 0; i < row.count; i++) {
    if (i > 0 && row.terms[i] <= row.terms[i - 1]) return ELANUS_INVALID;
    if (!(row.weights[i] >= 0) || !isfinite(row.weights[i])) return ELANUS_INVALID;
    if (frequencies && row.weights[i] > kFrequencyMax) return ELANUS_INVALID;
  }
  if (!grow(&postings_, posting_count_ + row.count)) return ELANUS_NO_MEMORY;
  if (frequencies && !grow(&lengths_, uint64_t(row_count_) + 1)) return ELANUS_NO_MEMORY;
  for (uint32_t i = 0; i < row.count; i++) {
    if (row.weights[i] > 0) postings_[size_t(posting_count_++)] = {row.terms[i], row_count_, row.weights[i]};
  }
  if (frequencies) lengths_[row_count_] = length;
  length_total_ += length;
  row_count_++;
  return ELANUS_OK;
}

// Least significant byte first; a byte that all terms share is passed over.
bool SparseBuilder::sort_by_term() {
  Array<Posting> other;
  if (posting_count_ > SIZE_MAX / sizeof(Posting) || !other.resize(size_t(posting_count_))) return false;
  for (uint32_t shift = 0; shift < 32; shift += 8) {
    uint64_t starts[257] = {};
    for (uint64_t i = 0; i < posting_count_; i++) starts[(postings_[size_t(i)].term >> shift & 255) + 1]++;
    if (*std::max_element(starts, starts + 257) == posting_count_) continue;
    for (uint32_t byte = 0; byte < 256; byte++) starts[byte + 1] += starts[byte];
    for (uint64_t i = 0; i < posting_count_; i++) {
      const Posting &posting = postings_[size_t(i)];
      other[size_t(starts[posting.term >> shift & 255]++)] = posting;
    }
    std::swap(postings_, other);
    // The one just filled has no room to spare; the next pass writes as much again, never more.
  }
  return true;
}

elanus_status SparseBuilder::finish(Array<uint8_t> *image) {
  if (image == nullptr) return ELANUS_INVALID;
  if (!sort_by_term()) return ELANUS_NO_MEMORY;
  Plan plan(*this);
  if (!plan.make()) return ELANUS_NO_MEMORY;
  if (plan.data_bytes() / 4 > 0xffffffffu) return ELANUS_UNSUPPORTED;
  const elanus_status status = write(plan, image);
  if (status != ELANUS_OK) return status;
  row_count_ = 0;
  posting_count_ = length_total_ = 0;
  postings_ = Array<Posting>();
  lengths_ = Array<uint32_t>();
  return ELANUS_OK;
}

elanus_status SparseBuilder::write(const Plan &plan, Array<uint8_t> *image) const {
  ImageHeader header = plan.header();
  Array<uint8_t> bytes;
  if (header.size_bytes > SIZE_MAX || !bytes.resize(size_t(header.size_bytes))) return ELANUS_NO_MEMORY;
  const auto at = [&](SectionId id) { return bytes.data() + header.sections[id].offset; };
  uint32_t *terms = reinterpret_cast<uint32_t *>(at(kTerms));
  uint32_t *firsts = reinterpret_cast<uint32_t *>(at(kFirsts));
  uint32_t *counts = reinterpret_cast<uint32_t *>(at(kCounts));
  float *peaks = reinterpret_cast<float *>(at(kPeaks));
  Block *block = reinterpret_cast<Block *>(at(kBlocks));
  uint8_t *shortest = at(kShortest);
  uint8_t *data = at(kData);
  const bool has_lengths = header.has_lengths != 0;
  if (has_lengths && row_count_ > 0) memcpy(at(kLengths), lengths_.data(), size_t(row_count_) * 4);
  if (plan.palette().count() > 0) memcpy(at(kPalette), plan.palette().values(), size_t(plan.palette().count()) * 4);

  uint64_t term = 0, block_number = 0;
  for (uint64_t i = 0; i < posting_count_;) {
    uint64_t end = i;
    float peak = 0;
    for (; end < posting_count_ && postings_[size_t(end)].term == postings_[size_t(i)].term; end++) {
      peak = std::max(peak, postings_[size_t(end)].weight);
    }
    terms[term] = postings_[size_t(i)].term;
    firsts[term] = uint32_t(block_number);
    counts[term] = uint32_t(end - i);
    peaks[term++] = peak;
    while (i < end) {
      const Plan::Run run = plan.run_at(i);
      const Posting *postings = postings_.data() + run.begin;
      const uint32_t count = uint32_t(run.end - run.begin);
      *block = {postings[0].row, uint32_t((data - at(kData)) / 4), uint16_t(postings[count - 1].row % kWindowRows),
                uint8_t((count - 1) | (run.wide ? 128u : 0u)), 0};
      float largest = 0;
      uint32_t least = 0xffffffff;
      uint8_t *rows = data + size_t(count) * header.weight_bytes;
      for (uint32_t p = 0; p < count; p++) {
        const uint32_t number = plan.palette().number_of(postings[p].weight);
        const void *weight = header.weight_bytes == 4 ? static_cast<const void *>(&postings[p].weight) : &number;
        memcpy(data + size_t(p) * header.weight_bytes, weight, header.weight_bytes);
        if (run.wide) {
          const uint16_t offset = uint16_t(postings[p].row % kWindowRows);
          memcpy(rows + 2 * p, &offset, 2);
        } else if (p > 0) {
          rows[p - 1] = uint8_t(postings[p].row - postings[p - 1].row);
        }
        largest = std::max(largest, postings[p].weight);
        if (has_lengths) least = std::min(least, lengths_[postings[p].row]);
      }
      block->bound = bound_of(largest, peak);
      if (has_lengths) shortest[block_number] = length_code(least);
      data += data_bytes(count, run.wide, header.weight_bytes);
      block++;
      block_number++;
      i = run.end;
    }
  }
  firsts[term] = uint32_t(block_number);
  memcpy(bytes.data(), &header, sizeof(header));
  header.checksum = checksum(bytes.data(), header.size_bytes);
  memcpy(bytes.data(), &header, sizeof(header));
  *image = static_cast<Array<uint8_t> &&>(bytes);
  return ELANUS_OK;
}

}  // namespace elanus
