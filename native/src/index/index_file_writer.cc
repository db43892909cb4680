// Index file writer: places sections one behind the other, as docs/format.md, section 9, says.
#include "index/index_file_writer.h"

#include <string.h>

#include <utility>

namespace elanus {

using layout::Entry;
using layout::Header;

IndexFileWriter::IndexFileWriter(const IndexFileSubject &subject) {
  memcpy(header_.magic, layout::kMagic, sizeof(header_.magic));
  header_.version = layout::kVersion;
  header_.kind = subject.kind;
  header_.dim = subject.dim;
  header_.padded_dim = subject.padded_dim;
  header_.metric = subject.metric;
  header_.element_type = subject.element_type;
  header_.rows = subject.rows;
  header_.column = subject.column;
  header_.seed = subject.seed;
  memcpy(header_.rows_sha256, subject.rows_sha256, sizeof(header_.rows_sha256));
}

bool IndexFileWriter::add(SectionKind kind, uint64_t length, bool optional) {
  const uint32_t count = header_.section_count;
  if (count == layout::kSectionsMax || length > layout::kFileBytesMax / 2 - header_.body_bytes) return false;
  if (count > 0 && stage_of(kind) < stage_of(sections_[count - 1].kind)) return false;
  for (uint32_t i = 0; i < count; i++) {
    if (sections_[i].kind == kind) return false;
  }
  // From the start of the body, as the length of what is before it is not known yet.
  sections_[count] = {kind, optional ? layout::kFlagOptional : 0, header_.body_bytes, length};
  header_.body_bytes = layout::align(header_.body_bytes + length);
  header_.section_count++;
  return true;
}

bool IndexFileWriter::allocate() {
  const uint64_t prefix = layout::prefix_bytes(header_.section_count, header_.body_bytes);
  const uint64_t size = prefix + header_.body_bytes;
  if (size > SIZE_MAX || !file_.resize(size_t(size))) return false;
  for (uint32_t i = 0; i < header_.section_count; i++) sections_[i].offset += prefix;
  return true;
}

uint8_t *IndexFileWriter::section(SectionKind kind) {
  for (uint32_t i = 0; i < header_.section_count; i++) {
    if (sections_[i].kind == kind) return file_.data() + sections_[i].offset;
  }
  return nullptr;
}

Array<uint8_t> IndexFileWriter::finish() {
  const size_t prefix = file_.size() - size_t(header_.body_bytes);
  memcpy(file_.data() + sizeof(Header), sections_, header_.section_count * sizeof(Entry));
  checksum_blocks();
  header_.prefix_crc = crc32c(0, file_.data() + sizeof(Header), prefix - sizeof(Header));
  header_.crc = layout::header_crc(header_);
  memcpy(file_.data(), &header_, sizeof(Header));
  return std::move(file_);
}

void IndexFileWriter::checksum_blocks() {
  uint8_t *table = file_.data() + layout::table_offset(header_.section_count);
  const size_t size = file_.size();
  for (size_t begin = size - size_t(header_.body_bytes); begin < size; begin += layout::kBlockBytes) {
    const uint32_t crc = crc32c(0, file_.data() + begin, size - begin < layout::kBlockBytes ? size - begin : layout::kBlockBytes);
    memcpy(table, &crc, sizeof(crc));
    table += sizeof(crc);
  }
}

}  // namespace elanus
