// Ivf: an inverted file (Jegou et al. 2011) of 1-bit codes. Every row is in the list of its nearest centre, as the sign
// code of its residual to that centre, in blocks of 32 that are scanned at once (FastScan: Andre et al. 2015). A list
// is contiguous and needs nothing else to be scanned, so it can be read by range. One list alone is a flat index.
//
// Rows lie in slots, list after list without a gap: slot s is place s % 32 of block s / 32, so a block may hold the end
// of one list and the beginning of the next, and whoever scans a list masks what is not of it.
//
// Sections, as they are held and stored; do not change them. K lists of n rows in all, numbers little-endian:
//   centres  K codes of code7_bytes     begins  u32[K + 1], first slot of each list; the last is n
//   blocks   ceil(n / 32) blocks of scan_block_bytes; what is beyond slot n is zero
#pragma once

#include "base/array.h"
#include "elanus.h"
#include "quant/centre_scan.h"
#include "quant/centres.h"
#include "quant/quantizer.h"

namespace elanus {

// About 1.5 sqrt(n): more lists are shorter but fill fewer of the blocks that they touch and take longer to choose from. Of
// few rows fewer: at least 128 to a list, so that centres stay a small part of what must be read before a search.
uint32_t ivf_lists_for(uint32_t rows);

class Ivf {
 public:
  uint32_t row_count() const { return row_count_; }
  uint32_t list_count() const { return centres_.count(); }
  uint32_t padded_dim() const { return centres_.padded_dim(); }
  uint32_t block_count() const { return (row_count_ + kScanRows - 1) / kScanRows; }
  size_t block_bytes() const { return scan_block_bytes(padded_dim()); }
  size_t bytes() const;

  const Centres &centres() const { return centres_; }
  const CentreScan &centre_scan() const { return centre_scan_; }
  // List i is slots begins()[i] .. begins()[i + 1].
  const uint32_t *begins() const { return begins_.data(); }
  // REQUIRES: the blocks were not dropped.
  const uint8_t *block(uint32_t i) const { return blocks_ + i * block_bytes(); }
  // The row of each slot, every row once. NULL until the blocks are dropped.
  const uint32_t *rows() const { return rows_.data(); }
  // What a list's key is less its centre's distance: 0 but under IP.
  const float *offsets() const { return offsets_.data(); }

  // Views stored sections; `blocks` is borrowed, the rest copied. ELANUS_CORRUPT if a section has not exactly the size
  // that it must have, or the numbers contradict each other; ELANUS_NO_MEMORY: in both cases nothing changed. Row
  // numbers inside blocks are not looked at: a search passes over those that are not below `row_count`.
  struct Sections {
    const uint8_t *centres, *begins, *blocks;
    size_t centres_bytes, begins_bytes, blocks_bytes;
  };
  elanus_status open(const Sections &sections, uint32_t row_count, const Quantizer &quantizer);
  Sections sections() const;

  // ELANUS_CORRUPT if not every row is in the blocks once, ELANUS_NO_MEMORY. REQUIRES: they were not dropped.
  elanus_status check_rows() const;
  // Makes a copy of blocks that are borrowed. ELANUS_NO_MEMORY: nothing changed. REQUIRES: they were not dropped.
  elanus_status own_blocks();
  // Keeps the row numbers and lets the blocks go, for who has other codes of the rows (index/list_search.h).
  // ELANUS_CORRUPT if not every row is there once, ELANUS_NO_MEMORY: in both cases nothing changed.
  elanus_status drop_blocks();

 private:
  friend class IvfBuilder;
  bool derive(const Quantizer &quantizer);
  elanus_status read_rows(uint32_t *rows) const;

  uint32_t row_count_ = 0;
  Centres centres_;
  CentreScan centre_scan_;
  Array<uint32_t> begins_, rows_;
  Array<float> offsets_;
  Array<uint8_t> owned_;
  const uint8_t *blocks_ = nullptr;
};

}  // namespace elanus
