// Parts: the runs that the table of bars is made of, each a command line of this harness, so that any row can be run again
// by hand.

export interface Set {
  readonly name: string;
  readonly metric: string;
  readonly n: number;
  readonly d: number;
  readonly base: string;
  readonly query: string;
  readonly gt: string;
}

export interface Part {
  readonly name: string;
  readonly argv: readonly string[];
}

/** The peers in WebAssembly build slowly, so they get this many rows, and so do we beside them. */
const WASM_ROWS = 10_000;
/** Few enough to lie in one segment, as they do in the core; what the API adds does not depend on their number. */
const OVERHEAD_ROWS = 10_000;
const FILTERED_QUERIES = 100;
const SMALL_DIM = 384;
const SMALL_ROWS = 10_000;

const kept = (n: number, rows: number): readonly string[] => (n > rows ? ['--rows', String(rows)] : []);

/** Of one data set. */
export function partsOf({ name, metric, n, base, query, gt }: Set): readonly Part[] {
  const data = ['--base', base, '--query', query, '--metric', metric, '--json'];
  const judged = [...data, '--gt', gt];
  return [
    { name: `ann95-${name}`, argv: ['ann', ...judged, '--recall', '0.95', '--targets', 'native,native-avx2,wasm,wasm-relaxed,peer:hnswlib,peer:faiss'] },
    { name: `ann99-${name}`, argv: ['ann', ...judged, '--recall', '0.99', '--targets', 'native,wasm,wasm-relaxed,peer:hnswlib,peer:faiss'] },
    { name: `wasm-${name}`, argv: ['ann', ...judged, '--recall', '0.95', ...kept(n, WASM_ROWS), '--targets', 'wasm,wasm-relaxed,peer:hnswlib-wasm,peer:edgevec'] },
    { name: `graph95-${name}`, argv: ['ann', ...judged, '--recall', '0.95', '--index', 'GRAPH', '--targets', 'native,peer:hnswlib'] },
    { name: `overhead-${name}`, argv: ['overhead', ...judged, ...kept(n, OVERHEAD_ROWS)] },
    { name: `calibration-${name}`, argv: ['calibration', ...judged] },
    { name: `filtered-${name}`, argv: ['filtered', ...data, '--queries', String(FILTERED_QUERIES), '--targets', 'native,wasm'] },
  ];
}

/** The part that tells of 10,000 rows of 384 dimensions in WebAssembly; undefined if no set has them. */
export function smallPart(sets: readonly Set[]): Part | undefined {
  const set = sets.find(({ n, d }) => d === SMALL_DIM && n >= SMALL_ROWS);
  if (set === undefined) return undefined;
  const { metric, n, base, query, gt } = set;
  return { name: 'small', argv: ['ann', '--base', base, '--query', query, '--gt', gt, '--metric', metric, '--json', ...kept(n, SMALL_ROWS), '--targets', 'wasm,wasm-relaxed'] };
}

export const bytesPart: Part = { name: 'bytes', argv: ['bytes', '--json'] };
