// Metrics and what their scores mean.
// L2 scores are squared distances, smaller is nearer; IP and COSINE scores are similarities, larger is nearer.

export const METRICS = ['L2', 'IP', 'COSINE'] as const;
export type Metric = (typeof METRICS)[number];

/** True if a smaller score is a nearer row. */
export function isDistance(metric: Metric): boolean {
  return metric === 'L2';
}
