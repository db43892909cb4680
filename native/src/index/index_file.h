// Index file: an index as it is stored, used where it lies. The bytes are untrusted: opening checks everything that
// says where something is, and a section's checksums are checked before the section is handed out. It may be
// opened while it still arrives, from the front; what has arrived can be searched.
#pragma once

#include <stdint.h>

#include "index/index_file_layout.h"

namespace elanus {

enum class FileStatus : uint32_t {
  kOk = 0,
  kPartial = 1,      // the bytes that this needs have not arrived
  kAbsent = 2,       // the file has no such section
  kCorrupt = 3,      // damaged, or never an index file
  kUnsupported = 4,  // of a newer version
};

// Bytes `offset` .. `offset` + `length` of the file.
struct Extent {
  uint64_t offset;
  uint64_t length;
};

// A section: 64-byte aligned, and readable up to a multiple of 64 bytes.
struct Section {
  const uint8_t *data;
  uint64_t length;
};

// The size of a whole file, as its first bytes say; 0 if these are fewer than a header, or are of no index file.
uint64_t index_file_size(const uint8_t *head, uint64_t available);

class IndexFile {
 public:
  // `bytes` are the first `available` of the file's `total`, 64-byte aligned; they are borrowed as long as this is used, and may
  // not change. kPartial: call it again when prefix_bytes() are there. Unless it gives kOk, this is a file without sections.
  FileStatus open(const uint8_t *bytes, uint64_t available, uint64_t total);

  // Bytes from the front that open needs, as far as they told.
  uint64_t prefix_bytes() const { return prefix_bytes_; }

  // More of the same bytes is there. REQUIRES: not less than before; more than the whole counts as the whole.
  void arrived(uint64_t available) { available_ = available < total_ ? available : total_; }

  // As docs/format.md, section 9, says, checked against its limits.
  const layout::Header &header() const { return header_; }

  // The section, its bytes checked when it is asked for first. Not by two threads at once.
  FileStatus section(SectionKind kind, Section *out);

  // The stages of which every section has arrived: bit 1 << uint32_t(Stage). All but the opening need a section.
  uint32_t stages() const;
  // Whether what has arrived gives answers.
  bool searchable() const { return (stages() & 3) == 3; }

  // For those who read the file by ranges. Where a section lies; false if there is none.
  bool extent(SectionKind kind, Extent *out) const;
  // Bytes from the front that hold a stage and all before it; false if no section is of that stage.
  bool extent(Stage stage, uint64_t *bytes) const;
  // The least run of whole blocks around a part of the body. REQUIRES: it lies in the body.
  Extent blocks_around(Extent part) const;
  // Whether `bytes` are those of the file. REQUIRES: `blocks` is from blocks_around, `bytes` as long.
  bool matches(Extent blocks, const uint8_t *bytes) const;

 private:
  FileStatus read_prefix();
  FileStatus check_header() const;
  FileStatus read_sections();
  uint32_t position_of(SectionKind kind) const;
  bool is_here(Extent part) const;

  const uint8_t *bytes_ = nullptr;
  uint64_t available_ = 0;
  uint64_t total_ = 0;
  uint64_t prefix_bytes_ = sizeof(layout::Header);
  layout::Header header_ = {};
  layout::Entry sections_[layout::kSectionsMax] = {};
  uint32_t checked_ = 0;  // a bit for each of `sections_`
};

}  // namespace elanus
