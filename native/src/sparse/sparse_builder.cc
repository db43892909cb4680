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

  const Palette &palette() const { return palette_; }
  uint64_t data_bytes() const { return data_bytes_; }

 private:
  const SparseBuilder &builder_;
  Palette palette_;
  uint64_t term_count_ = 0;
  uint64_t block_count_ = 0;
  uint64_t data_bytes_ = 0;
};

bool is_sparse_vector(const SparseVector &vector) {
  if (vector.count > 0 && (vector.terms == nullptr || vector.weights == nullptr)) return false;
  for (uint32_t i = 0; i < vector.count; i++) {
    if (i > 0 && vector.terms[i] <= vector.terms[i - 1]) return false;
    if (!(vector.weights[i] >= 0) || !isfinite(vector.weights[i])) return false;
  }
  return true;
}

elanus_status SparseBuilder::reserve(uint32_t rows, uint64_t postings) {
  if (rows > kRowsMax - row_count_ || postings > kPostingsMax - posting_count_) return ELANUS_INVALID;
  if (!grow(&postings_, posting_count_ + postings)) return ELANUS_NO_MEMORY;
  const bool frequencies = weights_ == SparseWeights::kFrequencies;
  return !frequencies || grow(&lengths_, uint64_t(row_count_) + rows) ? ELANUS_OK : ELANUS_NO_MEMORY;
}

bool SparseBuilder::takes(const SparseVector &row, uint32_t length) const {
  const bool frequencies = weights_ == SparseWeights::kFrequencies;
  if ((!frequencies && length != 0) || length > kLengthMax || !is_sparse_vector(row)) return false;
  for (uint32_t i = 0; frequencies && i < row.count; i++) {
    if (row.weights[i] > kFrequencyMax) return false;
  }
  return true;
}

elanus_status SparseBuilder::add(const SparseVector &row, uint32_t length) {
  if (!takes(row, length)) return ELANUS_INVALID;
  const elanus_status reserved = reserve(1, row.count);
  if (reserved != ELANUS_OK) return reserved;
  for (uint32_t i = 0; i < row.count; i++) {
    if (row.weights[i] > 0) postings_[size_t(posting_count_++)] = {row.terms[i], row_count_, row.weights[i]};
  }
  if (weights_ == SparseWeights::kFrequencies) lengths_[row_count_] = length;
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
  }
  return true;
}

// Writes terms and blocks, in order, into the sections of an image.
class SparseBuilder::Writer {
 public:
  Writer(const SparseBuilder &builder, const Plan &plan, const ImageHeader &header, uint8_t *image)
      : builder_(builder), plan_(plan), header_(header), image_(image), data_(image + header.sections[kData].offset) {}

  void write() {
    for (uint64_t begin = 0; begin < builder_.posting_count_;) begin = write_term(begin);
    section<uint32_t>(kFirsts)[term_] = block_;
    const Palette &palette = plan_.palette();
    if (palette.count() > 0) memcpy(section<float>(kPalette), palette.values(), palette.count() * sizeof(float));
    const uint64_t lengths_bytes = header_.sections[kLengths].size_bytes;
    if (lengths_bytes > 0) memcpy(section<uint32_t>(kLengths), builder_.lengths_.data(), size_t(lengths_bytes));
  }

 private:
  template <class T>
  T *section(SectionId id) const {
    return reinterpret_cast<T *>(image_ + header_.sections[id].offset);
  }

  uint64_t write_term(uint64_t begin) {
    const Posting *postings = builder_.postings_.data();
    uint64_t end = begin;
    float peak = 0;
    for (; end < builder_.posting_count_ && postings[end].term == postings[begin].term; end++) {
      peak = std::max(peak, postings[end].weight);
    }
    section<uint32_t>(kTerms)[term_] = postings[begin].term;
    section<uint32_t>(kFirsts)[term_] = block_;
    section<uint32_t>(kCounts)[term_] = uint32_t(end - begin);
    section<float>(kPeaks)[term_++] = peak;
    for (uint64_t at = begin; at < end;) {
      const Plan::Run run = plan_.run_at(at);
      write_block(postings + run.begin, uint32_t(run.end - run.begin), run.wide, peak);
      at = run.end;
    }
    return end;
  }

  void write_block(const Posting *postings, uint32_t count, bool wide, float peak) {
    float largest = 0;
    uint32_t shortest = kLengthMax;
    for (uint32_t i = 0; i < count; i++) {
      largest = std::max(largest, postings[i].weight);
      if (header_.has_lengths != 0) shortest = std::min(shortest, builder_.lengths_[postings[i].row]);
      write_weight(postings[i].weight, i);
    }
    write_rows(postings, count, wide, data_ + size_t(count) * header_.weight_bytes);
    const uint64_t at = uint64_t(data_ - section<uint8_t>(kData)) / 4;
    section<Block>(kBlocks)[block_] = {postings[0].row, uint32_t(at), uint16_t(postings[count - 1].row % kWindowRows),
                                       uint8_t((count - 1) | (wide ? 128u : 0u)), bound_of(largest, peak)};
    if (header_.has_lengths != 0) section<uint8_t>(kShortest)[block_] = length_code(shortest);
    block_++;
    data_ += data_bytes(count, wide, header_.weight_bytes);
  }

  void write_weight(float weight, uint32_t i) {
    uint8_t *at = data_ + size_t(i) * header_.weight_bytes;
    if (header_.weight_bytes == 4) {
      memcpy(at, &weight, 4);
    } else {
      const uint32_t number = plan_.palette().number_of(weight);
      memcpy(at, &number, header_.weight_bytes);
    }
  }

  static void write_rows(const Posting *postings, uint32_t count, bool wide, uint8_t *at) {
    if (wide) {
      for (uint32_t i = 0; i < count; i++) {
        const uint16_t offset = uint16_t(postings[i].row % kWindowRows);
        memcpy(at + 2 * i, &offset, 2);
      }
    } else {
      for (uint32_t i = 1; i < count; i++) at[i - 1] = uint8_t(postings[i].row - postings[i - 1].row);
    }
  }

  const SparseBuilder &builder_;
  const Plan &plan_;
  const ImageHeader &header_;
  uint8_t *const image_;
  uint8_t *data_;       // where the next block goes
  uint32_t term_ = 0;   // terms written
  uint32_t block_ = 0;  // blocks written
};

elanus_status SparseBuilder::finish(Array<uint8_t> *image) {
  if (image == nullptr) return ELANUS_INVALID;
  if (!sort_by_term()) return ELANUS_NO_MEMORY;
  Plan plan(*this);
  if (!plan.make()) return ELANUS_NO_MEMORY;
  if (plan.data_bytes() / 4 > 0xffffffffu) return ELANUS_UNSUPPORTED;
  ImageHeader header = plan.header();
  Array<uint8_t> bytes;
  if (header.size_bytes > SIZE_MAX || !bytes.resize(size_t(header.size_bytes))) return ELANUS_NO_MEMORY;

  Writer(*this, plan, header, bytes.data()).write();
  memcpy(bytes.data(), &header, sizeof(header));
  header.checksum = checksum(bytes.data(), header.size_bytes);
  memcpy(bytes.data(), &header, sizeof(header));
  *image = static_cast<Array<uint8_t> &&>(bytes);
  row_count_ = 0;
  posting_count_ = length_total_ = 0;
  postings_ = Array<Posting>();
  lengths_ = Array<uint32_t>();
  return ELANUS_OK;
}

}  // namespace elanus
