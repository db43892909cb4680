// `bytes`: what does not depend on the moment: bytes in memory and on the wire of a vector, and of the module. Rows are made
// up, a mixture of Gaussians, as only their number and dimension matter.

import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { coreRecipe } from '../cores.js';
import { integer, parseFlags, text } from '../flags.js';
import { mixed } from '../filtered/random.js';
import { emit, log, rounded } from '../log.js';
import { flatOf, openAnn, type OpenedAnn } from '../own-index.js';
import { inRepository, missingBuild } from '../repository.js';
import type { Vectors } from '../target.js';
import { UsageError } from '../usage-error.js';

const USAGE = 'npm run -s bench -- bytes [--dim 768] [--rows 20000] [--json]';
const CLUSTERS = 200;

export interface BytesLine {
  /** 'ram': an index of kind graph beside the vectors, a vector; 'wire': of its file until it answers, a vector; else a file. */
  readonly bytes: 'ram' | 'wire' | 'core.wasm';
  /** Of a vector; of a file all, as gzip -9 leaves it. */
  readonly value: number;
  readonly n?: number;
  readonly d?: number;
}

export async function bytes(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'bytes', ['dim', 'rows'], USAGE);
  const d = integer('--dim', text(values['dim'], '768'), 2, 32_768);
  const n = integer('--rows', text(values['rows'], '20000'), 1, 10_000_000);
  const missing = missingBuild('dist/core.wasm') ?? (await coreRecipe('native').absent());
  if (missing !== undefined) throw new UsageError(missing);
  const lines: readonly BytesLine[] = [...(await ofVector(n, d)), { bytes: 'core.wasm', value: gzipSync(readFileSync(inRepository('dist/core.wasm')), { level: 9 }).length }];
  for (const line of lines) {
    emit(line);
    if (values['json'] !== true) log(`${line.bytes}: ${line.value}${line.d === undefined ? '' : ` a vector, ${n} x ${d}`}`);
  }
}

async function ofVector(n: number, d: number): Promise<readonly BytesLine[]> {
  const core = await coreRecipe('native').create();
  const flat = flatOf(core, 'cosine', mixture(n, d));
  const [{ ann, file }] = (await openAnn(core, flat, ['graph'])) as readonly [OpenedAnn];
  const extent = core.indexExtent(file, 'scan');
  if (!('bytes' in extent)) throw new Error('a whole file was too little to tell its extent');
  return [{ bytes: 'ram', value: rounded(ann.memoryBytes / n), n, d }, { bytes: 'wire', value: rounded(extent.bytes / n), n, d }];
}

/** Sums of uniform numbers, near enough to Gaussians, around centres of the same kind. */
export function mixture(n: number, d: number): Vectors {
  const values = new Float32Array(n * d);
  const noise = (at: number, salt: number): number => (mixed(at, salt) + mixed(at, salt + 1) + mixed(at, salt + 2)) / 2 ** 31 - 3;
  const centres = Float32Array.from({ length: CLUSTERS * d }, (_, i) => noise(i, 7));
  for (let row = 0; row < n; row++) {
    const centre = (mixed(row, 3) % CLUSTERS) * d;
    for (let i = 0; i < d; i++) values[row * d + i] = (centres[centre + i] as number) + noise(row * d + i, 11) / 2;
  }
  return { n, d, values };
}
