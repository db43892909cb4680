// Ivf: checks what was stored.
#include "index/ivf.h"

#include <math.h>

namespace elanus {

uint32_t ivf_lists_for(uint32_t rows) {
  const uint32_t lists = uint32_t(1.5 * sqrt(double(rows)));
  return lists < 1 ? 1 : lists;
}

size_t Ivf::bytes() const {
  return centres_.bytes() + centre_scan_.bytes() + begins_.bytes() + sizes_.bytes() + offsets_.bytes() + owned_.bytes();
}

Ivf::Sections Ivf::sections() const {
  const uint32_t lists = list_count();
  const size_t blocks_bytes = lists == 0 ? 0 : begins_[lists] * block_bytes();
  return {centres_.rows().records,
          reinterpret_cast<const uint8_t *>(begins_.data()),
          reinterpret_cast<const uint8_t *>(sizes_.data()),
          blocks_,
          lists * centres_.rows().stride,
          begins_.bytes(),
          sizes_.bytes(),
          blocks_bytes};
}

bool Ivf::open(const Sections &sections, uint32_t row_count, const Quantizer &quantizer) {
  const uint32_t dim = quantizer.padded_dim();
  const size_t lists = sections.sizes_bytes / sizeof(uint32_t);
  // No index has more lists than rows, or none.
  if (lists < 1 || (lists > 1 && lists > row_count) || sections.sizes_bytes != lists * sizeof(uint32_t)) return false;
  if (sections.begins_bytes != (lists + 1) * sizeof(uint32_t)) return false;
  if (sections.centres_bytes != lists * code7_bytes(dim)) return false;
  Ivf opened;
  if (!opened.begins_.resize(lists + 1) || !opened.sizes_.resize(lists)) return false;
  memcpy(opened.begins_.data(), sections.begins, sections.begins_bytes);
  memcpy(opened.sizes_.data(), sections.sizes, sections.sizes_bytes);
  uint64_t rows = 0, blocks = 0;
  for (size_t i = 0; i < lists; i++) {
    if (opened.begins_[i] != blocks) return false;
    rows += opened.sizes_[i];
    blocks += (uint64_t(opened.sizes_[i]) + kScanRows - 1) / kScanRows;
  }
  if (rows != row_count || opened.begins_[lists] != blocks) return false;
  if (sections.blocks_bytes != blocks * scan_block_bytes(dim)) return false;
  if (!opened.centres_.restore(sections.centres, uint32_t(lists), dim)) return false;
  opened.row_count_ = row_count;
  opened.blocks_ = sections.blocks;
  if (!opened.derive(quantizer)) return false;
  *this = static_cast<Ivf &&>(opened);
  return true;
}

// Under IP rows are ordered by |q - x|^2 - |x|^2, and so lists by |q - c|^2 - |c|^2, c as given.
bool Ivf::derive(const Quantizer &quantizer) {
  const uint32_t dim = padded_dim();
  const FrameKernels &kernels = quantizer.kernels().frame;
  Array<float> point;
  if (!centre_scan_.init(centres_, kernels) || !offsets_.resize(list_count()) || !point.resize(dim)) return false;
  if (quantizer.metric() != ELANUS_IP) return true;
  for (uint32_t i = 0; i < list_count(); i++) {
    centres_.read(i, point.data());
    for (uint32_t j = 0; j < dim; j++) point[j] += quantizer.mean()[j];
    offsets_[i] = -kernels.dot(point.data(), point.data(), dim);
  }
  return true;
}

}  // namespace elanus
