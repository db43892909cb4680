// A core whose allocations fail where they are told to: those that the engine makes through the port, and those of arrays of
// what grows in the databases over it. Its objects are the core's own, so that it takes them back.

import type { Allocate } from '../../src/model/allocate.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Core, FlatIndex, IndexBuild } from '../../src/ports/core.js';

const arrays = new WeakMap<Core, Allocate>();

/** What gives databases over `core` their arrays; undefined if it is not short of memory. */
export function arraysOf(core: Core): Allocate | undefined {
  return arrays.get(core);
}

/** `failing` is asked at every allocation, counted from 0. */
export function shortOfMemory(core: Core, failing: (allocation: number) => boolean): Core {
  let allocations = 0;
  const allocate = <T>(what: string, work: () => T): T => {
    const allocation = allocations++;
    if (failing(allocation)) throw new ElanusError('OutOfMemory', `${what}: told to fail, allocation ${allocation}`);
    return work();
  };
  const wrapFlat = <F extends { append(vectors: never): void }>(flat: F): F => {
    const append = flat.append.bind(flat);
    flat.append = (vectors: never) => allocate('append', () => append(vectors));
    return flat;
  };
  const wrapBuild = (build: IndexBuild): IndexBuild => {
    const step = build.step.bind(build);
    const bytes = build.bytes.bind(build);
    build.step = (pairs) => allocate('step', () => step(pairs));
    build.bytes = (kind, calibration) => allocate('bytes', () => bytes(kind, calibration));
    return build;
  };
  const short: Core = {
    kind: core.kind,
    kernels: core.kernels,
    predicates: core.predicates,
    createFlat: (dim, metric, element) => allocate('createFlat', () => wrapFlat(core.createFlat(dim, metric, element))),
    buildSparse: (weights) => allocate('buildSparse', () => core.buildSparse(weights)),
    openSparse: (bytes) => allocate('openSparse', () => core.openSparse(bytes)),
    codesOf: (rows: FlatIndex) => allocate('codesOf', () => core.codesOf(rows)),
    buildIndex: (rows, options) => allocate('buildIndex', () => wrapBuild(core.buildIndex(rows, options))),
    openIndex: (bytes, rows, options) => allocate('openIndex', () => core.openIndex(bytes, rows, options)),
    indexExtent: (head, stage) => core.indexExtent(head, stage),
    rank: (metric, element, dim, query, vectors, k) => core.rank(metric, element, dim, query, vectors, k),
    memoryBytes: () => core.memoryBytes(),
  };
  arrays.set(short, (type, length) => allocate('array', () => new type(length)));
  return short;
}
