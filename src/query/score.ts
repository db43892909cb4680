// Score: what scores of different metrics mean beside each other. The formulas are Milvus' (`rerank` of its proxy), so that
// weights that were tuned there serve here.

/** Every metric by which hits are scored. */
export type ScoreMetric = 'L2' | 'IP' | 'COSINE' | 'HAMMING' | 'JACCARD' | 'BM25';

/** True if a smaller score is a nearer row. */
export function isAscending(metric: ScoreMetric): boolean {
  return metric === 'L2' || metric === 'HAMMING' || metric === 'JACCARD';
}

/** COSINE: (1 + s) / 2. IP: 1/2 + atan(s) / pi. BM25: 2 atan(s) / pi. Distances: 1 - 2 atan(s) / pi. All in [0, 1], larger is nearer. */
export function normalized(score: number, metric: ScoreMetric): number {
  switch (metric) {
    case 'COSINE':
      return (1 + score) / 2;
    case 'IP':
      return 0.5 + Math.atan(score) / Math.PI;
    case 'BM25':
      return (2 * Math.atan(score)) / Math.PI;
    default:
      return 1 - (2 * Math.atan(score)) / Math.PI;
  }
}

/** Larger is nearer: distances as `normalized` has them, all else as it is. */
export function descending(score: number, metric: ScoreMetric): number {
  return isAscending(metric) ? normalized(score, metric) : score;
}

/** Orders scores, nearest first; NaN, which only overflow can make, comes last. */
export function compareScores(a: number, b: number, ascending: boolean): number {
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b === ascending ? -1 : 1;
}
