// AnnIndex: between the sections of an index file and what a search reads.
#include "index/ann_index.h"

#include <string.h>

#include "index/ann_index_layout.h"
#include "quant/code.h"

namespace elanus {
namespace {

// What the opening and the scan give.
constexpr uint32_t kSearchable = 1u << uint32_t(Stage::kOpening) | 1u << uint32_t(Stage::kScan);

elanus_status status_of(FileStatus status) {
  switch (status) {
    case FileStatus::kOk: return ELANUS_OK;
    case FileStatus::kUnsupported: return ELANUS_UNSUPPORTED;
    default: return ELANUS_CORRUPT;
  }
}

// The section, which must have exactly this length.
elanus_status read_section(IndexFile *file, SectionKind kind, uint64_t length, Section *out) {
  const elanus_status status = status_of(file->section(kind, out));
  if (status != ELANUS_OK) return status;
  return out->length == length ? ELANUS_OK : ELANUS_CORRUPT;
}

bool all_finite(const float *values, uint32_t count) {
  float defect = 0;
  for (uint32_t i = 0; i < count; i++) defect += values[i] - values[i];
  return defect == 0;
}

bool is_dense(ElementType type) {
  return type == ElementType::kFloat || type == ElementType::kFloat16 || type == ElementType::kBFloat16 ||
         type == ElementType::kInt8;
}

bool is_ours(const layout::Header &header) {
  return (header.kind == IndexKind::kGraph || header.kind == IndexKind::kIvf) && header.metric >= ELANUS_L2 &&
         header.metric <= ELANUS_COSINE && is_dense(header.element_type);
}

// Whether all sections of a stage have come.
bool has_stage(uint32_t stages, Stage stage) { return (stages >> uint32_t(stage) & 1) != 0; }

}  // namespace

elanus_status AnnIndex::open(const uint8_t *bytes, uint64_t size_bytes, const AnnOpening &how, const CodeKernels *kernels) {
  IndexFile file;
  const uint64_t total = how.partial ? index_file_size(bytes, size_bytes) : size_bytes;
  elanus_status status = status_of(file.open(bytes, size_bytes, total));
  if (status != ELANUS_OK) return status;
  if (!is_ours(file.header())) return ELANUS_UNSUPPORTED;
  element_type_ = file.header().element_type;
  memcpy(rows_sha256_, file.header().rows_sha256, sizeof(rows_sha256_));
  status = read_quantizer(&file, kernels);
  if (status == ELANUS_OK) status = read_calibration(&file);
  return status == ELANUS_OK ? read_stages(&file, how) : status;
}

elanus_status AnnIndex::read_stages(IndexFile *file, const AnnOpening &how) {
  const uint32_t stages = how.partial ? file->stages() : ~0u;
  if ((stages & kSearchable) != kSearchable) return ELANUS_CORRUPT;
  const bool refine = has_stage(stages, Stage::kRefine);
  const bool graph = refine && has_stage(stages, Stage::kGraph) && !how.as_ivf && file->header().kind == IndexKind::kGraph;
  elanus_status status = read_lists(file, !graph);
  if (status == ELANUS_OK && refine) status = read_codes(file);
  return status == ELANUS_OK && graph ? read_graph(file) : status;
}

elanus_status AnnIndex::read_quantizer(IndexFile *file, const CodeKernels *kernels) {
  const layout::Header &header = file->header();
  Section section;
  // Before anything is taken for a dimension that may be a lie.
  elanus_status status = read_section(file, SectionKind::kParameters, parameters_bytes(header.padded_dim), &section);
  if (status != ELANUS_OK) return status;
  if (!quantizer_.init(header.dim, header.metric, header.seed, kernels)) return ELANUS_NO_MEMORY;
  const uint32_t padded_dim = quantizer_.padded_dim();
  if (header.padded_dim != padded_dim) return ELANUS_CORRUPT;
  AnnParameters parameters;
  memcpy(&parameters, section.data, sizeof(parameters));
  const float *mean = reinterpret_cast<const float *>(section.data + sizeof(parameters));
  const uint32_t centres = parameters.centre_count;
  if (centres == 0 || centres > kCodeCentresMax || parameters.zero != 0 || !all_finite(mean, padded_dim)) return ELANUS_CORRUPT;
  status = read_section(file, SectionKind::kCentres, centres * code7_bytes(padded_dim), &section);
  if (status != ELANUS_OK) return status;
  return quantizer_.restore(mean, section.data, centres) ? ELANUS_OK : ELANUS_NO_MEMORY;
}

elanus_status AnnIndex::read_calibration(IndexFile *file) {
  Section section;
  const FileStatus found = file->section(SectionKind::kCalibration, &section);
  if (found == FileStatus::kAbsent) return ELANUS_OK;
  if (found != FileStatus::kOk) return status_of(found);
  if (section.length > kCalibrationBytesMax) return ELANUS_CORRUPT;
  if (!calibration_.resize(size_t(section.length))) return ELANUS_NO_MEMORY;
  if (section.length > 0) memcpy(calibration_.data(), section.data, calibration_.size());
  return ELANUS_OK;
}

elanus_status AnnIndex::read_lists(IndexFile *file, bool with_blocks) {
  Section centres, begins, blocks;
  elanus_status status = status_of(file->section(SectionKind::kListCentres, &centres));
  if (status == ELANUS_OK) status = status_of(file->section(SectionKind::kListOffsets, &begins));
  if (status == ELANUS_OK) status = status_of(file->section(SectionKind::kIvfBlocks, &blocks));
  if (status != ELANUS_OK) return status;
  if (centres.length > SIZE_MAX || begins.length > SIZE_MAX || blocks.length > SIZE_MAX) return ELANUS_NO_MEMORY;
  const Ivf::Sections sections = {centres.data,           begins.data,           blocks.data,
                                  size_t(centres.length), size_t(begins.length), size_t(blocks.length)};
  status = lists_.open(sections, file->header().rows, quantizer_);
  if (status != ELANUS_OK || !with_blocks) return status == ELANUS_OK ? lists_.drop_blocks() : status;
  status = lists_.check_rows();
  return status == ELANUS_OK ? lists_.own_blocks() : status;
}

elanus_status AnnIndex::read_codes(IndexFile *file) {
  const uint32_t padded_dim = quantizer_.padded_dim(), count = file->header().rows;
  const size_t sign_bytes = padded_dim / 8, extra_bytes = sign_bytes * 3, stride = code4_bytes(padded_dim);
  Section signs, extra, factors;
  elanus_status status = read_section(file, SectionKind::kSignPlane, uint64_t(count) * sign_bytes, &signs);
  if (status == ELANUS_OK) status = read_section(file, SectionKind::kExtraPlane, uint64_t(count) * extra_bytes, &extra);
  if (status == ELANUS_OK) status = read_section(file, SectionKind::kFactors, uint64_t(count) * sizeof(Factors), &factors);
  if (status != ELANUS_OK) return status;
  size_t size_bytes;
  if (!multiply(count, stride, &size_bytes) || !records_.resize(size_bytes)) return ELANUS_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    uint8_t *record = records_.data() + i * stride;
    code4_of(signs.data + i * sign_bytes, extra.data + i * extra_bytes, padded_dim, record);
    Factors found;
    memcpy(&found, factors.data + i * sizeof(Factors), sizeof(Factors));
    // A query has distances to these centres only.
    if (found.centre >= quantizer_.centres().count()) return ELANUS_CORRUPT;
    memcpy(record + padded_dim / 2, &found, sizeof(Factors));
  }
  return ELANUS_OK;
}

