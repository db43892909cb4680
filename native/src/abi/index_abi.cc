// Index abi: the functions of elanus.h for builders, indexes and searchers. Arguments are checked here.
#include <string.h>

#include <new>

#include "abi/handles.h"
#include "base/memory.h"
#include "index/ann_index_builder.h"
#include "index/ann_index_layout.h"
#include "index/ann_searcher.h"

struct elanus_builder {
  elanus::AnnIndexBuilder builder;
  elanus::Array<uint8_t> file;
  bool failed, stepped;
  elanus::Array<uint32_t> worked;  // of every worker how many tasks of this stage it finished; empty if none planned
};

struct elanus_index {
  elanus::AnnIndex index;
};

struct elanus_searcher {
  elanus::AnnSearcher searcher;
};

using elanus::close;

namespace {

static_assert(ELANUS_GRAPH == uint32_t(elanus::IndexKind::kGraph) && ELANUS_IVF == uint32_t(elanus::IndexKind::kIvf));
static_assert(ELANUS_STAGE_SCAN == uint32_t(elanus::Stage::kScan) && ELANUS_STAGE_GRAPH == uint32_t(elanus::Stage::kGraph));
static_assert(ELANUS_FLOAT_VECTOR == uint32_t(elanus::ElementType::kFloat) &&
              ELANUS_FLOAT16_VECTOR == uint32_t(elanus::ElementType::kFloat16) &&
              ELANUS_BFLOAT16_VECTOR == uint32_t(elanus::ElementType::kBFloat16) &&
              ELANUS_INT8_VECTOR == uint32_t(elanus::ElementType::kInt8));
static_assert(ELANUS_CALIBRATION_MAX == elanus::kCalibrationBytesMax);

bool is_kind(elanus_kind kind) { return kind == ELANUS_GRAPH || kind == ELANUS_IVF; }

// Patience is a number, and of the rest k alone has a range: more rows than there are do no harm.
bool is_sound(const elanus_request *request) {
  return request != nullptr && request->k >= 1 && request->k <= ELANUS_K_MAX && request->patience >= 0;
}

}  // namespace

