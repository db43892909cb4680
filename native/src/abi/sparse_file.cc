// Sparse file: the image is its one section, so that both say for themselves how large they are and whether they are
// intact.
#include "abi/sparse_file.h"

#include <string.h>

#include "index/index_file.h"
#include "index/index_file_writer.h"

namespace elanus {
namespace {

// In the header of a file, beside the numbers of elanus_metric: docs/format.md.
constexpr uint32_t kBm25 = 6;

elanus_status status_of(FileStatus status) {
  switch (status) {
    case FileStatus::kOk: return ELANUS_OK;
    case FileStatus::kUnsupported: return ELANUS_UNSUPPORTED;
    default: return ELANUS_CORRUPT;
  }
}

}  // namespace

elanus_status write_sparse_file(const Array<uint8_t> &image, SparseWeights weights, uint32_t rows, const uint8_t *rows_sha256,
                                Array<uint8_t> *file) {
  IndexFileSubject subject = {};
  subject.kind = IndexKind::kSparse;
  subject.metric = weights == SparseWeights::kFrequencies ? kBm25 : uint32_t(ELANUS_IP);
  subject.element_type = ElementType::kSparseFloat;
  subject.rows = rows;
  memcpy(subject.rows_sha256, rows_sha256, sizeof(subject.rows_sha256));
  IndexFileWriter writer(subject);
  if (!writer.add(SectionKind::kSparsePostings, image.size()) || !writer.allocate()) return ELANUS_NO_MEMORY;
  memcpy(writer.section(SectionKind::kSparsePostings), image.data(), image.size());
  *file = writer.finish();
  return ELANUS_OK;
}

elanus_status read_sparse_file(const uint8_t *bytes, size_t size_bytes, Array<uint8_t> *image, SparseIndex *index) {
  IndexFile file;
  elanus_status status = status_of(file.open(bytes, size_bytes, size_bytes));
  if (status != ELANUS_OK) return status;
  const layout::Header &header = file.header();
  const bool is_bm25 = header.metric == kBm25;
  if (header.kind != IndexKind::kSparse || !(is_bm25 || header.metric == ELANUS_IP)) return ELANUS_UNSUPPORTED;
  if (header.element_type != ElementType::kSparseFloat) return ELANUS_CORRUPT;
  Section section;
  status = status_of(file.section(SectionKind::kSparsePostings, &section));
  if (status != ELANUS_OK) return status;
  if (!image->resize(size_t(section.length))) return ELANUS_NO_MEMORY;
  if (section.length > 0) memcpy(image->data(), section.data, size_t(section.length));
  status = index->open(image->data(), section.length);
  if (status != ELANUS_OK) return status == ELANUS_UNSUPPORTED ? status : ELANUS_CORRUPT;
  return index->row_count() == header.rows && index->has_lengths() == is_bm25 ? ELANUS_OK : ELANUS_CORRUPT;
}

}  // namespace elanus