elanus_status AnnIndex::read_graph(IndexFile *file) {
  Section section;
  const uint32_t count = file->header().rows, centres = quantizer_.centres().count();
  elanus_status status = read_section(file, SectionKind::kEntryPoints, uint64_t(centres) * sizeof(uint32_t), &section);
  if (status != ELANUS_OK) return status;
  if (!entries_.resize(centres)) return ELANUS_NO_MEMORY;
  memcpy(entries_.data(), section.data, entries_.bytes());
  for (uint32_t entry : entries_) {
    if (entry >= count) return ELANUS_CORRUPT;
  }
  status = status_of(file->section(SectionKind::kGraphNeighbours, &section));
  if (status != ELANUS_OK) return status;
  if (section.length > SIZE_MAX || !graph_bytes_.resize(size_t(section.length))) return ELANUS_NO_MEMORY;
  memcpy(graph_bytes_.data(), section.data, graph_bytes_.size());
  if (!open_graph(graph_bytes_.data(), graph_bytes_.size(), &graph_)) return ELANUS_CORRUPT;
  return graph_.count == count ? ELANUS_OK : ELANUS_CORRUPT;
}

Stage AnnIndex::stage() const {
  if (kind() == IndexKind::kGraph) return Stage::kGraph;
  return has_codes() ? Stage::kRefine : Stage::kScan;
}

size_t AnnIndex::bytes() const {
  const size_t quantizer = quantizer_.centres().bytes() + quantizer_.padded_dim() * sizeof(float);
  return sizeof(*this) + quantizer + calibration_.bytes() + lists_.bytes() + records_.bytes() + graph_bytes_.bytes() +
         entries_.bytes();
}

elanus_status ann_index_extent(const uint8_t *head, uint64_t head_bytes, Stage stage, uint64_t *bytes, bool *more) {
  IndexFile file;
  const uint64_t total = index_file_size(head, head_bytes);
  *more = head_bytes < sizeof(layout::Header);
  if (*more) {
    *bytes = sizeof(layout::Header);
    return ELANUS_OK;
  }
  const FileStatus found = file.open(head, head_bytes, total);
  *more = found == FileStatus::kPartial;
  *bytes = file.prefix_bytes();
  if (*more) return ELANUS_OK;
  if (found != FileStatus::kOk) return status_of(found);
  if (!is_ours(file.header())) return ELANUS_UNSUPPORTED;
  return file.extent(stage, bytes) ? ELANUS_OK : ELANUS_INVALID;
}

}  // namespace elanus
