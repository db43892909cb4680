// What each binding must withstand by itself: the addon is called with anything, from several threads, and a file
// that is not the core is refused.

import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ABI_VERSION } from '../../src/core/native/abi.js';
import { createNativeCore } from '../../src/core/native/native-core.js';
import { Instance } from '../../src/core/wasm/instance.js';
import { createWasmCore } from '../../src/core/wasm/wasm-core.js';
import { addon, NO_PREDICATES, randomVectors, wasmModule } from './flat-cores.js';

type Method = (...given: readonly unknown[]) => number;
const { Flat } = addon as { readonly Flat: new () => Record<'open' | 'close' | 'append' | 'read' | 'search' | 'bytes', Method> };

const { rank } = addon as { readonly rank: Method };
const { SparseBuilder, Sparse } = addon as {
  readonly SparseBuilder: new () => Record<'open' | 'close' | 'append', Method> & { finish(sha256: unknown): Uint8Array | number };
  readonly Sparse: new () => Record<'open' | 'close' | 'size' | 'search' | 'having' | 'totals' | 'cost' | 'bytes', Method>;
};

const INVALID = 1;
const HOSTILE = [undefined, null, 0, -1, NaN, 2 ** 32, 1.5, 'text', {}, [], new Float32Array(3), new Float64Array(4), new ArrayBuffer(16), new DataView(new ArrayBuffer(16)), Symbol('x'), 10n, () => 4];

