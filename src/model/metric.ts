// Metrics and what their scores mean.
// L2 scores are squared distances, smaller is nearer; IP, COSINE and BM25 scores are similarities, larger is nearer. Of bit
// vectors, HAMMING counts the bits that differ and JACCARD is 1 - |a & b| / |a | b|, 1 if neither has a bit set: distances.

/** Of vectors of numbers: what a FloatVector field may have. */
export const METRICS = ['L2', 'IP', 'COSINE'] as const;
export type Metric = (typeof METRICS)[number];

/** Of bit vectors. */
export const BINARY_METRICS = ['HAMMING', 'JACCARD'] as const;
export type BinaryMetric = (typeof BINARY_METRICS)[number];

/** Of sparse vectors; BM25 of those that a function makes of texts. */
export const SPARSE_METRICS = ['IP', 'BM25'] as const;
export type SparseMetric = (typeof SPARSE_METRICS)[number];

/** Of vectors of any type. */
export type VectorMetric = Metric | BinaryMetric | SparseMetric;

/** True if a smaller score is a nearer row. */
export function isDistance(metric: VectorMetric): boolean {
  return metric !== 'IP' && metric !== 'COSINE' && metric !== 'BM25';
}
