// GraphIndex: between the sections of an index file and what a search reads.
#include "index/graph_index.h"

#include <string.h>

#include "quant/code.h"

namespace elanus {
namespace {

struct Parameters {
  uint32_t centre_count;
  uint32_t zero;
};

uint64_t parameters_bytes(uint32_t padded_dim) { return sizeof(Parameters) + uint64_t(padded_dim) * sizeof(float); }

bool announce(const GraphIndexParts &parts, IndexFileWriter *file) {
  const uint64_t count = parts.count;
  const uint32_t padded_dim = parts.quantizer->padded_dim();
  const uint32_t centres = parts.quantizer->centres().count();
  return file->add(SectionKind::kParameters, parameters_bytes(padded_dim)) &&
         file->add(SectionKind::kCentres, centres * code7_bytes(padded_dim)) &&
         file->add(SectionKind::kSignPlane, count * (padded_dim / 8)) &&
         file->add(SectionKind::kFactors, count * sizeof(Factors)) &&
         file->add(SectionKind::kExtraPlane, count * (padded_dim / 8 * 3)) &&
         file->add(SectionKind::kGraphNeighbours, parts.graph->bytes()) &&
         file->add(SectionKind::kEntryPoints, uint64_t(centres) * sizeof(uint32_t)) && file->allocate();
}

void write_quantizer(const Quantizer &quantizer, IndexFileWriter *file) {
  const Parameters parameters = {quantizer.centres().count(), 0};
  uint8_t *at = file->section(SectionKind::kParameters);
  memcpy(at, &parameters, sizeof(parameters));
  memcpy(at + sizeof(parameters), quantizer.mean(), quantizer.padded_dim() * sizeof(float));
  const CodeRows centres = quantizer.centres().rows();
  memcpy(file->section(SectionKind::kCentres), centres.records, parameters.centre_count * centres.stride);
}

void write_codes(const GraphIndexParts &parts, IndexFileWriter *file) {
  const uint32_t padded_dim = parts.quantizer->padded_dim();
  const size_t stride = code4_bytes(padded_dim);
  uint8_t *signs = file->section(SectionKind::kSignPlane);
  uint8_t *extra = file->section(SectionKind::kExtraPlane);
  uint8_t *factors = file->section(SectionKind::kFactors);
  for (size_t i = 0; i < parts.count; i++) {
    const uint8_t *record = parts.records + i * stride;
    planes_of(record, padded_dim, signs + i * (padded_dim / 8), extra + i * (padded_dim / 8 * 3));
    memcpy(factors + i * sizeof(Factors), record + padded_dim / 2, sizeof(Factors));
  }
}

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

}  // namespace

Array<uint8_t> write_graph_index(const GraphIndexParts &parts) {
  const Quantizer &quantizer = *parts.quantizer;
  IndexFileSubject subject = {IndexKind::kGraph, quantizer.dim(),      quantizer.padded_dim(), quantizer.metric(),
                              ElementType::kFloat, parts.count, 0, quantizer.seed(), {}};
  memcpy(subject.rows_sha256, parts.rows_sha256, sizeof(subject.rows_sha256));
  IndexFileWriter file(subject);
  if (!announce(parts, &file)) return {};
  write_quantizer(quantizer, &file);
  write_codes(parts, &file);
  memcpy(file.section(SectionKind::kGraphNeighbours), parts.graph->data(), parts.graph->bytes());
  memcpy(file.section(SectionKind::kEntryPoints), parts.entries, quantizer.centres().count() * sizeof(uint32_t));
  return file.finish();
}

elanus_status GraphIndex::open(const uint8_t *bytes, uint64_t size_bytes, const CodeKernels *kernels) {
  IndexFile file;
  const elanus_status opened = status_of(file.open(bytes, size_bytes, size_bytes));
  if (opened != ELANUS_OK) return opened;
  const layout::Header &header = file.header();
  if (header.kind != IndexKind::kGraph || header.element_type != ElementType::kFloat) return ELANUS_UNSUPPORTED;
  if (header.metric < ELANUS_L2 || header.metric > ELANUS_COSINE) return ELANUS_UNSUPPORTED;
  memcpy(rows_sha256_, header.rows_sha256, sizeof(rows_sha256_));
  elanus_status status = read_quantizer(&file, kernels);
  if (status == ELANUS_OK) status = read_codes(&file, header.rows);
  return status == ELANUS_OK ? read_graph(&file, header.rows) : status;
}

elanus_status GraphIndex::read_quantizer(IndexFile *file, const CodeKernels *kernels) {
  const layout::Header &header = file->header();
  if (!quantizer_.init(header.dim, header.metric, header.seed, kernels)) return ELANUS_NO_MEMORY;
  const uint32_t padded_dim = quantizer_.padded_dim();
  if (header.padded_dim != padded_dim) return ELANUS_CORRUPT;
  Section section;
  elanus_status status = read_section(file, SectionKind::kParameters, parameters_bytes(padded_dim), &section);
  if (status != ELANUS_OK) return status;
  Parameters parameters;
  memcpy(&parameters, section.data, sizeof(parameters));
  const float *mean = reinterpret_cast<const float *>(section.data + sizeof(parameters));
  const uint32_t centres = parameters.centre_count;
  if (centres == 0 || centres > kCodeCentresMax || !all_finite(mean, padded_dim)) return ELANUS_CORRUPT;
  status = read_section(file, SectionKind::kCentres, centres * code7_bytes(padded_dim), &section);
  if (status != ELANUS_OK) return status;
  return quantizer_.restore(mean, section.data, centres) ? ELANUS_OK : ELANUS_NO_MEMORY;
}

elanus_status GraphIndex::read_codes(IndexFile *file, uint32_t count) {
  const uint32_t padded_dim = quantizer_.padded_dim();
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

elanus_status GraphIndex::read_graph(IndexFile *file, uint32_t count) {
  Section section;
  elanus_status status = status_of(file->section(SectionKind::kGraphNeighbours, &section));
  if (status != ELANUS_OK) return status;
  if (section.length > SIZE_MAX || !graph_bytes_.resize(size_t(section.length))) return ELANUS_NO_MEMORY;
  memcpy(graph_bytes_.data(), section.data, graph_bytes_.size());
  if (!open_graph(graph_bytes_.data(), graph_bytes_.size(), &graph_) || graph_.count != count) return ELANUS_CORRUPT;
  const uint32_t centres = quantizer_.centres().count();
  status = read_section(file, SectionKind::kEntryPoints, uint64_t(centres) * sizeof(uint32_t), &section);
  if (status != ELANUS_OK) return status;
  if (!entries_.resize(centres)) return ELANUS_NO_MEMORY;
  memcpy(entries_.data(), section.data, entries_.bytes());
  for (uint32_t entry : entries_) {
    if (entry >= count) return ELANUS_CORRUPT;
  }
  return ELANUS_OK;
}

size_t GraphIndex::bytes() const {
  return sizeof(*this) + records_.bytes() + graph_bytes_.bytes() + entries_.bytes() + quantizer_.centres().bytes();
}

}  // namespace elanus
