// Sparse abi: the functions of elanus.h for sparse rows. Arguments are checked here, rows and queries in full before
// the first of them changes or writes anything.
#include <new>

#include "abi/handles.h"
#include "abi/sparse_file.h"
#include "sparse/sparse_builder.h"

using elanus::Array;
using elanus::SparseVector;

struct elanus_sparse_builder {
  explicit elanus_sparse_builder(elanus::SparseWeights given) : weights(given), builder(given) {}
  const elanus::SparseWeights weights;
  elanus::SparseBuilder builder;
  Array<uint8_t> file;  // empty until finished
};

struct elanus_sparse {
  Array<uint8_t> image;
  elanus::SparseIndex index;
  elanus::SparseScratch scratch;
  uint32_t terms_max = 0;  // that the scratch is open for
  uint32_t k_max = 0;
  uint64_t postings_added = 0;
  uint64_t rows_scored = 0;
};

static_assert(ELANUS_SPARSE_TERMS_MAX == elanus::SparseScratch::kTermsMax);

namespace {

// Sparse rows as elanus.h has them.
struct CsrRows {
  const uint32_t *indptr;
  uint32_t count;
  const uint32_t *indices;
  const float *values;

  uint32_t row_terms(uint32_t row) const { return indptr[row + 1] - indptr[row]; }
  SparseVector row(uint32_t row) const { return {indices + indptr[row], values + indptr[row], row_terms(row)}; }
  uint32_t value_count() const { return indptr[count]; }

  bool is_valid() const {
    if (indptr == nullptr || indptr[0] != 0) return false;
    for (uint32_t i = 0; i < count; i++) {
      if (indptr[i + 1] < indptr[i]) return false;
    }
    if (value_count() > 0 && (indices == nullptr || values == nullptr)) return false;
    for (uint32_t i = 0; i < count; i++) {
      if (row_terms(i) > 0 && !elanus::is_sparse_vector(row(i))) return false;
    }
    return true;
  }

  uint32_t terms_max() const {
    uint32_t most = 0;
    for (uint32_t i = 0; i < count; i++) most = row_terms(i) > most ? row_terms(i) : most;
    return most;
  }
};

// Room for such a search, kept for those to come.
elanus_status make_room(elanus_sparse *index, uint32_t terms, uint32_t k) {
  if (terms <= index->terms_max && k <= index->k_max) return ELANUS_OK;
  const uint32_t terms_max = terms > index->terms_max ? terms : index->terms_max;
  const uint32_t k_max = k > index->k_max ? k : index->k_max;
  index->terms_max = index->k_max = 0;
  const elanus_status status = index->scratch.open(index->index.row_count(), terms_max, k_max);
  if (status != ELANUS_OK) return status;
  index->terms_max = terms_max;
  index->k_max = k_max;
  return ELANUS_OK;
}

}  // namespace

