// CentreScan: a centre is a residual to the origin.
#include "quant/centre_scan.h"

#include <float.h>
#include <math.h>

#include "quant/code.h"

namespace elanus {

bool CentreScan::init(const Centres &centres, const FrameKernels &kernels) {
  const uint32_t dim = centres.padded_dim();
  const uint32_t blocks = (centres.count() + kScanRows - 1) / kScanRows;
  size_t size_bytes;
  Array<float> point;
  Array<uint8_t> positive, signs;
  if (!multiply(blocks, scan_block_bytes(dim), &size_bytes) || !blocks_.resize(size_bytes)) return false;
  if (!estimates_.resize(size_t(blocks) * kScanRows)) return false;
  if (!point.resize(dim) || !positive.resize(dim) || !signs.resize(kScanRows * (dim / 8))) return false;
  count_ = centres.count();
  padded_dim_ = dim;
  block_count_ = blocks;
  norm2_max_ = 0;
  for (uint32_t begin = 0; begin < centres.count(); begin += kScanRows) {
    uint8_t *block = blocks_.data() + begin / kScanRows * scan_block_bytes(dim);
    const uint32_t left = centres.count() - begin;
    const uint32_t count = left < kScanRows ? left : kScanRows;
    const uint8_t *planes[kScanRows];
    for (uint32_t i = 0; i < count; i++) {
      centres.read(begin + i, point.data());
      uint8_t *plane = signs.data() + i * (dim / 8);
      for (uint32_t j = 0; j < dim; j++) {
        positive[j] = point[j] > 0;
        if (j % 8 == 0) plane[j / 8] = 0;
        plane[j / 8] = uint8_t(plane[j / 8] | positive[j] << (j % 8));
      }
      planes[i] = plane;
      const CodeSums sums = kernels.sum_levels(point.data(), point.data(), positive.data(), dim, 0, 0.5f);
      const float norm2 = centres.norm2(begin + i);
      norm2_max_ = norm2_max_ < norm2 ? norm2 : norm2_max_;
      const uint16_t scale = sums.residual > 0 ? stored_scale(norm2 / sums.residual) : 0;
      memcpy(block + scan_base_at(dim) + i * 4, &norm2, 4);
      memcpy(block + scan_scale_at(dim) + i * 2, &scale, 2);
    }
    scan_nibbles_of(planes, count, dim, block);
  }
  return true;
}

void CentreScan::estimate(const Query &query, float *out) const {
  for (uint32_t i = 0; i < block_count_; i++) {
    query.scan(blocks_.data() + i * scan_block_bytes(padded_dim_), query.norm2(), INFINITY, out + i * kScanRows);
  }
}

namespace {

constexpr uint32_t kBatch = 64;
// An estimate is off by this many times |q| |c| / sqrt(d) at most, nearly always: twice, for the factor 2 of the inner
// product, two deviations of 0.75.
constexpr float kReach = 3;

void offer(Nearest *best, uint32_t centre, float distance) {
  if (!(distance < best->second_distance)) return;
  if (distance < best->first_distance) {
    best->second = best->first;
    best->second_distance = best->first_distance;
    best->first = centre;
    best->first_distance = distance;
  } else {
    best->second = centre;
    best->second_distance = distance;
  }
}

}  // namespace

Nearest nearest_of(const Query &query, const Centres &centres) {
  float distances[kBatch];
  Nearest best = {0, 0, FLT_MAX, FLT_MAX};
  for (uint32_t begin = 0; begin < centres.count(); begin += kBatch) {
    const uint32_t left = centres.count() - begin;
    const uint32_t count = left < kBatch ? left : kBatch;
    query.distances(centres, begin, count, distances);
    for (uint32_t i = 0; i < count; i++) offer(&best, begin + i, distances[i]);
  }
  return best;
}

Nearest CentreScan::nearest(const Query &query, const Centres &centres, float *estimates) const {
  const uint32_t count = count_;
  if (!scans()) return nearest_of(query, centres);
  estimate(query, estimates);
  float lowest = estimates[0];
  for (uint32_t i = 1; i < count; i++) lowest = lowest < estimates[i] ? lowest : estimates[i];
  const float bar = lowest + kReach * sqrtf(query.norm2() / float(padded_dim_)) * sqrtf(norm2_max_);
  Nearest best = {0, 0, FLT_MAX, FLT_MAX};
  uint32_t ids[kBatch], size = 0;
  float distances[kBatch];
  const auto flush = [&] {
    query.distances_of(centres, ids, size, distances);
    for (uint32_t i = 0; i < size; i++) offer(&best, ids[i], distances[i]);
    size = 0;
  };
  for (uint32_t i = 0; i < count; i++) {
    ids[size] = i;
    size += estimates[i] <= bar;
    if (size == kBatch) flush();
  }
  flush();
  return best;
}

}  // namespace elanus
