// Rows: vectors as the bars ask for them: real ones first, then real ones with noise until there are enough; or made up.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mixture } from '../commands/bytes.js';
import { readFloats } from '../data.js';
import { mixed } from '../filtered/random.js';
import type { Vectors } from '../target.js';

/** Of a component, as a share of the largest: enough that no two rows are the same. */
const NOISE = 0.1;

export interface RowsFile {
  readonly path: string;
  readonly n: number;
  readonly d: number;
  /** What the rows are, in words. */
  readonly what: string;
}

/** Writes `n` vectors as plain f32 below `folder`, once. `real` is a .fvecs file; without it they are made up, of `d` dimensions. */
export async function rowsFile(folder: string, n: number, d: number, real: string | undefined): Promise<RowsFile> {
  mkdirSync(folder, { recursive: true });
  const source = real !== undefined && existsSync(real) ? await readFloats(real, n) : undefined;
  const what = source === undefined ? `made up, ${n} x ${d}` : `${Math.min(n, source.n)} real rows${n > source.n ? `, filled to ${n} with noise added,` : ''} x ${d}`;
  if (source !== undefined && source.d !== d) throw new Error(`${String(real)}: expected ${d} dimensions, found ${source.d}`);
  const path = join(folder, `rows-${source === undefined ? 'made' : 'real'}-${n}x${d}.f32`);
  if (!existsSync(path)) {
    const { values } = source === undefined ? mixture(n, d) : filled(source, n);
    writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return { path, n, d, what };
}

function filled(source: Vectors, n: number): { readonly values: Float32Array } {
  const { d } = source;
  const real = source.values as Float32Array;
  if (source.n >= n) return { values: real.subarray(0, n * d) };
  const values = new Float32Array(n * d);
  values.set(real);
  const largest = real.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (let at = source.n * d; at < n * d; at++) values[at] = (real[at % real.length] as number) + ((mixed(at, 5) / 2 ** 32) * 2 - 1) * NOISE * largest;
  return { values };
}

export function readRowsFile(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
