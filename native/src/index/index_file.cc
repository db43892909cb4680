// Index file: reading. Every number of the file is held against the file's size before it is used.
#include "index/index_file.h"

#include <string.h>

#include "elanus.h"

namespace elanus {
namespace {

using layout::Entry;
using layout::Header;

constexpr uint32_t kRowsMax = 0x7fffffff;
constexpr uint32_t kBinaryDimMax = 8 * ELANUS_DIM_MAX;
constexpr uint32_t kPaddedDimMin = 64;
constexpr uint32_t kMetricMax = 6;

bool is_known(SectionKind kind) {
  switch (kind) {
    case SectionKind::kParameters:
    case SectionKind::kCalibration:
    case SectionKind::kCentres:
    case SectionKind::kListOffsets:
    case SectionKind::kRowNumbers:
    case SectionKind::kListCentres:
    case SectionKind::kIvfBlocks:
    case SectionKind::kSparsePostings:
    case SectionKind::kBinaryCodes:
    case SectionKind::kSignPlane:
    case SectionKind::kExtraPlane:
    case SectionKind::kSecondExtraPlane:
    case SectionKind::kFactors:
    case SectionKind::kGraphOffsets:
    case SectionKind::kGraphNeighbours:
    case SectionKind::kEntryPoints: return true;
  }
  return false;
}

template <class Number>
bool is_between(Number value, Number first, Number last) {
  return first <= value && value <= last;
}

bool has_known_words(const Header &header) {
  return is_between(header.kind, IndexKind::kGraph, IndexKind::kBinary) && is_between(header.metric, 1u, kMetricMax) &&
         is_between(header.element_type, ElementType::kBinary, ElementType::kInt8);
}

bool has_sound_dims(const Header &header) {
  if (header.kind == IndexKind::kSparse) return header.dim == 0 && header.padded_dim == 0;
  const uint32_t dim_max = header.kind == IndexKind::kBinary ? kBinaryDimMax : ELANUS_DIM_MAX;
  if (!is_between(header.dim, 1u, dim_max)) return false;
  const uint32_t padded_max = 2 * header.dim < kPaddedDimMin ? kPaddedDimMin : 2 * header.dim;
  return is_between(header.padded_dim, header.dim, padded_max);
}

bool is_zero(const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

}  // namespace

uint64_t index_file_size(const uint8_t *head, uint64_t available) {
  Header header;
  if (available < sizeof(header)) return 0;
  memcpy(&header, head, sizeof(header));
  if (memcmp(header.magic, layout::kMagic, sizeof(header.magic)) != 0 || header.crc != layout::header_crc(header)) return 0;
  if (header.section_count > layout::kSectionsMax || header.body_bytes > layout::kFileBytesMax) return 0;
  return layout::prefix_bytes(header.section_count, header.body_bytes) + header.body_bytes;
}

FileStatus IndexFile::open(const uint8_t *bytes, uint64_t available, uint64_t total) {
  *this = IndexFile();
  if (total < sizeof(Header) || total > layout::kFileBytesMax) return FileStatus::kCorrupt;
  bytes_ = bytes;
  total_ = total;
  arrived(available);
  const FileStatus status = read_prefix();
  if (status != FileStatus::kOk) header_.section_count = 0;
  return status;
}

FileStatus IndexFile::read_prefix() {
  if (available_ < sizeof(Header)) return FileStatus::kPartial;
  memcpy(&header_, bytes_, sizeof(Header));
  const FileStatus status = check_header();
  if (status != FileStatus::kOk) return status;
  prefix_bytes_ = layout::prefix_bytes(header_.section_count, header_.body_bytes);
  if (prefix_bytes_ != total_ - header_.body_bytes) return FileStatus::kCorrupt;
  if (available_ < prefix_bytes_) return FileStatus::kPartial;
  const uint32_t crc = crc32c(0, bytes_ + sizeof(Header), size_t(prefix_bytes_ - sizeof(Header)));
  return crc == header_.prefix_crc ? read_sections() : FileStatus::kCorrupt;
}

FileStatus IndexFile::check_header() const {
  if (memcmp(header_.magic, layout::kMagic, sizeof(header_.magic)) != 0) return FileStatus::kCorrupt;
  if (header_.crc != layout::header_crc(header_)) return FileStatus::kCorrupt;
  if (header_.version > layout::kVersion) return FileStatus::kUnsupported;
  if (header_.version != layout::kVersion) return FileStatus::kCorrupt;
  if (!has_known_words(header_)) return FileStatus::kUnsupported;
  const bool sound = has_sound_dims(header_) && is_between(header_.rows, 1u, kRowsMax) &&
                     is_between(header_.section_count, 1u, layout::kSectionsMax) && header_.body_bytes <= total_ &&
                     is_zero(header_.zero, sizeof(header_.zero));
  return sound ? FileStatus::kOk : FileStatus::kCorrupt;
}

// Damage is told before what is merely unknown.
FileStatus IndexFile::read_sections() {
  memcpy(sections_, bytes_ + sizeof(Header), header_.section_count * sizeof(Entry));
  FileStatus status = FileStatus::kOk;
  uint64_t expected = prefix_bytes_;
  for (uint32_t i = 0; i < header_.section_count; i++) {
    const Entry &entry = sections_[i];
    if (entry.offset != expected || entry.length > total_ - expected) return FileStatus::kCorrupt;
    if (position_of(entry.kind) != i) return FileStatus::kCorrupt;
    if ((entry.flags & ~layout::kFlagOptional) != 0) status = FileStatus::kUnsupported;
    if (!is_known(entry.kind) && entry.flags != layout::kFlagOptional) status = FileStatus::kUnsupported;
    expected = layout::align(expected + entry.length);
    if (expected > total_) return FileStatus::kCorrupt;
  }
  return expected == total_ ? status : FileStatus::kCorrupt;
}

// The first of that kind; the number of sections if there is none.
uint32_t IndexFile::position_of(SectionKind kind) const {
  uint32_t i = 0;
  while (i < header_.section_count && sections_[i].kind != kind) i++;
  return i;
}

FileStatus IndexFile::section(SectionKind kind, Section *out) {
  const uint32_t position = position_of(kind);
  if (position == header_.section_count) return FileStatus::kAbsent;
  const Extent part = {sections_[position].offset, sections_[position].length};
  if (!is_here(part)) return FileStatus::kPartial;
  const uint32_t bit = uint32_t(1) << position;
  if ((checked_ & bit) == 0) {
    const Extent blocks = blocks_around(part);
    if (!matches(blocks, bytes_ + blocks.offset)) return FileStatus::kCorrupt;
    checked_ |= bit;
  }
  // An empty section is there before the bytes around it.
  *out = {part.length > 0 ? bytes_ + part.offset : bytes_, part.length};
  return FileStatus::kOk;
}

uint32_t IndexFile::stages() const {
  uint32_t listed = uint32_t(1) << uint32_t(Stage::kOpening), missing = 0;
  for (uint32_t i = 0; i < header_.section_count; i++) {
    if (!is_known(sections_[i].kind)) continue;
    const uint32_t bit = uint32_t(1) << uint32_t(stage_of(sections_[i].kind));
    listed |= bit;
    if (!is_here({sections_[i].offset, sections_[i].length})) missing |= bit;
  }
  return listed & ~missing;
}

bool IndexFile::extent(SectionKind kind, Extent *out) const {
  const uint32_t position = position_of(kind);
  if (position == header_.section_count) return false;
  *out = {sections_[position].offset, sections_[position].length};
  return true;
}

bool IndexFile::extent(Stage stage, uint64_t *bytes) const {
  bool listed = false;
  uint64_t end = prefix_bytes_;
  for (uint32_t i = 0; i < header_.section_count && stage_of(sections_[i].kind) <= stage; i++) {
    if (!is_known(sections_[i].kind)) continue;
    const Extent blocks = blocks_around({sections_[i].offset, sections_[i].length});
    if (blocks.offset + blocks.length > end) end = blocks.offset + blocks.length;
    listed = stage_of(sections_[i].kind) == stage;
  }
  if (listed) *bytes = end;
  return listed;
}

Extent IndexFile::blocks_around(Extent part) const {
  if (part.length == 0) return {prefix_bytes_, 0};
  const uint64_t first = (part.offset - prefix_bytes_) / layout::kBlockBytes;
  const uint64_t count = layout::block_count(part.offset + part.length - prefix_bytes_) - first;
  const uint64_t begin = prefix_bytes_ + first * layout::kBlockBytes, length = count * layout::kBlockBytes;
  return {begin, length < total_ - begin ? length : total_ - begin};
}

bool IndexFile::matches(Extent blocks, const uint8_t *bytes) const {
  const uint8_t *table = bytes_ + layout::table_offset(header_.section_count);
  uint64_t block = (blocks.offset - prefix_bytes_) / layout::kBlockBytes;
  for (uint64_t done = 0; done < blocks.length; block++) {
    const uint64_t left = blocks.length - done;
    const uint64_t length = left < layout::kBlockBytes ? left : layout::kBlockBytes;
    uint32_t expected;
    memcpy(&expected, table + block * sizeof(expected), sizeof(expected));
    if (crc32c(0, bytes + done, size_t(length)) != expected) return false;
    done += length;
  }
  return true;
}

bool IndexFile::is_here(Extent part) const {
  const Extent blocks = blocks_around(part);
  return blocks.offset + blocks.length <= available_;
}

}  // namespace elanus
