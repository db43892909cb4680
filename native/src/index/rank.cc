// Rank: the scan of a flat index over vectors that lie where the caller put them.
#include "index/rank.h"

#include "index/scan.h"

namespace elanus {
namespace {

// As the smaller the better: those of similarities are their negatives.
void keys_of(const TypedKernels &kernels, const RankRequest &request, float inverse, const void *const *at, uint32_t count,
             float *keys) {
  const TypedBlock pairs = {request.query, 1, count, request.dim, at, keys};
  const uint32_t element = uint32_t(request.element);
  if (request.metric == ELANUS_L2) return kernels.l2[element](pairs);
  kernels.dot[element](pairs);
  for (uint32_t i = 0; i < count; i++) {
    if (request.metric == ELANUS_COSINE) keys[i] *= typed_inverse_norm(request.element, at[i], request.dim) * inverse;
    keys[i] = -keys[i];
  }
}

}  // namespace

uint32_t rank_vectors(const TypedKernels &kernels, const RankRequest &request, uint32_t *positions, float *scores) {
  const auto *vectors = static_cast<const uint8_t *>(request.vectors);
  const size_t row_bytes = size_t(request.dim) * element_bytes(request.element);
  const float inverse = request.metric == ELANUS_COSINE ? inverse_norm(request.query, request.dim) : 0;
  TopK best;
  best.begin(positions, scores, request.k);
  for (uint32_t first = 0; first < request.count; first += kBlockRowsMax) {
    const uint32_t left = request.count - first, here = left < kBlockRowsMax ? left : kBlockRowsMax;
    const void *at[kBlockRowsMax];
    uint32_t rows[kBlockRowsMax];
    float keys[kBlockRowsMax];
    for (uint32_t i = 0; i < here; i++) {
      rows[i] = first + i;
      at[i] = vectors + rows[i] * row_bytes;
    }
    keys_of(kernels, request, inverse, at, here, keys);
    offer_block(best, rows, keys, here);
  }
  const uint32_t count = best.finish();
  for (uint32_t i = 0; request.metric != ELANUS_L2 && i < count; i++) scores[i] = 0.0f - scores[i];
  return count;
}

}  // namespace elanus
