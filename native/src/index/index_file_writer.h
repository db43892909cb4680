// Index file writer: sections are announced with their sizes, the whole file is taken in one allocation, sections
// are filled where they will lie, and checksums close it. The same contents give the same bytes.
#pragma once

#include <stdint.h>

#include "base/array.h"
#include "index/index_file_layout.h"

namespace elanus {

// What the header says of the index and of what it belongs to.
struct IndexFileSubject {
  IndexKind kind;
  uint32_t dim;
  uint32_t padded_dim;
  uint32_t metric;
  ElementType element_type;
  uint32_t rows;
  uint32_t column;
  uint64_t seed;
  uint8_t rows_sha256[32];
};

class IndexFileWriter {
 public:
  // REQUIRES: within the limits of docs/format.md, section 9.
  explicit IndexFileWriter(const IndexFileSubject &subject);

  // Announces a section. `optional`: readers that do not know the kind pass it over. False if the kind was announced before, its
  // stage comes before that of the last one, or there are too many sections or bytes.
  bool add(SectionKind kind, uint64_t length, bool optional = false);

  // Takes memory for the file, all zeros. False if there is none. REQUIRES: a section was announced.
  bool allocate();

  // Where the section lies, 64-byte aligned, to be filled; NULL if it was not announced. REQUIRES: allocate succeeded.
  uint8_t *section(SectionKind kind);

  // Writes what is before the body and gives the file away. The writer is then used up.
  Array<uint8_t> finish();

 private:
  void checksum_blocks();

  layout::Header header_ = {};
  layout::Entry sections_[layout::kSectionsMax] = {};
  Array<uint8_t> file_;
};

}  // namespace elanus
