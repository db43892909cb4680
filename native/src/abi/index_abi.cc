// Index abi: the functions of elanus.h for builders, indexes and searchers. Arguments are checked here.
#include <new>

#include "abi/handles.h"
#include "base/memory.h"
#include "index/graph_index_builder.h"
#include "index/graph_searcher.h"

struct elanus_builder {
  elanus::GraphIndexBuilder builder;
  elanus::Array<uint8_t> file;
  bool failed;
};

struct elanus_index {
  elanus::GraphIndex index;
};

struct elanus_searcher {
  elanus::GraphSearcher searcher;
  uint32_t dim;
};

using elanus::close;

extern "C" {

elanus_status elanus_builder_open(const elanus_flat *rows, elanus_kind kind, uint32_t seed, const uint8_t *rows_sha256,
                                  uint32_t kernels, elanus_builder **out) {
  if (rows == nullptr || rows_sha256 == nullptr || out == nullptr) return ELANUS_INVALID;
  const elanus::Flat *dense = elanus::dense_of(rows);
  if (dense == nullptr || dense->size() == 0) return ELANUS_INVALID;
  if (kind != ELANUS_GRAPH) return ELANUS_UNSUPPORTED;
  const elanus::CodeKernels *codes = elanus::code_kernels_at(kernels);
  const elanus::BuildKernels *build = elanus::build_kernels_at(kernels);
  if (codes == nullptr || build == nullptr) return ELANUS_UNSUPPORTED;
  void *memory = elanus::allocate(sizeof(elanus_builder));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  *out = new (memory) elanus_builder{{dense->vectors(), seed, rows_sha256, *codes, *build}, {}, false};
  return ELANUS_OK;
}

void elanus_builder_close(elanus_builder *builder) { close(builder); }

elanus_status elanus_builder_step(elanus_builder *builder, uint32_t pairs, uint32_t *done) {
  using Progress = elanus::GraphIndexBuilder::Progress;
  if (builder == nullptr || done == nullptr || builder->failed) return ELANUS_INVALID;
  if (builder->file.size() > 0) {
    *done = 1;
    return ELANUS_OK;
  }
  const Progress progress = builder->builder.step(pairs);
  builder->failed = progress == Progress::kNoMemory;
  if (builder->failed) return ELANUS_NO_MEMORY;
  if (progress == Progress::kDone) builder->file = builder->builder.take();
  *done = progress == Progress::kDone;
  return ELANUS_OK;
}

elanus_status elanus_builder_bytes(const elanus_builder *builder, const uint8_t **bytes, size_t *size_bytes) {
  if (builder == nullptr || bytes == nullptr || size_bytes == nullptr || builder->file.size() == 0) return ELANUS_INVALID;
  *bytes = builder->file.data();
  *size_bytes = builder->file.size();
  return ELANUS_OK;
}

elanus_status elanus_index_open(const uint8_t *bytes, size_t size_bytes, uint32_t kernels, elanus_index **out) {
  if (bytes == nullptr || out == nullptr || reinterpret_cast<uintptr_t>(bytes) % elanus::kAlignment != 0) return ELANUS_INVALID;
  const elanus::CodeKernels *codes = elanus::code_kernels_at(kernels);
  if (codes == nullptr) return ELANUS_UNSUPPORTED;
  void *memory = elanus::allocate(sizeof(elanus_index));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  elanus_index *opened = new (memory) elanus_index;
  const elanus_status status = opened->index.open(bytes, size_bytes, codes);
  if (status != ELANUS_OK) {
    close(opened);
    return status;
  }
  *out = opened;
  return ELANUS_OK;
}

void elanus_index_close(elanus_index *index) { close(index); }

size_t elanus_index_bytes(const elanus_index *index) { return index == nullptr ? 0 : index->index.bytes(); }

elanus_status elanus_searcher_open(const elanus_index *index, const elanus_flat *rows, uint32_t ef_max,
                                   elanus_searcher **out) {
  if (index == nullptr || rows == nullptr || out == nullptr || ef_max == 0 || ef_max > ELANUS_EF_MAX) return ELANUS_INVALID;
  const elanus::Flat *dense = elanus::dense_of(rows);
  if (dense == nullptr) return ELANUS_INVALID;
  const elanus::Quantizer &quantizer = index->index.quantizer();
  const elanus::TypedRows &vectors = dense->vectors();
  if (vectors.dim() != quantizer.dim() || vectors.metric() != quantizer.metric()) return ELANUS_INVALID;
  if (vectors.size() != index->index.count()) return ELANUS_INVALID;
  void *memory = elanus::allocate(sizeof(elanus_searcher));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  elanus_searcher *opened = new (memory) elanus_searcher{{}, vectors.dim()};
  if (!opened->searcher.init(index->index, *dense, ef_max)) {
    close(opened);
    return ELANUS_NO_MEMORY;
  }
  *out = opened;
  return ELANUS_OK;
}

void elanus_searcher_close(elanus_searcher *searcher) { close(searcher); }

elanus_status elanus_searcher_search(elanus_searcher *searcher, const float *queries, uint32_t query_count, uint32_t k,
                                     uint32_t ef, uint32_t rerank, const uint8_t *alive, uint32_t *counts,
                                     uint32_t *rows, float *scores) {
  if (searcher == nullptr || k == 0 || k > ELANUS_K_MAX) return ELANUS_INVALID;
  if (query_count == 0) return ELANUS_OK;
  if (queries == nullptr || counts == nullptr || rows == nullptr || scores == nullptr) return ELANUS_INVALID;
  if (!elanus::fits(query_count, searcher->dim) || !elanus::fits(query_count, k)) return ELANUS_INVALID;
  for (size_t q = 0; q < query_count; q++) {
    counts[q] = searcher->searcher.search(queries + q * searcher->dim, k, ef, rerank, alive, rows + q * k, scores + q * k);
  }
  return ELANUS_OK;
}

elanus_status elanus_searcher_search_rows(elanus_searcher *searcher, const uint32_t *selves, uint32_t row_count,
                                          uint32_t k, uint32_t ef, uint32_t rerank, uint32_t *counts, uint32_t *rows,
                                          float *scores) {
  if (searcher == nullptr || k == 0 || ef < k || ef > searcher->searcher.ef_max()) return ELANUS_INVALID;
  if (row_count == 0) return ELANUS_OK;
  if (selves == nullptr || counts == nullptr || rows == nullptr || scores == nullptr) return ELANUS_INVALID;
  if (!elanus::fits(row_count, k)) return ELANUS_INVALID;
  for (uint32_t i = 0; i < row_count; i++) {
    if (selves[i] >= searcher->searcher.count()) return ELANUS_INVALID;
  }
  for (size_t i = 0; i < row_count; i++) {
    counts[i] = searcher->searcher.search_row(selves[i], k, ef, rerank, rows + i * k, scores + i * k);
  }
  return ELANUS_OK;
}

void elanus_searcher_cost(const elanus_searcher *searcher, uint64_t cost[4]) {
  if (searcher == nullptr || cost == nullptr) return;
  const elanus::SearchCost &spent = searcher->searcher.cost();
  cost[0] = spent.hops;
  cost[1] = spent.scored;
  cost[2] = spent.reranked;
  cost[3] = spent.scans;
}

}  // extern "C"
