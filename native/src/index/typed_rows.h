// TypedRows: vectors of one element type, held as given, and the scores of f32 queries against them. Under COSINE the
// inverse length of each row is held beside it. A row scores exactly as the f32 row of the same values would. Reading
// and scoring change nothing, so several may go on at once.
#pragma once

#include "elanus.h"
#include "index/row_store.h"
#include "kernels/typed_kernels.h"

namespace elanus {

// Queries and rows of which every pair is scored.
struct ScoreBlock {
  const float *queries;        // query_count x dim, row-major
  const float *inverse_norms;  // of each query, as inverse_norm; read only under COSINE
  uint32_t query_count;
  const uint32_t *rows;        // numbers below size(), in any order
  uint32_t row_count;          // 0..kBlockRowsMax
  float *scores;               // of query q and rows[r] at scores[q * kBlockRowsMax + r]
};

class TypedRows {
 public:
  // REQUIRES: dim and metric are valid in elanus.h, element is one of Element.
  TypedRows(uint32_t dim, Element element, elanus_metric metric, const Kernels *kernels);

  uint32_t dim() const { return dim_; }
  Element element() const { return element_; }
  elanus_metric metric() const { return metric_; }
  uint32_t size() const { return rows_.size(); }
  uint32_t row_bytes() const { return rows_.row_bytes(); }
  size_t bytes() const { return rows_.bytes() + inverse_norms_.bytes(); }

  // Room for `count` more rows: the next `count` appended cannot fail. False if there is no memory; nothing changed.
  // REQUIRES: size() + count < 2^31.
  bool reserve(uint32_t count);
  // `rows` is count x dim of the element type, all finite.
  bool append(const void *rows, uint32_t count);
  // `rows` is count x dim, each value narrowed to the nearest of the element type (TypedKernels::narrow).
  // REQUIRES: all are finite and within the range of the type.
  bool append_f32(const float *rows, uint32_t count);

  // Rows first .. first + count, as appended or as f32. REQUIRES: first + count <= size().
  void read(uint32_t first, uint32_t count, void *out) const { rows_.read(first, count, out); }
  void read_f32(uint32_t first, uint32_t count, float *out) const;

  // Scores as elanus_metric says: a distance under L2, else a similarity. REQUIRES: what ScoreBlock says.
  void score(const ScoreBlock &block) const;
  // Of one query and any number of rows, scores[i] of rows[i]; the next rows are asked from memory while some are
  // scored. `inverse_norm` is that of the query; any value unless the metric is COSINE.
  void score(const float *query, float inverse_norm, const uint32_t *rows, uint32_t count, float *scores) const;
  void score(const float *query, const uint32_t *rows, uint32_t count, float *scores) const;

 private:
  bool holds_norms() const { return metric_ == ELANUS_COSINE; }
  void prefetch(uint32_t row) const;

  const uint32_t dim_;
  const Element element_;
  const elanus_metric metric_;
  const TypedKernels *const kernels_;
  RowStore rows_;
  RowStore inverse_norms_;  // one f32 a row; empty unless the metric is COSINE
};

// Whether each value is one of the element type, so that rows narrowed to it lose nothing.
bool held_exactly(Element element, const float *values, size_t count);

}  // namespace elanus
