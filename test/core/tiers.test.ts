// The tiers of an engine: V8 compiles a function by Liftoff first and by TurboFan once it is hot. Relaxed instructions may
// give either what they like, and one did (docs/decisions/0014); what the core makes of them is the same.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { takesRelaxedSimd } from '../../src/core/wasm/relaxed.js';

const run = promisify(execFile);
const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const relaxedFlags = takesRelaxedSimd() ? [] : ['--experimental-wasm-relaxed-simd'];

interface Digests {
  readonly indexes: string;
  readonly rows: string;
  readonly scores: string;
}

async function digests(module: string, ...flags: readonly string[]): Promise<Digests> {
  const { stdout } = await run(process.execPath, [...relaxedFlags, ...flags, '--import', 'tsx', fileOf('./tiers-child.ts'), fileOf(`../../dist/${module}`)]);
  return JSON.parse(stdout) as Digests;
}

it.each(['core.wasm', 'core-relaxed.wasm'])('%s makes the same indexes, rows and scores by whatever tier', async (module) => {
  const first = await digests(module, '--liftoff-only');
  expect(await digests(module, '--no-liftoff')).toEqual(first);
  expect(await digests(module)).toEqual(first);
});

it('both modules make the same indexes and find the same rows in them', async () => {
  const { indexes, rows } = await digests('core.wasm');
  expect(await digests('core-relaxed.wasm')).toMatchObject({ indexes, rows });
});
