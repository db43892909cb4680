// Rank abi: elanus_rank. Arguments are checked here.
#include "abi/handles.h"
#include "index/rank.h"

extern "C" {

elanus_status elanus_rank(uint32_t dim, elanus_metric metric, elanus_element element, uint32_t kernels, const float *query,
                          const void *vectors, uint32_t count, uint32_t k, uint32_t *found, uint32_t *positions,
                          float *scores) {
  elanus::Element held;
  if (!elanus::is_dense(dim, metric, element) || !elanus::element_of(element, &held)) return ELANUS_INVALID;
  if (k == 0 || k > ELANUS_K_MAX || query == nullptr || found == nullptr || positions == nullptr || scores == nullptr) {
    return ELANUS_INVALID;
  }
  if ((vectors == nullptr && count > 0) || !elanus::has_size(count, size_t(dim) * elanus::element_bytes(held))) {
    return ELANUS_INVALID;
  }
  const elanus::Kernels *set = elanus::kernels_at(kernels);
  if (set == nullptr) return ELANUS_UNSUPPORTED;
  const elanus::RankRequest request = {metric, held, dim, query, vectors, count, k};
  *found = elanus::rank_vectors(*elanus::typed_kernels_of(set), request, positions, scores);
  return ELANUS_OK;
}

}  // extern "C"