extern "C" {

elanus_status elanus_builder_open(const elanus_flat *rows, const elanus_build_options *options, uint32_t kernels,
                                  elanus_builder **out) {
  if (rows == nullptr || options == nullptr || out == nullptr) return ELANUS_INVALID;
  const elanus::Flat *dense = elanus::dense_of(rows);
  if (dense == nullptr || dense->size() == 0) return ELANUS_INVALID;
  if (!is_kind(options->kind)) return ELANUS_UNSUPPORTED;
  const elanus::CodeKernels *codes = elanus::code_kernels_at(kernels);
  const elanus::BuildKernels *build = elanus::build_kernels_at(kernels);
  if (codes == nullptr || build == nullptr) return ELANUS_UNSUPPORTED;
  elanus::AnnBuildOptions wanted = {elanus::IndexKind(options->kind), options->lists, options->seed, {}};
  memcpy(wanted.rows_sha256, options->rows_sha256, sizeof(wanted.rows_sha256));
  void *memory = elanus::allocate(sizeof(elanus_builder));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  *out = new (memory) elanus_builder{{dense->vectors(), wanted, *codes, *build}, {}, false, false, {}};
  return ELANUS_OK;
}

void elanus_builder_close(elanus_builder *builder) { close(builder); }

elanus_status elanus_builder_step(elanus_builder *builder, uint32_t pairs, uint32_t *done) {
  using Progress = elanus::AnnIndexBuilder::Progress;
  if (builder == nullptr || done == nullptr || builder->failed || builder->worked.size() > 0) return ELANUS_INVALID;
  builder->stepped = true;
  const Progress progress = builder->builder.step(pairs);
  builder->failed = progress == Progress::kNoMemory;
  if (builder->failed) return ELANUS_NO_MEMORY;
  *done = progress == Progress::kDone;
  return ELANUS_OK;
}

elanus_status elanus_builder_plan(elanus_builder *builder, uint32_t workers, uint32_t *tasks) {
  if (builder == nullptr || tasks == nullptr || builder->failed || builder->stepped) return ELANUS_INVALID;
  if (workers == 0 || workers > ELANUS_WORKERS_MAX) return ELANUS_INVALID;
  if (builder->worked.size() == 0) {
    builder->failed = !builder->builder.staff(workers) || !builder->worked.resize(workers);
    if (builder->failed) return ELANUS_NO_MEMORY;
  }
  uint64_t worked = 0;
  for (uint32_t count : builder->worked) worked += count;
  if (workers != builder->worked.size() || worked != builder->builder.task_count()) return ELANUS_INVALID;
  for (uint32_t &count : builder->worked) count = 0;
  builder->failed = !builder->builder.plan();
  if (builder->failed) return ELANUS_NO_MEMORY;
  *tasks = builder->builder.task_count();
  return ELANUS_OK;
}

elanus_status elanus_builder_work(elanus_builder *builder, uint32_t worker, uint32_t task) {
  if (builder == nullptr || builder->failed || worker >= builder->worked.size()) return ELANUS_INVALID;
  if (task >= builder->builder.task_count()) return ELANUS_INVALID;
  while (!builder->builder.work(worker, task)) continue;
  builder->worked[worker]++;
  return ELANUS_OK;
}

elanus_status elanus_builder_write(elanus_builder *builder, elanus_kind kind, const uint8_t *calibration,
                                   uint32_t calibration_bytes) {
  if (builder == nullptr || builder->failed || !builder->builder.done()) return ELANUS_INVALID;
  if (!is_kind(kind) || (kind == ELANUS_GRAPH && builder->builder.kind() != elanus::IndexKind::kGraph)) return ELANUS_INVALID;
  if (calibration_bytes > ELANUS_CALIBRATION_MAX || (calibration == nullptr && calibration_bytes > 0)) return ELANUS_INVALID;
  // Not two files at once.
  builder->file = elanus::Array<uint8_t>();
  builder->file = builder->builder.write(elanus::IndexKind(kind), {calibration, calibration_bytes});
  return builder->file.size() > 0 ? ELANUS_OK : ELANUS_NO_MEMORY;
}

elanus_status elanus_builder_bytes(const elanus_builder *builder, const uint8_t **bytes, size_t *size_bytes) {
  if (builder == nullptr || bytes == nullptr || size_bytes == nullptr || builder->file.size() == 0) return ELANUS_INVALID;
  *bytes = builder->file.data();
  *size_bytes = builder->file.size();
  return ELANUS_OK;
}

elanus_status elanus_index_open(const uint8_t *bytes, size_t size_bytes, uint32_t flags, uint32_t kernels, elanus_index **out) {
  if (bytes == nullptr || out == nullptr || reinterpret_cast<uintptr_t>(bytes) % elanus::kAlignment != 0) return ELANUS_INVALID;
  if ((flags & ~uint32_t(ELANUS_AS_IVF | ELANUS_PARTIAL)) != 0) return ELANUS_INVALID;
  const elanus::CodeKernels *codes = elanus::code_kernels_at(kernels);
  if (codes == nullptr) return ELANUS_UNSUPPORTED;
  void *memory = elanus::allocate(sizeof(elanus_index));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  elanus_index *opened = new (memory) elanus_index;
  const elanus::AnnOpening how = {(flags & ELANUS_AS_IVF) != 0, (flags & ELANUS_PARTIAL) != 0};
  const elanus_status status = opened->index.open(bytes, size_bytes, how, codes);
  if (status != ELANUS_OK) {
    close(opened);
    return status;
  }
  *out = opened;
  return ELANUS_OK;
}

void elanus_index_close(elanus_index *index) { close(index); }

elanus_status elanus_index_info(const elanus_index *index, elanus_index_about *out) {
  if (index == nullptr || out == nullptr) return ELANUS_INVALID;
  const elanus::AnnIndex &opened = index->index;
  const elanus::Quantizer &quantizer = opened.quantizer();
  *out = {elanus_kind(opened.kind()), elanus_stage(opened.stage()), opened.lists().list_count(), opened.count(),
          quantizer.dim(), quantizer.metric(), elanus_element(opened.element_type()), {}};
  memcpy(out->rows_sha256, opened.rows_sha256(), sizeof(out->rows_sha256));
  return ELANUS_OK;
}

elanus_status elanus_index_calibration(const elanus_index *index, const uint8_t **bytes, size_t *size_bytes) {
  if (index == nullptr || bytes == nullptr || size_bytes == nullptr) return ELANUS_INVALID;
  *bytes = index->index.calibration().data();
  *size_bytes = index->index.calibration().size();
  return ELANUS_OK;
}

size_t elanus_index_bytes(const elanus_index *index) { return index == nullptr ? 0 : index->index.bytes(); }

elanus_status elanus_index_extent(const uint8_t *head, size_t head_bytes, elanus_stage stage, uint64_t *bytes, uint32_t *more) {
  if ((head == nullptr && head_bytes > 0) || bytes == nullptr || more == nullptr) return ELANUS_INVALID;
  if (stage < ELANUS_STAGE_SCAN || stage > ELANUS_STAGE_GRAPH) return ELANUS_INVALID;
  uint64_t needed = 0;
  bool is_short = false;
  const elanus_status status = elanus::ann_index_extent(head, head_bytes, elanus::Stage(stage), &needed, &is_short);
  if (status != ELANUS_OK) return status;
  *bytes = needed;
  *more = is_short;
  return ELANUS_OK;
}

elanus_status elanus_searcher_open(const elanus_index *index, const elanus_flat *rows, uint32_t effort_max,
                                   elanus_searcher **out) {
  if (index == nullptr || out == nullptr || effort_max == 0 || effort_max > ELANUS_EFFORT_MAX) return ELANUS_INVALID;
  const elanus::Quantizer &quantizer = index->index.quantizer();
  const elanus::Flat *dense = rows == nullptr ? nullptr : elanus::dense_of(rows);
  if (rows != nullptr) {
    if (dense == nullptr) return ELANUS_INVALID;
    const elanus::TypedRows &vectors = dense->vectors();
    if (vectors.dim() != quantizer.dim() || vectors.metric() != quantizer.metric()) return ELANUS_INVALID;
    if (vectors.size() != index->index.count()) return ELANUS_INVALID;
    if (elanus::column_type(vectors.element()) != index->index.element_type()) return ELANUS_INVALID;
  }
  void *memory = elanus::allocate(sizeof(elanus_searcher));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  elanus_searcher *opened = new (memory) elanus_searcher;
  if (!opened->searcher.init(index->index, dense, effort_max)) {
    close(opened);
    return ELANUS_NO_MEMORY;
  }
  *out = opened;
  return ELANUS_OK;
}

void elanus_searcher_close(elanus_searcher *searcher) { close(searcher); }

elanus_status elanus_searcher_search(elanus_searcher *searcher, const float *queries, uint32_t query_count,
                                     const elanus_request *request, const uint8_t *alive, uint32_t *counts,
                                     uint32_t *rows, float *scores) {
  if (searcher == nullptr || !is_sound(request)) return ELANUS_INVALID;
  elanus::AnnSearcher &searching = searcher->searcher;
  if (!searching.has_rows() && !searching.fits(*request)) return ELANUS_INVALID;
  if (query_count == 0) return ELANUS_OK;
  if (queries == nullptr || counts == nullptr || rows == nullptr || scores == nullptr) return ELANUS_INVALID;
  const uint32_t dim = searching.index().quantizer().dim(), k = request->k;
  if (!elanus::fits(query_count, dim) || !elanus::fits(query_count, k)) return ELANUS_INVALID;
  const elanus::Passing passing = searching.passing(alive);
  for (size_t q = 0; q < query_count; q++) {
    counts[q] = searching.search(queries + q * dim, *request, passing, rows + q * k, scores + q * k);
  }
  return ELANUS_OK;
}

elanus_status elanus_searcher_estimate(elanus_searcher *searcher, const float *queries, uint32_t query_count,
                                       const elanus_request *request, const uint8_t *alive, uint32_t *counts,
                                       uint32_t *rows, float *scores, float *errors) {
  if (searcher == nullptr || !is_sound(request)) return ELANUS_INVALID;
  elanus::AnnSearcher &searching = searcher->searcher;
  if (searching.has_rows() || !searching.fits(*request)) return ELANUS_INVALID;
  if (query_count == 0) return ELANUS_OK;
  if (queries == nullptr || counts == nullptr || rows == nullptr || scores == nullptr || errors == nullptr) return ELANUS_INVALID;
  const uint32_t dim = searching.index().quantizer().dim(), k = request->k;
  if (!elanus::fits(query_count, dim) || !elanus::fits(query_count, k)) return ELANUS_INVALID;
  const elanus::Passing passing = searching.passing(alive);
  for (size_t q = 0; q < query_count; q++) {
    counts[q] = searching.estimate(queries + q * dim, *request, passing, rows + q * k, scores + q * k, errors + q * k);
  }
  return ELANUS_OK;
}

elanus_status elanus_searcher_search_rows(elanus_searcher *searcher, const uint32_t *selves, uint32_t row_count,
                                          const elanus_request *request, uint32_t *counts, uint32_t *rows, float *scores) {
  if (searcher == nullptr || !is_sound(request)) return ELANUS_INVALID;
  elanus::AnnSearcher &searching = searcher->searcher;
  if (!searching.has_rows() || !searching.fits(*request)) return ELANUS_INVALID;
  if (row_count == 0) return ELANUS_OK;
  if (selves == nullptr || counts == nullptr || rows == nullptr || scores == nullptr) return ELANUS_INVALID;
  if (!elanus::fits(row_count, request->k)) return ELANUS_INVALID;
  for (uint32_t i = 0; i < row_count; i++) {
    if (selves[i] >= searching.index().count()) return ELANUS_INVALID;
  }
  for (size_t i = 0; i < row_count; i++) {
    counts[i] = searching.search_row(selves[i], *request, rows + i * request->k, scores + i * request->k);
  }
  return ELANUS_OK;
}

void elanus_searcher_cost(const elanus_searcher *searcher, elanus_cost *cost) {
  if (searcher == nullptr || cost == nullptr) return;
  *cost = searcher->searcher.cost();
}

}  // extern "C"
