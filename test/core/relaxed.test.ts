// The second WebAssembly module, and who is given it: the same core behind the same exports, for engines with relaxed
// SIMD. Its answers are judged where those of every core are: in the flat suite and by conformance.

import { expect, it } from 'vitest';
import { takesRelaxedSimd } from '../../src/core/wasm/relaxed.js';
import { kernelSets } from '../../src/core/wasm/wasm-core.js';
import { open } from '../../src/presets/node.js';
import { compileAsset, readAsset } from '../support/assets.js';
import { enableRelaxedSimd, relaxedBuild, relaxedKernels } from '../support/relaxed.js';

async function kernelsInNode(): Promise<string> {
  const database = await open('test', { storage: 'memory', core: 'wasm' });
  const { kernels } = await database.health();
  await database.close();
  return kernels;
}

// Asked before a test tells V8 to take what it does not by itself.
const byItself = takesRelaxedSimd();
const acceptedByItself = WebAssembly.validate(await readAsset('core-relaxed.wasm'));
const kernelsByItself = await kernelsInNode();
await enableRelaxedSimd();

const baseline = await compileAsset('core.wasm');
const relaxed = await compileAsset('core-relaxed.wasm');

it('the build says what compiled the relaxed module, or why nothing could and a copy of core.wasm stands in', async () => {
  const { compiler, reason } = await relaxedBuild();
  if (compiler === undefined) {
    expect(reason).toMatch(/\w/);
    expect(Buffer.compare(await readAsset('core-relaxed.wasm'), await readAsset('core.wasm'))).toBe(0);
  } else {
    expect(compiler).toMatch(/\+\+.* \d/);
    expect(reason).toBeUndefined();
  }
});

it('it has the kernels that its record promises, and scalar ones', async () => {
  expect(kernelSets(relaxed)).toEqual([await relaxedKernels(), 'scalar']);
  expect(kernelSets(baseline)).toEqual(['simd128', 'scalar']);
});

it('it exports what core.wasm exports and imports no more', () => {
  const exported = (module: WebAssembly.Module): readonly string[] => WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`).sort();
  const imported = (module: WebAssembly.Module): readonly string[] => WebAssembly.Module.imports(module).map(({ name, kind }) => `${kind} ${name}`);
  expect(exported(relaxed)).toEqual(exported(baseline));
  expect(imported(baseline)).toEqual(expect.arrayContaining([...imported(relaxed)]));
});

it('Node is given the module that its V8 takes, and says which', async () => {
  expect(acceptedByItself).toBe(byItself || (await relaxedKernels()) === 'simd128');
  expect(kernelsByItself).toBe(byItself ? await relaxedKernels() : 'simd128');
  expect(await kernelsInNode()).toBe(await relaxedKernels());
});
