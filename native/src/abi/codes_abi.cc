// Codes abi: the functions of elanus.h for the codes of growing rows. Arguments are checked here.
#include <new>

#include "abi/handles.h"
#include "index/flat_codes.h"

struct elanus_codes {
  elanus::FlatCodes codes;
};

extern "C" {

elanus_status elanus_codes_open(const elanus_flat *rows, uint32_t seed, uint32_t kernels, elanus_codes **out) {
  if (rows == nullptr || out == nullptr) return ELANUS_INVALID;
  const elanus::Flat *dense = elanus::dense_of(rows);
  if (dense == nullptr) return ELANUS_INVALID;
  const elanus::CodeKernels *set = elanus::code_kernels_at(kernels);
  if (set == nullptr) return ELANUS_UNSUPPORTED;
  void *memory = elanus::allocate(sizeof(elanus_codes));
  if (memory == nullptr) return ELANUS_NO_MEMORY;
  *out = new (memory) elanus_codes{{*dense, seed, *set}};
  return ELANUS_OK;
}

void elanus_codes_close(elanus_codes *codes) { elanus::close(codes); }

elanus_status elanus_codes_update(elanus_codes *codes, uint32_t rows_max, uint32_t *left) {
  if (codes == nullptr || left == nullptr) return ELANUS_INVALID;
  if (!codes->codes.update(rows_max)) return ELANUS_NO_MEMORY;
  *left = codes->codes.left();
  return ELANUS_OK;
}

elanus_status elanus_codes_search(elanus_codes *codes, const float *queries, uint32_t query_count, uint32_t k,
                                  float deviations, const uint8_t *alive, uint32_t *counts, uint32_t *rows,
                                  float *scores) {
  if (codes == nullptr || k == 0 || k > ELANUS_K_MAX || !(deviations > 0)) return ELANUS_INVALID;
  if (query_count == 0) return ELANUS_OK;
  if (queries == nullptr || counts == nullptr || rows == nullptr || scores == nullptr) return ELANUS_INVALID;
  const uint32_t dim = codes->codes.dim();
  if (!elanus::fits(query_count, dim) || !elanus::fits(query_count, k)) return ELANUS_INVALID;
  for (size_t q = 0; q < query_count; q++) {
    counts[q] = codes->codes.search(queries + q * dim, k, deviations, alive, rows + q * k, scores + q * k);
  }
  return ELANUS_OK;
}

float elanus_codes_recall(const elanus_codes *codes, float deviations) {
  return codes == nullptr ? 0 : codes->codes.recall(deviations);
}

void elanus_codes_cost(const elanus_codes *codes, uint64_t cost[3]) {
  if (codes == nullptr || cost == nullptr) return;
  const elanus::CodesCost &spent = codes->codes.cost();
  cost[0] = spent.scanned;
  cost[1] = spent.reranked;
  cost[2] = spent.scans;
}

size_t elanus_codes_bytes(const elanus_codes *codes) { return codes == nullptr ? 0 : codes->codes.bytes(); }

}  // extern "C"
