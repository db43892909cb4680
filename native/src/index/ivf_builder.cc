// IvfBuilder: holds sign planes by row until all lists are known, which is as much memory as the blocks take.
#include "index/ivf_builder.h"

#include "quant/code.h"

namespace elanus {
namespace {

constexpr uint32_t kSamplePerList = 32;
constexpr uint32_t kIterations = 5;
constexpr size_t kSampleBytesMax = size_t(64) << 20;

// Where a list stands in its last block: 1 .. 32 rows, or 0 if it is empty.
uint32_t tail_of(uint32_t size) { return size == 0 ? 0 : (size - 1) % kScanRows + 1; }

// The order of lists in which few touch a block more than they must: after a list that leaves a block partly filled
// comes the one whose tail fills most of what is free, so that most lists begin or end where a block does.
// `sizes` of the lists; writes their numbers in that order. False if there is no memory.
bool order_by_tails(const Array<uint32_t> &sizes, Array<uint32_t> *order) {
  // Lists by tail, those of one tail in their own order.
  uint32_t next[kScanRows + 1] = {}, end[kScanRows + 1] = {};
  Array<uint32_t> lists;
  if (!lists.resize(sizes.size()) || !order->resize(sizes.size())) return false;
  for (uint32_t size : sizes) end[tail_of(size)]++;
  for (uint32_t tail = 1; tail <= kScanRows; tail++) end[tail] += end[tail - 1];
  for (uint32_t tail = 1; tail <= kScanRows; tail++) next[tail] = end[tail - 1];
  uint32_t place[kScanRows + 1];
  memcpy(place, next, sizeof(place));
  for (uint32_t i = 0; i < sizes.size(); i++) lists[place[tail_of(sizes[i])]++] = i;
  uint32_t filled = 0;
  for (uint32_t &list : *order) {
    uint32_t tail = kScanRows - filled;
    while (tail > 0 && next[tail] == end[tail]) tail--;
    // None is short enough: the longest tail.
    if (next[tail] == end[tail]) {
      for (tail = kScanRows; next[tail] == end[tail];) tail--;
    }
    list = lists[next[tail]++];
    filled = (filled + tail) % kScanRows;
  }
  return true;
}

}  // namespace

bool IvfBuilder::init(const Quantizer &quantizer, uint32_t row_count, uint32_t list_count) {
  const uint32_t dim = quantizer.padded_dim();
  size_t signs;
  if (!multiply(row_count, dim / 8, &signs) || !signs_.resize(signs)) return false;
  if (!list_.resize(row_count) || !factors_.resize(row_count) || !room_.centre.resize(dim)) return false;
  if (!ivf_.centres_.init(list_count, dim)) return false;
  for (uint32_t i = 0; i < list_count; i++) ivf_.centres_.set(i, room_.centre.data());
  if (!scan_.init(ivf_.centres_, quantizer.kernels().frame)) return false;
  quantizer_ = &quantizer;
  ivf_.row_count_ = row_count;
  added_ = 0;
  return init_room(&room_);
}

bool IvfBuilder::begin_training(const Vectors &vectors) {
  const uint32_t lists = ivf_.list_count();
  if (lists == 1 || vectors.count == 0) return true;
  uint64_t sampled = uint64_t(lists) * kSamplePerList;
  const uint64_t fit = kSampleBytesMax / (quantizer_->padded_dim() * sizeof(float));
  if (sampled > fit) sampled = fit > lists ? fit : lists;
  if (sampled > vectors.count) sampled = vectors.count;
  return training_.begin(*quantizer_, {vectors, uint32_t(sampled), kIterations, nullptr, &ivf_.centres_});
}

bool IvfBuilder::end_training() { return scan_.init(ivf_.centres_, quantizer_->kernels().frame); }

bool IvfBuilder::train(const Vectors &vectors) { return begin_training(vectors) && training_.run() && end_training(); }

bool IvfBuilder::init_room(Room *room) const {
  return room->centre.resize(quantizer_->padded_dim()) && room->estimates.resize(scan_.padded_count());
}

void IvfBuilder::put(uint32_t row, Encoder *encoder, Room *room) {
  if (scan_.scans()) encoder->prepare_scan();
  const uint32_t list = scan_.nearest(encoder->query(), ivf_.centres_, room->estimates.data()).first;
  ivf_.centres_.read(list, room->centre.data());
  list_[row] = list;
  encoder->encode1(room->centre.data(), signs_.data() + size_t(row) * (quantizer_->padded_dim() / 8), &factors_[row]);
}

bool IvfBuilder::finish(Ivf *out) {
  const uint32_t lists = ivf_.list_count(), rows = ivf_.row_count_;
  Array<uint32_t> order, next;
  if (!number_lists() || !ivf_.begins_.resize(lists + 1)) return false;
  if (!order.resize(rows) || !next.resize(lists)) return false;
  for (uint32_t list : list_) ivf_.begins_[list + 1]++;
  for (uint32_t i = 0; i < lists; i++) {
    next[i] = ivf_.begins_[i];
    ivf_.begins_[i + 1] += ivf_.begins_[i];
  }
  for (uint32_t row = 0; row < rows; row++) order[next[list_[row]]++] = row;
  size_t size_bytes;
  if (!multiply(ivf_.block_count(), ivf_.block_bytes(), &size_bytes) || !ivf_.owned_.resize(size_bytes)) return false;
  ivf_.blocks_ = ivf_.owned_.data();
  for (uint32_t begin = 0; begin < rows; begin += kScanRows) {
    const uint32_t left = rows - begin;
    fill(order.data() + begin, left < kScanRows ? left : kScanRows,
         ivf_.owned_.data() + begin / kScanRows * ivf_.block_bytes());
  }
  if (!ivf_.derive(*quantizer_)) return false;
  *out = static_cast<Ivf &&>(ivf_);
  return true;
}

// Gives the lists the numbers of their places.
bool IvfBuilder::number_lists() {
  const uint32_t lists = ivf_.list_count();
  const CodeRows centres = ivf_.centres_.rows();
  Array<uint32_t> sizes, order, number;
  Array<uint8_t> moved;
  if (!sizes.resize(lists) || !number.resize(lists) || !moved.resize(ivf_.centres_.bytes())) return false;
  for (uint32_t list : list_) sizes[list]++;
  if (!order_by_tails(sizes, &order)) return false;
  for (uint32_t i = 0; i < lists; i++) {
    number[order[i]] = i;
    memcpy(moved.data() + i * centres.stride, centres.records + order[i] * centres.stride, centres.stride);
  }
  for (uint32_t &list : list_) list = number[list];
  return ivf_.centres_.restore(moved.data(), lists, quantizer_->padded_dim());
}

void IvfBuilder::fill(const uint32_t *rows, uint32_t count, uint8_t *block) const {
  const uint32_t dim = quantizer_->padded_dim();
  const uint8_t *signs[kScanRows];
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t row = rows[i];
    signs[i] = signs_.data() + size_t(row) * (dim / 8);
    memcpy(block + scan_base_at(dim) + i * 4, &factors_[row].base, 4);
    memcpy(block + scan_row_at(dim) + i * 4, &row, 4);
    memcpy(block + scan_scale_at(dim) + i * 2, &factors_[row].scale, 2);
  }
  scan_nibbles_of(signs, count, dim, block);
}

}  // namespace elanus
