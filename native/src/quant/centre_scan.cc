// CentreScan: a centre is a residual to the origin.
#include "quant/centre_scan.h"

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
  if (!point.resize(dim) || !positive.resize(dim) || !signs.resize(kScanRows * (dim / 8))) return false;
  padded_dim_ = dim;
  block_count_ = blocks;
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

}  // namespace elanus
