// Made-up .fvecs, .bvecs and .ivecs files for the tests of bench/.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export type VecsKind = 'fvecs' | 'bvecs' | 'ivecs';

/** The bytes of a file of these rows. */
export function vecs(kind: VecsKind, rows: readonly (readonly number[])[]): Buffer {
  return Buffer.concat(
    rows.map((row) => {
      const values = kind === 'fvecs' ? Float32Array.from(row) : kind === 'ivecs' ? Int32Array.from(row) : Uint8Array.from(row);
      const head = Buffer.alloc(4);
      head.writeInt32LE(row.length);
      return Buffer.concat([head, Buffer.from(values.buffer)]);
    }),
  );
}

export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'elanus-bench-test-'));
}

/** Writes `bytes` as `name` in `folder`, gzipped if the name says so. */
export function store(folder: string, name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  return path;
}
