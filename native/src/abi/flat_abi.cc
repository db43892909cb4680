// Flat abi: the functions of elanus.h for exact indexes, over vectors and over bits. Arguments are checked here.
#include <new>

#include "abi/handles.h"
#include "kernels/kernels.h"

using elanus::BinaryFlat;
using elanus::BinaryMetric;
using elanus::element_of;
using elanus::Element;
using elanus::Flat;
using elanus::is_dense;
using elanus::Kernels;

namespace {

constexpr uint32_t kRowsMax = 0x7fffffff;

uint32_t size_of(const elanus_flat *flat) {
  return elanus::with_rows(flat, [](const auto &rows) { return rows.size(); });
}

uint32_t row_bytes_of(const elanus_flat *flat) {
  return elanus::with_rows(flat, [](const auto &rows) { return rows.row_bytes(); });
}

size_t query_bytes_of(const elanus_flat *flat) {
  const Flat *dense = elanus::dense_of(flat);
  return dense == nullptr ? row_bytes_of(flat) : size_t(dense->dim()) * sizeof(float);
}

bool has_room(const elanus_flat *flat, uint32_t count) { return count <= kRowsMax - size_of(flat); }

bool is_binary(uint32_t dim, elanus_metric metric, elanus_element element) {
  const bool has_metric = metric == ELANUS_HAMMING || metric == ELANUS_JACCARD;
  return element == ELANUS_BINARY_VECTOR && has_metric && dim >= 8 && dim <= ELANUS_BINARY_DIM_MAX && dim % 8 == 0;
}

elanus_flat *make_flat(void *memory, uint32_t dim, elanus_metric metric, elanus_element element, const Kernels *set) {
  Element held;
  if (element_of(element, &held)) return new (memory) elanus_flat{decltype(elanus_flat::rows)(std::in_place_type<Flat>, dim, metric, set, held)};
  return new (memory) elanus_flat{decltype(elanus_flat::rows)(std::in_place_type<BinaryFlat>, dim, BinaryMetric(metric), set)};
}

}  // namespace

extern "C" {

elanus_status elanus_flat_open(uint32_t dim, elanus_metric metric, elanus_element element, uint32_t kernels,
                               elanus_flat **out) {
  if (out == nullptr || !(is_dense(dim, metric, element) || is_binary(dim, metric, element))) return ELANUS_INVALID;
  const Kernels *set = elanus::kernels_at(kernels);
  if (set == nullptr) return ELANUS_UNSUPPORTED;
  void *memory = elanus::allocate(sizeof(elanus_flat));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  *out = make_flat(memory, dim, metric, element, set);
  return ELANUS_OK;
}

void elanus_flat_close(elanus_flat *flat) { elanus::close(flat); }

uint32_t elanus_flat_size(const elanus_flat *flat) { return flat == nullptr ? 0 : size_of(flat); }

elanus_status elanus_flat_reserve(elanus_flat *flat, uint32_t count) {
  if (flat == nullptr || !has_room(flat, count)) return ELANUS_INVALID;
  const bool reserved = elanus::with_rows(flat, [=](auto &rows) { return rows.reserve(count); });
  return reserved ? ELANUS_OK : ELANUS_NO_MEMORY;
}

elanus_status elanus_flat_append(elanus_flat *flat, const void *vectors, uint32_t count) {
  if (flat == nullptr || (vectors == nullptr && count > 0)) return ELANUS_INVALID;
  if (!has_room(flat, count) || !elanus::has_size(count, row_bytes_of(flat))) return ELANUS_INVALID;
  const bool appended = elanus::with_rows(flat, [=](auto &rows) { return rows.append(vectors, count); });
  return appended ? ELANUS_OK : ELANUS_NO_MEMORY;
}

elanus_status elanus_flat_read(const elanus_flat *flat, uint32_t first, uint32_t count, void *out) {
  if (flat == nullptr || (out == nullptr && count > 0)) return ELANUS_INVALID;
  if (first > size_of(flat) || count > size_of(flat) - first) return ELANUS_INVALID;
  elanus::with_rows(flat, [=](const auto &rows) { rows.read(first, count, out); });
  return ELANUS_OK;
}

elanus_status elanus_flat_search(const elanus_flat *flat, const void *queries, uint32_t query_count, uint32_t k,
                                 const uint8_t *alive, const elanus_range *range, uint32_t *counts, uint32_t *rows,
                                 float *scores) {
  if (flat == nullptr || k == 0 || k > ELANUS_K_MAX || !elanus::is_range(range)) return ELANUS_INVALID;
  if (query_count == 0) return ELANUS_OK;
  if (queries == nullptr || counts == nullptr || rows == nullptr || scores == nullptr) return ELANUS_INVALID;
  if (!elanus::has_size(query_count, query_bytes_of(flat)) || !elanus::fits(query_count, k)) return ELANUS_INVALID;
  if (const Flat *dense = elanus::dense_of(flat)) {
    dense->search(static_cast<const float *>(queries), query_count, k, alive, counts, rows, scores, range);
  } else {
    std::get_if<BinaryFlat>(&flat->rows)
        ->search(static_cast<const uint8_t *>(queries), query_count, k, alive, counts, rows, scores, range);
  }
  return ELANUS_OK;
}

size_t elanus_flat_bytes(const elanus_flat *flat) {
  return flat == nullptr ? 0 : elanus::with_rows(flat, [](const auto &rows) { return rows.bytes(); });
}

}  // extern "C"
