// Fuzzer: whatever the bytes of an index file are, opening it and asking for every section reads no byte outside of it,
// and what is handed out lies inside. Checksums are put right for most inputs, so that what is behind them is reached.
#include "index/index_file.h"
#include "support.h"

using elanus::FileStatus;
using elanus::IndexFile;
using elanus::SectionKind;
namespace layout = elanus::layout;

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
  if ((mode & 1) == 0) fuzzing::reseal(file);
  const uint64_t available = (mode & 4) != 0 ? file.size() * available_of_256 / 256 : file.size();
  elanus::Array<uint8_t> arrived;
  MUST(arrived.resize(available));
  if (available > 0) memcpy(arrived.data(), file.data(), available);
  IndexFile index;
  const FileStatus status = index.open(arrived.data(), available, file.size());
  MUST(status == FileStatus::kOk || index.stages() <= 1);
  ask_for_all(index, arrived, available);
}