extern "C" {

elanus_status elanus_sparse_builder_open(elanus_sparse_weights weights, elanus_sparse_builder **out) {
  if (out == nullptr || weights > ELANUS_FREQUENCIES) return ELANUS_INVALID;
  void *memory = elanus::allocate(sizeof(elanus_sparse_builder));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  *out = new (memory) elanus_sparse_builder(elanus::SparseWeights(weights));
  return ELANUS_OK;
}

void elanus_sparse_builder_close(elanus_sparse_builder *builder) { elanus::close(builder); }

elanus_status elanus_sparse_builder_append(elanus_sparse_builder *builder, const uint32_t *indptr, uint32_t count,
                                           const uint32_t *indices, const float *values, const uint32_t *lengths) {
  const CsrRows rows = {indptr, count, indices, values};
  if (builder == nullptr || builder->file.size() > 0 || !rows.is_valid()) return ELANUS_INVALID;
  const bool has_lengths = builder->weights == elanus::SparseWeights::kFrequencies;
  if (count > 0 && (lengths != nullptr) != has_lengths) return ELANUS_INVALID;
  for (uint32_t i = 0; has_lengths && i < count; i++) {
    if (!builder->builder.takes(rows.row(i), lengths[i])) return ELANUS_INVALID;
  }
  const elanus_status reserved = builder->builder.reserve(count, rows.value_count());
  if (reserved != ELANUS_OK) return reserved;
  for (uint32_t i = 0; i < count; i++) {
    const elanus_status added = builder->builder.add(rows.row(i), has_lengths ? lengths[i] : 0);
    if (added != ELANUS_OK) return added;
  }
  return ELANUS_OK;
}

elanus_status elanus_sparse_builder_finish(elanus_sparse_builder *builder, const uint8_t *rows_sha256,
                                           const uint8_t **bytes, size_t *size_bytes) {
  if (builder == nullptr || rows_sha256 == nullptr || bytes == nullptr || size_bytes == nullptr) return ELANUS_INVALID;
  const uint32_t rows = builder->builder.row_count();
  if (rows == 0 || builder->file.size() > 0) return ELANUS_INVALID;
  Array<uint8_t> image;
  elanus_status status = builder->builder.finish(&image);
  if (status == ELANUS_OK) status = elanus::write_sparse_file(image, builder->weights, rows, rows_sha256, &builder->file);
  if (status != ELANUS_OK) return status;
  *bytes = builder->file.data();
  *size_bytes = builder->file.size();
  return ELANUS_OK;
}

elanus_status elanus_sparse_open(const uint8_t *bytes, size_t size_bytes, elanus_sparse **out) {
  if (bytes == nullptr || out == nullptr || reinterpret_cast<uintptr_t>(bytes) % elanus::kAlignment != 0) return ELANUS_INVALID;
  void *memory = elanus::allocate(sizeof(elanus_sparse));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  elanus_sparse *opened = new (memory) elanus_sparse;
  const elanus_status status = elanus::read_sparse_file(bytes, size_bytes, &opened->image, &opened->index);
  if (status != ELANUS_OK) {
    elanus::close(opened);
    return status;
  }
  *out = opened;
  return ELANUS_OK;
}

void elanus_sparse_close(elanus_sparse *index) { elanus::close(index); }

uint32_t elanus_sparse_size(const elanus_sparse *index) { return index == nullptr ? 0 : index->index.row_count(); }

elanus_sparse_weights elanus_sparse_weights_of(const elanus_sparse *index) {
  return index != nullptr && index->index.has_lengths() ? ELANUS_FREQUENCIES : ELANUS_IMPACTS;
}

elanus_status elanus_sparse_search(elanus_sparse *index, const uint32_t *indptr, uint32_t query_count,
                                   const uint32_t *indices, const float *values, uint32_t k, float drop_ratio,
                                   const elanus_bm25 *bm25, const uint8_t *alive, const elanus_range *range, uint32_t *counts, uint32_t *rows,
                                   float *scores) {
  const CsrRows queries = {indptr, query_count, indices, values};
  if (index == nullptr || k == 0 || k > ELANUS_K_MAX || !elanus::is_range(range)) return ELANUS_INVALID;
  if (!(drop_ratio >= 0 && drop_ratio < 1) || (bm25 != nullptr) != index->index.has_lengths()) return ELANUS_INVALID;
  if (query_count == 0) return ELANUS_OK;
  if (counts == nullptr || rows == nullptr || scores == nullptr || !elanus::fits(query_count, k)) return ELANUS_INVALID;
  if (!queries.is_valid() || queries.terms_max() > ELANUS_SPARSE_TERMS_MAX) return ELANUS_INVALID;
  const uint32_t terms = queries.terms_max() > 0 ? queries.terms_max() : 1;
  const elanus_status room = make_room(index, terms, k);
  if (room != ELANUS_OK) return room;

  elanus::SparseParams params;
  params.k = k;
  params.drop_ratio = drop_ratio;
  if (bm25 != nullptr) {
    params.k1 = bm25->k1;
    params.b = bm25->b;
    params.average_length = bm25->average_length;
  }
  if (range != nullptr) {
    params.radius = range->radius;
    params.range_filter = range->range_filter;
  }
  for (uint32_t q = 0; q < query_count; q++) {
    elanus::SparseWork work;
    const size_t at = size_t(q) * k;
    const elanus_status status = index->index.search(queries.row(q), params, alive, &index->scratch, rows + at,
                                                     scores + at, counts + q, &work);
    if (status != ELANUS_OK) return status;
    index->postings_added += work.postings_added;
    index->rows_scored += work.rows_scored;
  }
  return ELANUS_OK;
}

elanus_status elanus_sparse_having(const elanus_sparse *index, const uint32_t *terms, uint32_t count,
                                   const uint8_t *alive, uint32_t *having) {
  if (index == nullptr || (count > 0 && (terms == nullptr || having == nullptr))) return ELANUS_INVALID;
  for (uint32_t i = 0; i < count; i++) having[i] = index->index.rows_with(terms[i], alive);
  return ELANUS_OK;
}

elanus_status elanus_sparse_totals(const elanus_sparse *index, const uint8_t *alive, uint64_t totals[2]) {
  if (index == nullptr || totals == nullptr || !index->index.has_lengths()) return ELANUS_INVALID;
  index->index.totals(alive, &totals[0], &totals[1]);
  return ELANUS_OK;
}

void elanus_sparse_cost(const elanus_sparse *index, uint64_t cost[2]) {
  if (index == nullptr || cost == nullptr) return;
  cost[0] = index->postings_added;
  cost[1] = index->rows_scored;
}

size_t elanus_sparse_bytes(const elanus_sparse *index) {
  return index == nullptr ? 0 : sizeof(*index) + index->image.size() + index->scratch.bytes();
}

}  // extern "C"
