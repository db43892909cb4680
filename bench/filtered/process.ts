// The process in which one of our cores answers filtered searches: it builds the index, calibrates it as the engine does,
// then takes cells one by one.

import { readFileSync } from 'node:fs';
import { bitsetBytes } from '../../src/model/bitset.js';
import type { AnnOptions, Candidates } from '../../src/ports/core.js';
import { coreRecipe, type CoreName } from '../cores.js';
import { countsOf, type Counts } from '../counts.js';
import { flatOf, openAnn, type OpenedAnn } from '../own-index.js';
import { chooserOf } from '../own-options.js';
import { encodeIds, type VectorFile } from '../protocol.js';
import { serve } from '../serve.js';
import type { BenchMetric } from '../target.js';
import { measureCell, type Arms, type ArmTimes } from './arms.js';

export interface OpenRequest {
  readonly op: 'open';
  readonly core: CoreName;
  readonly metric: BenchMetric;
  readonly k: number;
  readonly recall: number;
  readonly base: VectorFile;
  readonly queries: VectorFile;
}

export interface OpenAnswer {
  readonly buildS: number;
  readonly kernels: string;
  /** What the engine would search with under a filter, and without; null where it would scan. */
  readonly options: AnnOptions | null;
  readonly plainOptions: AnnOptions | null;
}

export interface CellRequest {
  readonly op: 'cell';
  /** A file of bitsets, one after the other. */
  readonly filters: string;
  readonly filterOf: readonly number[];
}

export interface CellAnswer {
  readonly ids: string;
  readonly counts: Counts;
  readonly times: readonly ArmTimes[];
}

interface Open {
  readonly arms: Arms;
  readonly rows: number;
  readonly queryCount: number;
  readonly k: number;
}

const WARM_UP_QUERIES = 50;
let opened: Open | undefined;

await serve(async (request: OpenRequest | CellRequest): Promise<OpenAnswer | CellAnswer> => (request.op === 'open' ? open(request) : cell(request)));

async function open({ core: name, metric, k, recall, base, queries }: OpenRequest): Promise<OpenAnswer> {
  const core = await coreRecipe(name).create();
  const flat = flatOf(core, metric, { n: base.n, d: base.d, values: floats(base.path) });
  const [{ ann, buildS, unit }] = (await openAnn(core, flat, ['graph'])) as readonly [OpenedAnn];
  const choose = await chooserOf(flat, ann);
  const options = choose(k, recall, true);
  const plainOptions = choose(k, recall, false);
  const values = floats(queries.path);
  const asked = Array.from({ length: queries.n }, (_, q) => values.subarray(q * base.d, (q + 1) * base.d));
  const query = (q: number): Float32Array => asked[q] as Float32Array;
  const exact = (q: number, rows?: Uint8Array): Candidates => flat.search(query(q), k, rows);
  const search = (chosen: AnnOptions | undefined, q: number, rows?: Uint8Array): Candidates => (chosen === undefined ? exact(q, rows) : ann.search(query(q), k, chosen, rows));
  const arms: Arms = { filtered: (q, rows) => search(options, q, rows), exact, plain: (q) => search(plainOptions, q), counts: (scanRows) => countsOf(ann.cost(), unit, scanRows) };
  for (let q = 0; q < Math.min(WARM_UP_QUERIES, queries.n); q++) arms.plain(q);
  opened = { arms, rows: base.n, queryCount: queries.n, k };
  return { buildS, kernels: core.kernels, options: options ?? null, plainOptions: plainOptions ?? null };
}

function cell({ filters, filterOf }: CellRequest): CellAnswer {
  if (opened === undefined) throw new Error('not open');
  const { arms, rows, queryCount, k } = opened;
  const file = new Uint8Array(readFileSync(filters));
  const size = bitsetBytes(rows);
  const bits = (q: number): Uint8Array => file.subarray((filterOf[q] as number) * size, ((filterOf[q] as number) + 1) * size);
  const { ids, counts, times } = measureCell(arms, { queryCount, k, filterOf: bits });
  return { ids: encodeIds(ids), counts, times };
}

function floats(path: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
}
