// SparseBuilder: collects rows of (term, weight) pairs and writes the image of a sparse index over them. The image
// depends on the rows alone. It holds 24 bytes a posting while it works.
#pragma once

#include "base/array.h"
#include "elanus.h"
#include "sparse/layout.h"

namespace elanus {

// `count` pairs, terms ascending and distinct. The caller owns the arrays.
struct SparseVector {
  const uint32_t *terms;
  const float *weights;
  uint32_t count;
};

// Whether terms ascend and no weight is negative or not finite.
bool is_sparse_vector(const SparseVector &vector);

// What weights are. Values are stored: do not change them.
enum class SparseWeights : uint32_t {
  kImpacts = 0,      // score of a row = sum of query weight * weight
  kFrequencies = 1,  // term frequencies up to 2^24, and rows have lengths: BM25, its k1, b and IDF given by the query
};

class SparseBuilder {
 public:
  explicit SparseBuilder(SparseWeights weights) : weights_(weights) {}

  // The next row. `length` is that of its text in tokens, up to 2^31 - 1; 0 with impacts. ELANUS_INVALID, and nothing
  // is added: terms not ascending, a weight that is negative or not finite, a frequency above 2^24, or more than 2^31
  // - 1 rows or 2^32 - 1 postings. A weight of 0 is as if absent. Negative weights are refused because a bound that
  // says "at most" is what every skipping rests on; learned sparse models and Milvus have none.
  elanus_status add(const SparseVector &row, uint32_t length);
  // What `add` says of the row but for the limits of rows and postings.
  bool takes(const SparseVector &row, uint32_t length) const;

  // Room for that many more rows and postings, so that adding them cannot fail for lack of memory. ELANUS_INVALID: more
  // than add takes.
  elanus_status reserve(uint32_t rows, uint64_t postings);

  uint32_t row_count() const { return row_count_; }

  // The image, 64-byte aligned, into `image`; the builder is then empty. ELANUS_UNSUPPORTED: the image would have more
  // than 16 GiB of postings. ELANUS_NO_MEMORY: the builder is as it was.
  elanus_status finish(Array<uint8_t> *image);

 private:
  struct Posting {
    uint32_t term;
    uint32_t row;
    float weight;
  };
  class Plan;
  class Writer;

  bool sort_by_term();

  const SparseWeights weights_;
  uint32_t row_count_ = 0;
  uint64_t posting_count_ = 0;
  uint64_t length_total_ = 0;
  Array<Posting> postings_;  // room for more than posting_count_
  Array<uint32_t> lengths_;  // room for more than row_count_
};

}  // namespace elanus