describe('the addon', () => {
  it('answers every wrong argument of every method with a status', () => {
    const flat = new Flat();
    for (const bad of HOSTILE) expect(flat.open(bad, bad, bad, bad)).toBe(INVALID);
    expect(flat.append(new Float32Array(4))).toBe(INVALID); // not open
    expect(flat.open(4, 1, 101, 0)).toBe(0);
    expect(flat.open(4, 1, 101, 0)).toBe(INVALID); // open already
    expect(flat.append(new Float32Array(8))).toBe(0);
    const good = [new Float32Array(4), 1, undefined, undefined, new Uint32Array(1), new Uint32Array(1), new Float32Array(1)];
    expect(flat.search(...good)).toBe(0);
    for (const bad of HOSTILE) {
      expect(flat.append(bad)).toBe(INVALID);
      for (let at = 0; at < good.length; at++) {
        const fine = ((at === 2 || at === 3) && bad === undefined) || (at === 6 && bad instanceof Float32Array);
        expect(flat.search(...good.map((value, i) => (i === at ? bad : value)))).toBe(fine ? 0 : INVALID);
      }
    }
    for (const given of [[], [0], [0, new Float32Array(3)], [1, new Float32Array(8)], [-1, new Float32Array(4)]]) expect(flat.read(...given)).toBe(INVALID);
    flat.close();
    flat.close();
  });

  it('refuses results that are too small and arrays that were given away', () => {
    const flat = new Flat();
    flat.open(4, 1, 101, 0);
    flat.append(new Float32Array(400));
    const [queries, counts, rows, scores] = [new Float32Array(8), new Uint32Array(2), new Uint32Array(20), new Float32Array(20)];
    expect(flat.search(queries, 10, undefined, undefined, counts, rows, scores)).toBe(0);
    expect(flat.search(queries, 11, undefined, undefined, counts, rows, scores)).toBe(INVALID);
    expect(flat.search(queries, 10, undefined, undefined, counts.subarray(1), rows, scores)).toBe(INVALID);
    expect(flat.search(queries, 10, undefined, undefined, counts, rows, scores.subarray(1))).toBe(INVALID);
    expect(flat.search(queries, 10, new Uint8Array(15), undefined, counts, rows, scores)).toBe(INVALID);
    structuredClone(rows.buffer, { transfer: [rows.buffer] });
    expect(flat.search(queries, 10, undefined, undefined, counts, rows, scores)).toBe(INVALID);
    flat.close();
  });

  it('answers every wrong argument of a ranking with a status', () => {
    const good = [4, 1, 105, 0, new Float32Array(4), new Int8Array(12), new Uint32Array(1), new Float32Array(1)];
    expect(rank(...good)).toBe(0);
    for (const bad of HOSTILE) {
      for (let at = 0; at < good.length; at++) {
        const fine = (at === 3 && bad === 0) || (at === 7 && bad instanceof Float32Array);
        expect(rank(...good.map((value, i) => (i === at ? bad : value))), `${at}: ${String(bad)}`).toBe(fine ? 0 : INVALID);
      }
    }
    expect(rank(...good.with(6, new Uint32Array(4)))).toBe(INVALID); // more places than vectors
    expect(rank(...good.with(7, new Float32Array(0)))).toBe(INVALID);
    expect(rank(...good.with(6, new Uint32Array(0)))).toBe(INVALID);
    expect(rank(...good.with(5, new Int8Array(11)))).toBe(INVALID);
  });

  it('answers every wrong argument of every method of sparse rows with a status', () => {
    const builder = new SparseBuilder();
    const rows = [Uint32Array.of(0, 2), Uint32Array.of(1, 5), Float32Array.of(1, 2)];
    expect(builder.append(...rows)).toBe(INVALID); // not open
    expect(builder.finish(new Uint8Array(32))).toBe(INVALID);
    for (const bad of [undefined, 2, -1, '0']) expect(builder.open(bad)).toBe(INVALID);
    expect(builder.open(0)).toBe(0);
    expect(builder.open(0)).toBe(INVALID); // open already
    for (const bad of HOSTILE) {
      for (let at = 0; at < rows.length; at++) expect(builder.append(...rows.map((value, i) => (i === at ? bad : value)))).toBe(INVALID);
      expect(builder.finish(bad)).toBe(INVALID);
    }
    expect(builder.append(Uint32Array.of(0, 3), rows[1], rows[2])).toBe(INVALID); // more than there is
    expect(builder.append(Uint32Array.of(0, 4e9, 2), rows[1], rows[2])).toBe(INVALID);
    expect(builder.append(...rows)).toBe(0);
    const file = builder.finish(new Uint8Array(32));
    builder.close();
    builder.close();

    const index = new Sparse();
    const good = [...rows, 1, 0, undefined, undefined, undefined, new Uint32Array(1), new Uint32Array(1), new Float32Array(1)];
    expect(index.search(...good)).toBe(INVALID); // not open
    expect(index.cost(new BigUint64Array(2))).toBe(INVALID);
    for (const bad of HOSTILE) expect(index.open(bad)).toBe(INVALID);
    expect(index.open(file)).toBe(0);
    expect(index.open(file)).toBe(INVALID); // open already
    expect(index.search(...good)).toBe(0);
    for (const bad of HOSTILE) {
      for (let at = 0; at < good.length; at++) {
        const fine = (at >= 5 && at <= 7 && bad === undefined) || (at === 4 && bad === 0) || (at === 10 && bad instanceof Float32Array);
        expect(index.search(...good.map((value, i) => (i === at ? bad : value))), `${at}: ${String(bad)}`).toBe(fine ? 0 : INVALID);
      }
      expect(index.cost(bad)).toBe(INVALID);
    }
    expect(index.search(...good.with(8, new Uint32Array(0)))).toBe(INVALID);
    expect(index.search(...good.with(5, Float32Array.of(1, 1, 1)))).toBe(INVALID); // impacts have no BM25
    for (const bad of HOSTILE) {
      expect(index.having(bad, undefined, new Uint32Array(9))).toBe(bad instanceof Uint32Array ? 0 : INVALID);
      expect(index.having(Uint32Array.of(1), undefined, bad)).toBe(INVALID);
      expect(index.totals(undefined, bad)).toBe(INVALID);
    }
    index.close();
    index.close();
    expect(index.size()).toBe(0);
  });

  it('refuses a method called on something else', () => {
    const flat = new Flat();
    for (const receiver of [{}, Object.create(Flat.prototype), new Float32Array(4), null]) {
      expect(() => flat.append.call(receiver as never, new Float32Array(4))).toThrow(TypeError);
    }
  });

  it('works in several threads at once', async () => {
    const path = fileURLToPath(new URL('../../build/native/elanus.node', import.meta.url));
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { Flat } = require(workerData.path);
      const flat = new Flat();
      flat.open(64, 1, 101, 0);
      flat.append(workerData.vectors);
      const [counts, rows, scores] = [new Uint32Array(1), new Uint32Array(1), new Float32Array(1)];
      let right = 0;
      for (let row = 0; row < 300; row++) {
        flat.search(workerData.vectors.subarray(row * 64, row * 64 + 64), 1, undefined, undefined, counts, rows, scores);
        if (rows[0] === row) right++;
      }
      flat.close();
      parentPort.postMessage(right);`;
    const run = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const worker = new Worker(code, { eval: true, workerData: { path, vectors: randomVectors(300 * 64) } });
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    expect(await Promise.all([run(), run(), run()])).toEqual([300, 300, 300]);
  });
});

describe('the bindings', () => {
  it('refuse what is not the core of this version', () => {
    const unsupported = expect.objectContaining({ code: 'Unsupported' });
    for (const bad of [undefined, null, {}, { ...(addon as object), abiVersion: ABI_VERSION - 1 }, 'elanus']) expect(() => createNativeCore(bad, NO_PREDICATES)).toThrow(unsupported);
    const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    expect(() => createWasmCore(empty, NO_PREDICATES)).toThrow(unsupported);
  });

  it('refuse kernels that this machine lacks', () => {
    const unsupported = expect.objectContaining({ code: 'Unsupported' });
    expect(() => createNativeCore(addon, NO_PREDICATES, { kernels: 'simd128' })).toThrow(unsupported);
    expect(() => createWasmCore(wasmModule, NO_PREDICATES, { kernels: 'avx2' })).toThrow(unsupported);
  });

  it('take the best kernels unless told', () => {
    expect(createWasmCore(wasmModule, NO_PREDICATES).kernels).toBe('simd128');
    expect(createNativeCore(addon, NO_PREDICATES).kernels).toBe((addon as { kernels: readonly string[] }).kernels[0]);
  });

  it('core.wasm refuses more rows than 4 GB hold, takes no memory for them, and goes on', () => {
    const core = new Instance(wasmModule);
    const at = core.scratch(32_768 * 4);
    core.calls.elanus_flat_open(32_768, 1, 101, 0, at);
    const flat = core.u32[at / 4] as number;
    const before = core.sizeBytes;
    expect(core.calls.elanus_flat_reserve(flat, 40_000)).toBe(2);
    expect(core.sizeBytes).toBe(before);
    expect(core.calls.elanus_flat_append(flat, at, 1)).toBe(0);
  });

  it('core.wasm exports elanus.h and its memory, and imports nothing that does I/O', () => {
    const exported = WebAssembly.Module.exports(wasmModule).map(({ name }) => name);
    expect(exported.filter((name) => !name.startsWith('elanus_')).sort()).toEqual(['_initialize', 'memory']);
    const imported = WebAssembly.Module.imports(wasmModule).map(({ name }) => name);
    expect(imported.filter((name) => !['emscripten_notify_memory_growth', 'proc_exit', 'fd_write', 'fd_close', 'fd_seek'].includes(name))).toEqual([]);
  });
});
