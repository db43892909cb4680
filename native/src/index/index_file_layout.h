// Index file layout: the bytes of docs/format.md, section 9, as structures, and where they lie. Reader and writer
// share it. Numbers are little-endian, as all our machines are.
#pragma once

#include <stdint.h>

#include "base/checksum.h"

namespace elanus {

// Do not change: stored.
enum class IndexKind : uint32_t { kGraph = 1, kIvf = 2, kFlat = 3, kSparse = 4, kBinary = 5 };

// Do not change: stored.
enum class ElementType : uint32_t {
  kBinary = 100,
  kFloat = 101,
  kFloat16 = 102,
  kBFloat16 = 103,
  kSparseFloat = 104,
  kInt8 = 105
};

// Do not change: stored. The tens are the stage.
enum class SectionKind : uint32_t {
  kParameters = 1,
  kCalibration = 2,
  kCentres = 3,
  kListOffsets = 4,
  kRowNumbers = 5,
  kListCentres = 6,
  kIvfBlocks = 12,
  kSparsePostings = 13,
  kBinaryCodes = 14,
  kSignPlane = 20,
  kExtraPlane = 21,
  kSecondExtraPlane = 22,
  kFactors = 23,
  kGraphOffsets = 30,
  kGraphNeighbours = 31,
  kEntryPoints = 32
};

// What sections are for, in the order in which they lie in the file.
enum class Stage : uint32_t { kOpening = 0, kScan = 1, kRefine = 2, kGraph = 3 };
constexpr uint32_t kStages = 4;

constexpr Stage stage_of(SectionKind kind) { return Stage(uint32_t(kind) / 10); }

namespace layout {

// Do not change: stored.
constexpr uint8_t kMagic[8] = {'E', 'L', 'A', 'N', 'U', 'S', 'I', 'X'};
constexpr uint32_t kVersion = 1;
constexpr uint32_t kSectionsMax = 32;
constexpr uint64_t kSectionAlignment = 64;
constexpr uint64_t kBlockBytes = 65536;
constexpr uint32_t kFlagOptional = 1;
// What a double holds exactly, so that every offset can be said in JavaScript.
constexpr uint64_t kFileBytesMax = uint64_t(1) << 53;

struct Header {
  uint8_t magic[8];
  uint32_t version;
  IndexKind kind;
  uint32_t dim;
  uint32_t padded_dim;
  uint32_t metric;
  ElementType element_type;
  uint32_t rows;
  uint32_t column;
  uint64_t seed;
  uint8_t rows_sha256[32];
  uint64_t body_bytes;
  uint32_t section_count;
  uint32_t prefix_crc;  // of the prefix behind the header
  uint8_t zero[28];
  uint32_t crc;  // of the bytes before it
};
static_assert(sizeof(Header) == 128);

struct Entry {
  SectionKind kind;
  uint32_t flags;
  uint64_t offset;
  uint64_t length;
};
static_assert(sizeof(Entry) == 24);

constexpr uint64_t align(uint64_t offset) { return (offset + kSectionAlignment - 1) & ~(kSectionAlignment - 1); }

constexpr uint64_t block_count(uint64_t body_bytes) { return (body_bytes + kBlockBytes - 1) / kBlockBytes; }

// Where the block checksums lie.
constexpr uint64_t table_offset(uint32_t section_count) { return sizeof(Header) + uint64_t(section_count) * sizeof(Entry); }

// Length of the prefix. REQUIRES: body_bytes <= kFileBytesMax.
constexpr uint64_t prefix_bytes(uint32_t section_count, uint64_t body_bytes) {
  return align(table_offset(section_count) + block_count(body_bytes) * sizeof(uint32_t));
}

// What the header's own checksum must be.
inline uint32_t header_crc(const Header &header) { return crc32c(0, &header, sizeof(Header) - sizeof(header.crc)); }

}  // namespace layout
}  // namespace elanus
