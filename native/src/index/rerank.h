// Rerank: candidates in their exact order, by the scores of the vectors themselves.
#pragma once

#include "index/candidate.h"
#include "index/typed_rows.h"
#include "quant/query.h"

namespace elanus {

class RerankScratch {
 public:
  // For up to `count_max` candidates. False if there is no memory. REQUIRES: count_max >= 1.
  bool init(uint32_t count_max);
  uint32_t count_max() const { return uint32_t(rows_.size()); }
  size_t bytes() const { return rows_.bytes() + scores_.bytes() + best_.bytes(); }

 private:
  friend class Rerank;
  Array<uint32_t> rows_;
  Array<float> scores_;
  Array<uint64_t> best_;
};

struct RerankRequest {
  const float *query;  // as given, dim floats
  const Candidate *candidates;
  uint32_t count;      // 0..count_max of the scratch; every row is one of the vectors
  uint32_t k;          // 1 or more
  // With deviations above 0, candidates come best first with estimates from these 4-bit codes, and those are left
  // out that cannot be among the k best: those whose estimate less the error (Query::error4) is worse. 3 loses
  // nothing that was measured. It spares reads; in memory it spares little time.
  float deviations = 0;
  const Query *prepared = nullptr;  // with the same query; without deviations it spares the query's length, NULL serves
  CodeRows codes = {};
};

class Rerank {
 public:
  Rerank(const TypedRows &vectors, RerankScratch *scratch) : vectors_(vectors), scratch_(*scratch) {}

  // Writes the k best rows, best first, equal scores by row, NaN last, with their scores; gives how many there are.
  uint32_t run(const RerankRequest &request, uint32_t *rows, float *scores);
  // Vectors read by the last run.
  uint32_t scored() const { return scored_; }

 private:
  void score(const RerankRequest &request, uint32_t first, uint32_t count);
  bool hopeless(const RerankRequest &request, uint32_t next) const;
  float key_of(float score) const { return vectors_.metric() == ELANUS_L2 ? score : 0.0f - score; }

  const TypedRows &vectors_;
  RerankScratch &scratch_;
  SmallestPacked best_;
  float inverse_norm_ = 0;
  float norm2_ = 0;
  uint32_t scored_ = 0;
};

}  // namespace elanus
