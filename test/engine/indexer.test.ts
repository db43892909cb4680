// Building an index beside other work: how much is done between two pauses, by a clock that only the work itself moves.

import { describe, expect, test } from 'vitest';
import { buildIndex } from '../../src/engine/upkeep/indexer.js';
import { portionsOf, scanExactly } from '../../src/engine/upkeep/exact-scan.js';
import { Pacer } from '../../src/engine/upkeep/pacer.js';
import type { NumberFlat } from '../../src/engine/table/vector-part.js';
import { countBits, setRows, type Bitset } from '../../src/model/bitset.js';
import { METRICS } from '../../src/model/metric.js';
import type { Ambient } from '../../src/ports/ambient.js';
import type { AnnIndex, Candidates, Core, IndexBuild, IndexKind } from '../../src/ports/core.js';
import { testAmbient, testCore } from '../support/database.js';
import { random, randomVector } from '../support/random.js';

const ROWS = 10_000;
const DIM = 3840;
/** Of the machine that is played. */
const VALUES_PER_MS = 3_000_000;
const OPEN_MS = 3;
const TURN_MS = 6;

describe('an index that is built', () => {
  test.each(['alone', 'in threads'] as const)('leaves the thread after a few milliseconds, %s', async (how) => {
    const machine = new Machine({ graph: 0.2, ivf: 0.3 }, how === 'in threads');
    const built = await machine.build();
    expect(built?.kind).toBe('graph');
    expect(machine.longestMs).toBeLessThan(TURN_MS);
    expect(machine.pauses).toBeGreaterThan(10);
  });

  test('is the fastest there is, or none where looking at every row is', async () => {
    expect((await new Machine({ graph: 0.3, ivf: 0.2 }).build())?.kind).toBe('ivf');
    expect((await new Machine({ graph: 0.2, ivf: 0.2 }).build())?.kind).toBe('graph');
    expect(await new Machine({ graph: 16, ivf: 16 }).build()).toBeUndefined();
  });

  test('is the one that was measured, and the other is closed', async () => {
    const machine = new Machine({ graph: 0.3, ivf: 0.2 });
    const built = await machine.build();
    expect(machine.open).toEqual(new Set([built?.ann]));
  });

  test.each(['alone', 'in threads'] as const)('is given up at any pause, and leaves nothing open, %s', async (how) => {
    const whole = new Machine({ graph: 0.3, ivf: 0.2 }, how === 'in threads');
    await whole.build();
    for (let at = 1; at <= whole.pauses; at += Math.ceil(whole.pauses / 4)) {
      const machine = new Machine({ graph: 0.3, ivf: 0.2 }, how === 'in threads');
      expect(await machine.build(at)).toBeUndefined();
      expect(machine.open.size).toBe(0);
    }
  });
});

describe('looking at every row', () => {
  test.each(METRICS)('in portions finds what it finds at once, under %s', async (metric) => {
    const core = await testCore();
    const rows = core.createFlat(128, metric);
    const next = random(1);
    // Some are equal, and some have scores that are no numbers.
    for (let row = 0; row < 3000; row++) rows.append(row % 7 === 1 ? rows.read(row - 1, 1) : randomVector(next, 128).map((x) => x * (row % 5 === 0 ? 1e38 : 1)));
    const queries = rows.read(0, 32);
    const portions = portionsOf(rows, 32);
    expect(portions.length).toBeGreaterThan(1);
    expect(portions.flatMap((portion) => [...setRows(portion as Bitset)])).toEqual(Array.from({ length: 3000 }, (_, row) => row));
    const ambient = testAmbient(1);
    for (const k of [1, 11, 101]) expect(await scanExactly(rows, queries, k, new Pacer(ambient), () => false)).toEqual(rows.search(queries, k));
  });
});

/** A core over rows on a line, row r at r, whose every call takes a time that is known. An index of it finds all. */
class Machine {
  longestMs = 0;
  pauses = 0;
  readonly open = new Set<AnnIndex>();
  readonly #searchMs: Readonly<Record<IndexKind, number>>;
  readonly #hasThreads: boolean;
  readonly #abort = new AbortController();
  #now = 0;
  #turnFrom = 0;
  #abortAt = Infinity;

  constructor(searchMs: Readonly<Record<IndexKind, number>>, hasThreads = false) {
    this.#searchMs = searchMs;
    this.#hasThreads = hasThreads;
  }

