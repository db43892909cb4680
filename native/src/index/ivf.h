// Ivf: an inverted file (Jegou et al. 2011) of 1-bit codes. Every row is in the list of its nearest centre, as the sign
// code of its residual to that centre, in blocks of 32 that are scanned at once (FastScan: Andre et al. 2015). A list
// is contiguous and needs nothing else to be scanned, so it can be read by range. One list alone is a flat index.
//
// Sections, as they are held and stored; do not change them. K lists of B blocks in all, numbers little-endian:
//   centres  K codes of code7_bytes     begins  u32[K + 1], first block of each list     sizes  u32[K], rows of each
//   blocks   B blocks of scan_block_bytes; in the last of a list what is beyond its rows is zero
#pragma once

#include "base/array.h"
#include "quant/centre_scan.h"
#include "quant/centres.h"
#include "quant/quantizer.h"

namespace elanus {

// About 1.5 sqrt(n): more lists are shorter but waste more of their last blocks and take longer to choose from.
uint32_t ivf_lists_for(uint32_t rows);

class Ivf {
 public:
  uint32_t row_count() const { return row_count_; }
  uint32_t list_count() const { return centres_.count(); }
  uint32_t padded_dim() const { return centres_.padded_dim(); }
  size_t block_bytes() const { return scan_block_bytes(padded_dim()); }
  size_t bytes() const;

  const Centres &centres() const { return centres_; }
  const CentreScan &centre_scan() const { return centre_scan_; }
  const uint32_t *begins() const { return begins_.data(); }
  const uint32_t *sizes() const { return sizes_.data(); }
  const uint8_t *block(uint32_t i) const { return blocks_ + i * block_bytes(); }
  // What a list's key is less its centre's distance: 0 but under IP.
  const float *offsets() const { return offsets_.data(); }

  // Views stored sections; `blocks` is borrowed, the rest copied. False, and nothing changes, if a section has not
  // exactly the size that it must have, the numbers contradict each other, or there is no memory. Row numbers inside
  // blocks are not looked at: a search passes over those that are not below `row_count`.
  struct Sections {
    const uint8_t *centres, *begins, *sizes, *blocks;
    size_t centres_bytes, begins_bytes, sizes_bytes, blocks_bytes;
  };
  bool open(const Sections &sections, uint32_t row_count, const Quantizer &quantizer);
  Sections sections() const;

 private:
  friend class IvfBuilder;
  bool derive(const Quantizer &quantizer);

  uint32_t row_count_ = 0;
  Centres centres_;
  CentreScan centre_scan_;
  Array<uint32_t> begins_, sizes_;
  Array<float> offsets_;
  Array<uint8_t> owned_;
  const uint8_t *blocks_ = nullptr;
};

}  // namespace elanus
