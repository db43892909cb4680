// Bars: what is asked of the product, and where in the results the figure is that answers it. A figure comes from a run or
// is said to be missing with the reason; none is written here.

import type { CalibrationLine } from '../commands/calibration.js';
import type { BytesLine } from '../commands/bytes.js';
import type { OverheadLine } from '../commands/overhead.js';
import type { WorstLine } from '../filtered/report.js';
import type { Set } from './parts.js';
import { lineWhere, ratioOf, targetOf, type Found, type Results, type Spread } from './results.js';

/** A figure: one number, or least, median and greatest over rounds. */
export interface Figure {
  readonly set: string;
  readonly peer: string;
  readonly found: Found<number | Spread>;
  readonly note?: string;
}

export interface Bar {
  readonly what: string;
  readonly must: number;
  readonly aim: number | undefined;
  readonly better: 'more' | 'less';
  readonly unit: string;
  figures(results: Results, sets: readonly Set[]): readonly Figure[];
}

const DIM_LARGE = 384;
const JUDGED_RECALLS: readonly number[] = [0.8, 0.9, 0.95, 0.99];

const large = ({ d }: Set): boolean => d >= DIM_LARGE;
const small = (set: Set): boolean => !large(set);
const every = (): boolean => true;
const titled = ({ name, n, d }: Set): string => `${name}, ${n} x ${d}`;

function speed(what: string, must: number, aim: number | undefined, part: string, ours: string, peer: string, of: (set: Set) => boolean): Bar {
  const figures = (results: Results, sets: readonly Set[]): readonly Figure[] =>
    sets.filter(of).map((set) => ({ set: titled(set), peer, found: ratioOf(results, `${part}-${set.name}`, ours, peer), ...indexNote(results, `${part}-${set.name}`, ours) }));
  return { what, must, aim, better: 'more', unit: 'x', figures };
}

function indexNote(results: Results, part: string, target: string): { readonly note?: string } {
  const line = targetOf(results, part, target);
  return 'value' in line && line.value.index !== null ? { note: `${line.value.index}, recall ${String(line.value.recall)}, n ${line.value.n}` } : {};
}

function map<A, B>(found: Found<A>, to: (value: A) => B): Found<B> {
  return 'value' in found ? { value: to(found.value) } : found;
}

/** A value that may be null, with the reason that the line gives. */
function present<T>(value: T | null | undefined, reason: string | undefined): Found<T> {
  return value === null || value === undefined ? { missing: reason ?? 'the line has no such figure' } : { value };
}

function segmentsNote(line: Found<OverheadLine>): { readonly note?: string } {
  return 'value' in line && line.value.segments !== null ? { note: `n ${line.value.n}, segments ${line.value.segments}` } : {};
}

function overheadBar(core: string): Bar {
  const figures = (results: Results, sets: readonly Set[]): readonly Figure[] =>
    sets.map((set) => {
      const line = lineWhere<OverheadLine>(results, `overhead-${set.name}`, (found) => found['overhead'] === core);
      return { set: titled(set), peer: `${core}, the same options`, found: 'value' in line ? present(line.value.usAdded, line.value.error) : line, ...segmentsNote(line) };
    });
  return { what: `what the public API adds to a query, db-${core}`, must: 20, aim: 8, better: 'less', unit: ' us', figures };
}

const buildBar: Bar = {
  what: 'build, one thread, native, graph',
  must: 8,
  aim: 20,
  better: 'more',
  unit: 'x',
  figures: (results, sets) =>
    sets.filter(large).map((set) => {
      const part = `graph95-${set.name}`;
      const [ours, theirs] = ['native', 'peer:hnswlib'].map((name) => map(targetOf(results, part, name), ({ params }) => Number(params['buildCpuS'])));
      const quality = ratioOf(results, part, 'native', 'peer:hnswlib');
      const note = 'value' in quality ? { note: `searched ${quality.value[1].toFixed(2)} times as fast at recall .95` } : {};
      const found = ours !== undefined && 'value' in ours ? map(theirs as Found<number>, (seconds) => seconds / ours.value) : (ours as Found<number>);
      return { set: titled(set), peer: 'peer:hnswlib', found, ...note };
    }),
};

function smallBar(what: string, must: number, aim: number, unit: string, pick: (line: { readonly p50Ms: number | null; readonly params: Readonly<Record<string, unknown>> }) => number | null): Bar {
  const figures = (results: Results): readonly Figure[] =>
    ['wasm', 'wasm-relaxed'].map((name) => {
      const line = targetOf(results, 'small', name);
      const found = 'value' in line ? present(pick(line.value), line.value.error ?? line.value.note) : line;
      return { set: `${name}, 10,000 x 384`, peer: '', found };
    });
  return { what, must, aim, better: 'less', unit, figures };
}

