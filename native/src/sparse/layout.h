// Layout: the image of a sparse index, little-endian, one run of bytes that is searched where it lies. Do not change
// what stands here: it is stored.
//
//   ImageHeader | terms | firsts | counts | peaks | blocks | shortest | lengths | palette | data
//
// A term's postings, in order of rows, are cut into blocks of up to 128 that never cross a window of 2^16 rows, so
// that a row within a block is 16 bits. A block's data, at a multiple of 4 bytes: its weights, then its rows. Every
// posting keeps its exact weight: as a number in a palette of distinct weights where they are few (term frequencies,
// rounded weights), else as f32. What may be skipped is decided by bounds alone, never by a rounded weight.
#pragma once

#include <stdint.h>
#include <string.h>

namespace elanus::sparse {

constexpr uint32_t kImageMagic = 0x50534c45;  // "ELSP"
constexpr uint32_t kImageVersion = 1;
constexpr uint32_t kWindowShift = 16;
constexpr uint32_t kWindowRows = 1u << kWindowShift;
constexpr uint32_t kBlockPostingsMax = 128;
constexpr uint32_t kRowsMax = 0x7fffffff;
constexpr uint32_t kPaletteMax = 4096;    // 16 KiB: a table that stays in the first-level cache
constexpr float kFrequencyMax = 1 << 24;  // term frequencies are whole numbers that f32 holds
constexpr uint32_t kLengthMax = 0x7fffffff;  // fits the conversions that every machine has
constexpr uint32_t kSectionAlignment = 64;

struct Section {
  uint64_t offset;  // from the start of the image, a multiple of kSectionAlignment
  uint64_t size_bytes;
};

enum SectionId : uint32_t {
  kTerms,     // u32 per term, ascending
  kFirsts,    // u32 per term + 1: its first block; the last is the number of blocks
  kCounts,    // u32 per term: its postings
  kPeaks,     // f32 per term: its largest weight
  kBlocks,    // Block per block
  kShortest,  // u8 per block: a length that none of its rows is shorter than, by length_code; with lengths only
  kLengths,   // u32 per row: the length of its text; empty where weights are impacts
  kPalette,   // f32 per distinct weight, ascending; empty where weights are f32
  kData,      // the blocks' weights and rows
  kSectionCount
};

struct ImageHeader {
  uint32_t magic;
  uint32_t version;
  uint64_t size_bytes;
  uint64_t checksum;  // of the image with this field zero
  uint32_t row_count;
  uint32_t term_count;
  uint32_t block_count;
  uint32_t weight_bytes;  // 1 or 2: a number in the palette; 4: f32
  uint64_t posting_count;
  uint64_t length_total;  // of kLengths
  uint32_t has_lengths;   // 1: weights are term frequencies; 0: impacts
  uint32_t reserved;      // 0
  Section sections[kSectionCount];
};
static_assert(sizeof(ImageHeader) == 64 + 16 * kSectionCount);

struct Block {
  uint32_t first_row;
  uint32_t at;            // its data, in units of 4 bytes from the start of kData
  uint16_t last_offset;   // the last row within the window
  uint8_t count_minus_1;  // 0..127; bit 7: rows are count offsets of u16, else count - 1 differences of u8
  uint8_t bound;          // no weight is above peak * bound / 255
};
static_assert(sizeof(Block) == 12);

inline uint32_t posting_count(const Block &block) { return (block.count_minus_1 & 127u) + 1; }
inline bool is_wide(const Block &block) { return block.count_minus_1 >= 128; }
inline uint32_t window_of(uint32_t row) { return row >> kWindowShift; }
inline uint32_t last_row(const Block &block) {
  return (block.first_row & ~(kWindowRows - 1)) | block.last_offset;
}
inline uint32_t data_bytes(uint32_t count, bool wide, uint32_t weight_bytes) {
  return (count * weight_bytes + (wide ? 2 * count : count - 1) + 3) / 4 * 4;
}
inline uint16_t load_u16(const uint8_t *at) {
  uint16_t value;
  memcpy(&value, at, sizeof(value));
  return value;
}

// The largest weight that `bound` admits. Exact in f64: 24 bits times 8 bits, and 255 gives the peak itself.
inline double bounded_weight(float peak, uint8_t bound) { return double(peak) * bound / 255; }

// 8 bits that round a length down: 4 significant bits and an exponent.
inline uint8_t length_code(uint32_t length) {
  if (length < 16) return uint8_t(length);
  const uint32_t shift = 28 - uint32_t(__builtin_clz(length));
  return uint8_t((shift << 3) + (length >> shift));
}
inline uint32_t length_floor(uint8_t code) {
  if (code < 16) return code;
  const uint32_t shift = (code >> 3) - 1u;
  return shift > 28 ? 0xffffffff : ((code & 7u) | 8u) << shift;
}

// A 64-bit sum of the image, its `checksum` field taken as zero. It finds damage, not intent: what is read is checked
// besides. REQUIRES: size_bytes is at least that of the header.
uint64_t checksum(const uint8_t *image, uint64_t size_bytes);

}  // namespace elanus::sparse
