// Fuzzer: whatever the bytes of an index file are, opening it and asking for every section reads no byte outside of it,
// and what is handed out lies inside. Checksums are put right for most inputs, so that what is behind them is reached.
#include "support.h"

using elanus::FileStatus;
using elanus::IndexFile;
using elanus::SectionKind;
namespace layout = elanus::layout;

// As a writer does it, but from a header and a table of contents that may say anything.
static void reseal(elanus::Array<uint8_t> &file) {
  layout::Header header;
  if (file.size() < sizeof(header)) return;
  memcpy(&header, file.data(), sizeof(header));
  memcpy(header.magic, layout::kMagic, sizeof(header.magic));
  if (header.section_count <= layout::kSectionsMax && header.body_bytes <= file.size()) {
    const uint64_t prefix = layout::prefix_bytes(header.section_count, header.body_bytes);
    if (prefix + header.body_bytes == file.size()) {
      uint8_t *table = file.data() + layout::table_offset(header.section_count);
      for (uint64_t at = prefix; at < file.size(); at += layout::kBlockBytes, table += sizeof(uint32_t)) {
        const uint64_t left = file.size() - at;
        const uint32_t crc = elanus::crc32c(0, file.data() + at, left < layout::kBlockBytes ? left : layout::kBlockBytes);
        memcpy(table, &crc, sizeof(crc));
      }
      header.prefix_crc = elanus::crc32c(0, file.data() + sizeof(header), prefix - sizeof(header));
    }
  }
  header.crc = layout::header_crc(header);
  memcpy(file.data(), &header, sizeof(header));
}

// Reads every byte that the section may be read at.
static uint32_t touch(const elanus::Section &section) {
  return elanus::crc32c(0, section.data, size_t(layout::align(section.length)));
}

static void ask_for_all(IndexFile &index, const elanus::Array<uint8_t> &file, uint64_t available) {
  uint32_t sum = index.stages();
  for (uint32_t kind = 0; kind < 64; kind++) {
    elanus::Section section;
    elanus::Extent extent;
    const bool is_listed = index.extent(SectionKind(kind), &extent);
    const FileStatus status = index.section(SectionKind(kind), &section);
    MUST(is_listed == (status != FileStatus::kAbsent));
    if (status != FileStatus::kOk || extent.length == 0) continue;
    MUST(section.data == file.data() + extent.offset && section.length == extent.length);
    MUST(uintptr_t(section.data) % 64 == 0 && extent.offset + layout::align(extent.length) <= available);
    sum += touch(section);
  }
  MUST(sum != 0x9e3779b9 || available > 0);  // so that touching is not optimized away
}

FUZZ(input) {
  const uint8_t mode = input.byte();
  const uint64_t available_of_256 = input.byte() + uint64_t(1);
  elanus::Array<uint8_t> file = input.rest();
  // A body of several blocks, from few bytes.
  if ((mode & 2) != 0) MUST(file.resize(file.size() + 2 * layout::kBlockBytes));
  if ((mode & 1) == 0) reseal(file);
  const uint64_t available = (mode & 4) != 0 ? file.size() * available_of_256 / 256 : file.size();
  elanus::Array<uint8_t> arrived;
  MUST(arrived.resize(available));
  if (available > 0) memcpy(arrived.data(), file.data(), available);
  IndexFile index;
  const FileStatus status = index.open(arrived.data(), available, file.size());
  MUST(status == FileStatus::kOk || index.stages() <= 1);
  ask_for_all(index, arrived, available);
}
