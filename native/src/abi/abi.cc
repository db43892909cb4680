// Abi: the functions of elanus.h. Arguments are checked here and nowhere below; below there are only contracts.
#include "elanus.h"

#include <new>

#include "abi/handles.h"
#include "kernels/kernels.h"

namespace {

constexpr uint32_t kRowsMax = 0x7fffffff;

bool has_room(const elanus_flat *flat, uint32_t count) { return count <= kRowsMax - flat->index.size(); }

}  // namespace

extern "C" {

uint32_t elanus_abi_version(void) { return ELANUS_ABI_VERSION; }

const char *elanus_status_text(elanus_status status) {
  switch (status) {
    case ELANUS_OK: return "success";
    case ELANUS_INVALID: return "an argument breaks the contract";
    case ELANUS_NO_MEMORY: return "out of memory";
    case ELANUS_UNSUPPORTED: return "not supported by this machine or build";
    case ELANUS_CORRUPT: return "damaged bytes";
    default: return "unknown status";
  }
}

void *elanus_alloc(size_t size_bytes) { return elanus::allocate(size_bytes); }

void elanus_free(void *memory) { elanus::release(memory); }

const char *elanus_kernels_name(uint32_t position) {
  const elanus::Kernels *kernels = elanus::kernels_at(position);
  return kernels == nullptr ? nullptr : kernels->name;
}

elanus_status elanus_flat_open(uint32_t dim, elanus_metric metric, uint32_t kernels, elanus_flat **out) {
  if (out == nullptr || dim == 0 || dim > ELANUS_DIM_MAX) return ELANUS_INVALID;
  if (metric != ELANUS_L2 && metric != ELANUS_IP && metric != ELANUS_COSINE) return ELANUS_INVALID;
  const elanus::Kernels *set = elanus::kernels_at(kernels);
  if (set == nullptr) return ELANUS_UNSUPPORTED;
  void *memory = elanus::allocate(sizeof(elanus_flat));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  *out = new (memory) elanus_flat{elanus::Flat(dim, metric, set)};
  return ELANUS_OK;
}

void elanus_flat_close(elanus_flat *flat) {
  if (flat == nullptr) return;
  flat->~elanus_flat();
  elanus::release(flat);
}

uint32_t elanus_flat_size(const elanus_flat *flat) { return flat == nullptr ? 0 : flat->index.size(); }

elanus_status elanus_flat_reserve(elanus_flat *flat, uint32_t count) {
  if (flat == nullptr || !has_room(flat, count)) return ELANUS_INVALID;
  return flat->index.reserve(count) ? ELANUS_OK : ELANUS_NO_MEMORY;
}

elanus_status elanus_flat_append(elanus_flat *flat, const float *vectors, uint32_t count) {
  if (flat == nullptr || (vectors == nullptr && count > 0)) return ELANUS_INVALID;
  if (!has_room(flat, count) || !elanus::fits(count, flat->index.dim())) return ELANUS_INVALID;
  return flat->index.append(vectors, count) ? ELANUS_OK : ELANUS_NO_MEMORY;
}

elanus_status elanus_flat_read(const elanus_flat *flat, uint32_t first, uint32_t count, float *out) {
  if (flat == nullptr || (out == nullptr && count > 0)) return ELANUS_INVALID;
  if (first > flat->index.size() || count > flat->index.size() - first) return ELANUS_INVALID;
  flat->index.read(first, count, out);
  return ELANUS_OK;
}

elanus_status elanus_flat_search(const elanus_flat *flat, const float *queries, uint32_t query_count, uint32_t k,
                                 const uint8_t *alive, uint32_t *counts, uint32_t *rows, float *scores) {
  if (flat == nullptr || k == 0 || k > ELANUS_K_MAX) return ELANUS_INVALID;
  if (query_count == 0) return ELANUS_OK;
  if (queries == nullptr || counts == nullptr || rows == nullptr || scores == nullptr) return ELANUS_INVALID;
  if (!elanus::fits(query_count, flat->index.dim()) || !elanus::fits(query_count, k)) return ELANUS_INVALID;
  flat->index.search(queries, query_count, k, alive, counts, rows, scores);
  return ELANUS_OK;
}

size_t elanus_flat_bytes(const elanus_flat *flat) { return flat == nullptr ? 0 : flat->index.bytes(); }

}  // extern "C"
