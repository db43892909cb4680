// IvfBuilder: holds sign planes by row until all lists are known, which is as much memory as the blocks take.
#include "index/ivf_builder.h"

#include "quant/code.h"
#include "quant/k_means.h"

namespace elanus {
namespace {

constexpr uint32_t kSamplePerList = 32;
constexpr uint32_t kIterations = 5;
constexpr size_t kSampleBytesMax = size_t(64) << 20;

}  // namespace

bool IvfBuilder::init(const Quantizer &quantizer, uint32_t row_count, uint32_t list_count) {
  const uint32_t dim = quantizer.padded_dim();
  size_t signs;
  if (!multiply(row_count, dim / 8, &signs) || !signs_.resize(signs)) return false;
  if (!list_.resize(row_count) || !factors_.resize(row_count) || !centre_.resize(dim)) return false;
  if (!ivf_.centres_.init(list_count, dim)) return false;
  for (uint32_t i = 0; i < list_count; i++) ivf_.centres_.set(i, centre_.data());
  if (!scan_.init(ivf_.centres_, quantizer.kernels().frame)) return false;
  quantizer_ = &quantizer;
  ivf_.row_count_ = row_count;
  added_ = 0;
  return true;
}

bool IvfBuilder::train(const Vectors &vectors) {
  const uint32_t dim = quantizer_->padded_dim(), lists = ivf_.list_count();
  if (lists == 1 || vectors.count == 0) return true;
  uint64_t sampled = uint64_t(lists) * kSamplePerList;
  const uint64_t fit = kSampleBytesMax / (dim * sizeof(float));
  if (sampled > fit) sampled = fit > lists ? fit : lists;
  if (sampled > vectors.count) sampled = vectors.count;
  Array<float> sample, scratch;
  size_t values;
  if (!multiply(size_t(sampled), dim, &values) || !sample.resize(values) || !scratch.resize(vectors.dim)) return false;
  for (uint64_t i = 0; i < sampled; i++) {
    quantizer_->to_frame(vectors.row(uint32_t(i * vectors.count / sampled)), scratch.data(), sample.data() + i * dim);
  }
  KMeans k_means;
  if (!k_means.init(*quantizer_, sample.data(), uint32_t(sampled))) return false;
  if (!k_means.run(kIterations, quantizer_->seed(), &ivf_.centres_)) return false;
  return scan_.init(ivf_.centres_, quantizer_->kernels().frame);
}

void IvfBuilder::add(Encoder *encoder) {
  if (scan_.scans()) encoder->prepare_scan();
  const uint32_t list = scan_.nearest(encoder->query(), ivf_.centres_).first;
  ivf_.centres_.read(list, centre_.data());
  list_[added_] = list;
  encoder->encode1(centre_.data(), signs_.data() + size_t(added_) * (quantizer_->padded_dim() / 8), &factors_[added_]);
  added_++;
}

bool IvfBuilder::finish(Ivf *out) {
  const uint32_t lists = ivf_.list_count(), rows = ivf_.row_count_;
  Array<uint32_t> order, next;
  if (!ivf_.sizes_.resize(lists) || !ivf_.begins_.resize(lists + 1)) return false;
  if (!order.resize(rows) || !next.resize(lists)) return false;
  for (uint32_t list : list_) ivf_.sizes_[list]++;
  for (uint32_t i = 0, rows_before = 0; i < lists; i++) {
    next[i] = rows_before;
    rows_before += ivf_.sizes_[i];
    ivf_.begins_[i + 1] = ivf_.begins_[i] + (ivf_.sizes_[i] + kScanRows - 1) / kScanRows;
  }
  for (uint32_t row = 0; row < rows; row++) order[next[list_[row]]++] = row;
  size_t size_bytes;
  if (!multiply(ivf_.begins_[lists], ivf_.block_bytes(), &size_bytes) || !ivf_.owned_.resize(size_bytes)) return false;
  ivf_.blocks_ = ivf_.owned_.data();
  for (uint32_t i = 0; i < lists; i++) {
    fill(i, order.data() + (next[i] - ivf_.sizes_[i]), ivf_.owned_.data() + ivf_.begins_[i] * ivf_.block_bytes());
  }
  if (!ivf_.derive(*quantizer_)) return false;
  *out = static_cast<Ivf &&>(ivf_);
  return true;
}

void IvfBuilder::fill(uint32_t list, const uint32_t *rows, uint8_t *blocks) const {
  const uint32_t dim = quantizer_->padded_dim();
  for (uint32_t begin = 0; begin < ivf_.sizes_[list]; begin += kScanRows, blocks += ivf_.block_bytes()) {
    const uint32_t left = ivf_.sizes_[list] - begin;
    const uint32_t count = left < kScanRows ? left : kScanRows;
    const uint8_t *signs[kScanRows];
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t row = rows[begin + i];
      signs[i] = signs_.data() + size_t(row) * (dim / 8);
      memcpy(blocks + scan_base_at(dim) + i * 4, &factors_[row].base, 4);
      memcpy(blocks + scan_row_at(dim) + i * 4, &row, 4);
      memcpy(blocks + scan_scale_at(dim) + i * 2, &factors_[row].scale, 2);
    }
    scan_nibbles_of(signs, count, dim, blocks);
  }
}

}  // namespace elanus