function bytesBar(what: string, must: number, aim: number, unit: string, which: BytesLine['bytes'], scale = 1): Bar {
  const figures = (results: Results): readonly Figure[] => {
    const line = lineWhere<BytesLine>(results, 'bytes', (found) => found['bytes'] === which);
    const set = 'value' in line && line.value.d !== undefined ? `made up, ${String(line.value.n)} x ${line.value.d}` : '';
    return [{ set, peer: '', found: map(line, ({ value }) => value / scale) }];
  };
  return { what, must, aim, better: 'less', unit, figures };
}

function filteredBar(what: string, must: number, aim: number, better: Bar['better'], unit: string, pick: (line: WorstLine) => { readonly value: number; readonly at: string }): Bar {
  const figures = (results: Results, sets: readonly Set[]): readonly Figure[] =>
    sets.flatMap((set) =>
      ['native', 'wasm'].map((core) => {
        const line = lineWhere<WorstLine>(results, `filtered-${set.name}`, (found) => found['filteredWorst'] === core);
        const note = 'value' in line ? { note: `${core}, worst at ${pick(line.value).at}` } : {};
        return { set: titled(set), peer: '', found: map(line, (worst) => pick(worst).value), ...note };
      }),
    );
  return { what, must, aim, better, unit, figures };
}

const calibrationBar: Bar = {
  what: 'recall measured less recall asked for, db-native',
  must: -0.02,
  aim: 0,
  better: 'more',
  unit: '',
  figures: (results, sets) =>
    sets.flatMap((set) =>
      JUDGED_RECALLS.map((asked) => {
        const line = lineWhere<CalibrationLine>(results, `calibration-${set.name}`, (found) => found['calibration'] === 'db-native' && found['asked'] === asked);
        const found = 'value' in line ? map(present(line.value.measured, line.value.error), (measured) => measured - asked) : line;
        return { set: titled(set), peer: '', found, note: `asked ${asked}${'value' in line ? `, measured ${String(line.value.measured)}` : ''}` };
      }),
    ),
};

export const BARS: readonly Bar[] = [
  speed('native QPS, d >= 384, recall .95', 2.5, 4, 'ann95', 'native', 'peer:hnswlib', large),
  speed('native QPS, d >= 384, recall .99', 2, 3.5, 'ann99', 'native', 'peer:hnswlib', large),
  speed('native QPS, d >= 384, recall .99, to faiss', 1.5, undefined, 'ann99', 'native', 'peer:faiss', large),
  speed('native QPS, d < 384, recall .95', 1.5, 2.5, 'ann95', 'native', 'peer:hnswlib', small),
  speed('WASM SIMD128 QPS, d >= 384, recall .95', 1.2, 2.3, 'ann95', 'wasm', 'peer:hnswlib', large),
  speed('WASM relaxed QPS, d >= 384, recall .95', 1.7, 3.5, 'ann95', 'wasm-relaxed', 'peer:hnswlib', large),
  speed('WASM to hnswlib-wasm, recall .95', 6, 12, 'wasm', 'wasm', 'peer:hnswlib-wasm', every),
  speed('WASM to edgevec, recall .95', 6, 12, 'wasm', 'wasm', 'peer:edgevec', every),
  speed('WASM SIMD128 to own native held to AVX2', 0.6, 0.9, 'ann95', 'wasm', 'native-avx2', every),
  speed('WASM relaxed to own native held to AVX2', 0.6, 0.9, 'ann95', 'wasm-relaxed', 'native-avx2', every),
  overheadBar('native'),
  overheadBar('wasm'),
  buildBar,
  smallBar('build 10k x 384 in WASM, CPU time', 2, 0.7, ' s', ({ params }) => Number(params['buildCpuS'])),
  bytesBar('bytes in RAM a vector, graph, d = 768, vectors out of RAM', 560, 470, '', 'ram'),
  bytesBar('bytes on the wire until searchable, d = 768', 120, 104, ' a vector', 'wire'),
  smallBar('p50, 10k x 384 in WASM, recall .95', 0.2, 0.08, ' ms', ({ p50Ms }) => p50Ms),
  filteredBar('filtered recall, asked .95, the worst cell', 0.93, 0.95, 'more', '', ({ recall, recallAt }) => ({ value: recall, at: recallAt })),
  filteredBar('cost of a filtered search to the cheaper of brute force and no filter, the worst cell', 1.5, 1.2, 'less', 'x', ({ cost, costAt }) => ({ value: cost, at: costAt })),
  calibrationBar,
  bytesBar('core.wasm, gzip', 120, 80, ' KB', 'core.wasm', 1000),
];
