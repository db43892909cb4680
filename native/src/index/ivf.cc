// Ivf: checks what was stored.
#include "index/ivf.h"

#include <math.h>

namespace elanus {
namespace {

// A list's centre takes the room of eight 1-bit codes. With so many rows to a list centres are a sixteenth of what must
// come before an index is searched; with fewer, which up to 37,000 rows 1.5 sqrt(n) would give, searches are no faster.
constexpr uint32_t kRowsPerListMin = 128;

}  // namespace

uint32_t ivf_lists_for(uint32_t rows) {
  const uint32_t lists = uint32_t(1.5 * sqrt(double(rows))), most = rows / kRowsPerListMin;
  if (most < 1) return 1;
  return lists < most ? lists : most;
}

size_t Ivf::bytes() const {
  return centres_.bytes() + centre_scan_.bytes() + begins_.bytes() + rows_.bytes() + offsets_.bytes() + owned_.bytes();
}

Ivf::Sections Ivf::sections() const {
  return {centres_.rows().records,
          reinterpret_cast<const uint8_t *>(begins_.data()),
          blocks_,
          list_count() * centres_.rows().stride,
          begins_.bytes(),
          blocks_ == nullptr ? 0 : block_count() * block_bytes()};
}

elanus_status Ivf::open(const Sections &sections, uint32_t row_count, const Quantizer &quantizer) {
  const uint32_t dim = quantizer.padded_dim();
  const size_t begins = sections.begins_bytes / sizeof(uint32_t);
  if (begins < 2 || sections.begins_bytes != begins * sizeof(uint32_t)) return ELANUS_CORRUPT;
  // No index has more lists than rows, or none.
  const size_t lists = begins - 1;
  if (lists > 1 && lists > row_count) return ELANUS_CORRUPT;
  if (sections.centres_bytes / code7_bytes(dim) != lists || sections.centres_bytes % code7_bytes(dim) != 0) return ELANUS_CORRUPT;
  Ivf opened;
  if (!opened.begins_.resize(begins)) return ELANUS_NO_MEMORY;
  memcpy(opened.begins_.data(), sections.begins, sections.begins_bytes);
  if (opened.begins_[0] != 0 || opened.begins_[lists] != row_count) return ELANUS_CORRUPT;
  for (size_t i = 0; i < lists; i++) {
    if (opened.begins_[i] > opened.begins_[i + 1]) return ELANUS_CORRUPT;
  }
  if (!opened.centres_.restore(sections.centres, uint32_t(lists), dim)) return ELANUS_NO_MEMORY;
  opened.row_count_ = row_count;
  size_t blocks_bytes;
  if (!multiply(opened.block_count(), opened.block_bytes(), &blocks_bytes)) return ELANUS_CORRUPT;
  if (sections.blocks_bytes != blocks_bytes) return ELANUS_CORRUPT;
  opened.blocks_ = sections.blocks;
  if (!opened.derive(quantizer)) return ELANUS_NO_MEMORY;
  *this = static_cast<Ivf &&>(opened);
  return ELANUS_OK;
}

elanus_status Ivf::own_blocks() {
  if (blocks_ == owned_.data()) return ELANUS_OK;
  const size_t size_bytes = block_count() * block_bytes();
  Array<uint8_t> owned;
  if (!owned.resize(size_bytes)) return ELANUS_NO_MEMORY;
  if (size_bytes > 0) memcpy(owned.data(), blocks_, size_bytes);
  owned_ = static_cast<Array<uint8_t> &&>(owned);
  blocks_ = owned_.data();
  return ELANUS_OK;
}

// The row of each slot; `rows` may be NULL, to check alone.
elanus_status Ivf::read_rows(uint32_t *rows) const {
  Array<uint8_t> seen;
  if (!seen.resize((size_t(row_count_) + 7) / 8)) return ELANUS_NO_MEMORY;
  for (uint32_t slot = 0; slot < row_count_; slot++) {
    uint32_t row;
    const uint8_t *numbers = block(slot / kScanRows) + scan_row_at(padded_dim());
    memcpy(&row, numbers + slot % kScanRows * sizeof(row), sizeof(row));
    if (row >= row_count_ || (seen[row >> 3] >> (row & 7) & 1) != 0) return ELANUS_CORRUPT;
    seen[row >> 3] = uint8_t(seen[row >> 3] | 1 << (row & 7));
    if (rows != nullptr) rows[slot] = row;
  }
  return ELANUS_OK;
}

elanus_status Ivf::check_rows() const { return read_rows(nullptr); }

elanus_status Ivf::drop_blocks() {
  Array<uint32_t> rows;
  if (!rows.resize(row_count_)) return ELANUS_NO_MEMORY;
  const elanus_status status = read_rows(rows.data());
  if (status != ELANUS_OK) return status;
  rows_ = static_cast<Array<uint32_t> &&>(rows);
  owned_ = Array<uint8_t>();
  blocks_ = nullptr;
  return ELANUS_OK;
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