  async build(abortAt = Infinity): ReturnType<typeof buildIndex> {
    this.#abortAt = abortAt;
    const ambient: Ambient = { ...testAmbient(1), nowMs: () => this.#now, pause: () => this.#pause() };
    const rows = this.#rows();
    return buildIndex(rows, new Uint8Array(32), { kind: 'auto' }, this.#core(), ambient, this.#abort.signal);
  }

  async #pause(): Promise<void> {
    this.#turnFrom = this.#now;
    if (++this.pauses === this.#abortAt) this.#abort.abort();
  }

  #work(ms: number): void {
    this.#now += ms;
    this.longestMs = Math.max(this.longestMs, this.#now - this.#turnFrom);
  }

  /** Of another thread. */
  async #elsewhere<T>(found: T): Promise<T> {
    await undefined;
    this.#turnFrom = this.#now;
    return found;
  }

  #rows(): NumberFlat {
    const rows = {
      dim: DIM,
      metric: 'L2',
      element: 'FloatVector',
      size: ROWS,
      read: (row: number) => {
        const vector = new Float32Array(DIM);
        vector[0] = row;
        return vector;
      },
      search: (queries: Float32Array, k: number, alive?: Bitset) => {
        this.#work(((queries.length / DIM) * (alive === undefined ? ROWS : countBits(alive)) * DIM) / VALUES_PER_MS);
        return nearest(selvesOf(queries), k, alive);
      },
    };
    const searchAsync = (queries: Float32Array, k: number): Promise<Candidates> => this.#elsewhere(nearest(selvesOf(queries), k));
    return (this.#hasThreads ? { ...rows, searchAsync } : rows) as unknown as NumberFlat;
  }

  #core(): Core {
    const bytesOf = (kind: IndexKind): Uint8Array => {
      this.#work(OPEN_MS);
      return Uint8Array.of(kind === 'graph' ? 1 : 2);
    };
    const build = { step: () => true, bytes: bytesOf, close: () => undefined } as unknown as IndexBuild;
    const openIndex = (bytes: Uint8Array): AnnIndex => {
      this.#work(OPEN_MS);
      return this.#index(bytes[0] === 1 ? 'graph' : 'ivf');
    };
    const core = { buildIndex: () => build, openIndex };
    const openIndexAsync = (bytes: Uint8Array): Promise<AnnIndex> => this.#elsewhere(this.#index(bytes[0] === 1 ? 'graph' : 'ivf'));
    return (this.#hasThreads ? { ...core, openIndexAsync } : core) as unknown as Core;
  }

  #index(kind: IndexKind): AnnIndex {
    const searched = (selves: readonly number[], k: number): Candidates => {
      this.#work(selves.length * this.#searchMs[kind]);
      return nearest(selves, k);
    };
    const ann = {
      kind,
      lists: 10,
      search: (queries: Float32Array, k: number) => searched(selvesOf(queries), k),
      searchRows: (selves: Uint32Array, k: number) => searched([...selves], k),
      close: () => this.open.delete(ann as unknown as AnnIndex),
    } as unknown as AnnIndex;
    this.open.add(ann);
    return ann;
  }
}

function selvesOf(queries: Float32Array): readonly number[] {
  return Array.from({ length: queries.length / DIM }, (_, query) => queries[query * DIM] as number);
}

/** Among rows that are all alive, or those of a portion. */
function nearest(selves: readonly number[], k: number, alive?: Bitset): Candidates {
  const begin = alive === undefined ? 0 : alive.findIndex((byte) => byte !== 0) * 8;
  const end = alive === undefined ? ROWS : begin + countBits(alive);
  const found = { k, counts: new Uint32Array(selves.length), rows: new Uint32Array(selves.length * k), scores: new Float32Array(selves.length * k) };
  selves.forEach((self, query) => {
    const near = Math.min(Math.max(self, begin), end - 1);
    const rows = Array.from({ length: 2 * k + 1 }, (_, at) => near - k + at).filter((row) => row >= begin && row < end);
    rows.sort((a, b) => Math.abs(a - self) - Math.abs(b - self));
    found.counts[query] = Math.min(k, rows.length);
    rows.slice(0, k).forEach((row, at) => {
      found.rows[query * k + at] = row;
      found.scores[query * k + at] = (row - self) ** 2;
    });
  });
  return found;
}
