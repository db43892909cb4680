// The compiled module of filter kernels can share a memory with anything: it brings no bytes and keeps no state.

import { describe, expect, it } from 'vitest';
import { compileAsset, readAsset } from '../support/assets.js';

const SECTIONS = { table: 4, global: 6, start: 8, element: 9, data: 11, dataCount: 12 } as const;
const LANES = ['I8', 'I16', 'U8', 'U16', 'I32', 'I64', 'F32', 'F64'];
const KERNELS = [...LANES.flatMap((lanes) => [`compare${lanes}`, `range${lanes}`, `inSet${lanes}`]), 'inTableU8', 'inTableU16', 'inTableI32'];

/** The ids of the module's sections, in order. */
function sectionIds(bytes: Uint8Array): readonly number[] {
  const ids: number[] = [];
  let at = 8;
  while (at < bytes.length) {
    ids.push(bytes[at++] as number);
    let size = 0;
    let shift = 0;
    for (let byte = 0x80; byte & 0x80; shift += 7) {
      byte = bytes[at++] as number;
      size += (byte & 0x7f) * 2 ** shift;
    }
    at += size;
  }
  expect(at, 'the sections end where the file ends').toBe(bytes.length);
  return ids;
}

describe('filter.wasm', () => {
  it('imports one memory and nothing else', async () => {
    expect(WebAssembly.Module.imports(await compileAsset('filter.wasm'))).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });

  it('exports the kernels and nothing else', async () => {
    const found = WebAssembly.Module.exports(await compileAsset('filter.wasm'));
    expect(found.map(({ name }) => name).sort()).toEqual([...KERNELS, 'and', 'or', 'not', 'popcount'].sort());
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['function']));
  });

  it('has no data segment, no global, no table and no start function', async () => {
    const ids = sectionIds(await readAsset('filter.wasm'));
    expect(ids).toContain(10);
    for (const [name, id] of Object.entries(SECTIONS)) expect(ids, `a ${name} section`).not.toContain(id);
  });

  it('leaves a memory that it is instantiated with as it was', async () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const bytes = new Uint8Array(memory.buffer).fill(0xa5);
    await WebAssembly.instantiate(await compileAsset('filter.wasm'), { env: { memory } });
    expect(bytes.every((byte) => byte === 0xa5)).toBe(true);
  });
});
