// The merge policy by itself: which runs it chooses, and what it writes over long histories of upserts at random, as
// simulated with sizes alone.

import { expect, test } from 'vitest';
import { allMerging, backlogOf, MERGED_SIZE_MAX, worthMerging, type Run, type SegmentSize } from '../../src/engine/upkeep/merge-policy.js';
import { random, randomInteger } from '../support/random.js';

const full = (live: number, dead = 0): SegmentSize => ({ live, dead });

test('four sealed segments become one, three do not', () => {
  expect(worthMerging([full(1), full(1), full(1)])).toBeUndefined();
  expect(worthMerging([full(1), full(1), full(1), full(1)])).toEqual({ first: 0, end: 4 });
  expect(worthMerging([full(4), full(1.1), full(1.1), full(1.1), full(1.1)])).toEqual({ first: 1, end: 5 });
});

test('eight small ones become one, seven do not', () => {
  expect(worthMerging(Array.from({ length: 7 }, () => full(0.01)))).toBeUndefined();
  expect(worthMerging(Array.from({ length: 8 }, () => full(0.01)))).toEqual({ first: 0, end: 8 });
});

test('no run makes a segment larger than may be', () => {
  expect(worthMerging(Array.from({ length: 4 }, () => full(MERGED_SIZE_MAX / 3.9)))).toBeUndefined();
  expect(allMerging([full(3), full(2.5), full(2)])).toEqual([{ first: 1, end: 3 }]);
});

test('a segment of which most rows are dead is written anew, with a neighbour if that is so too', () => {
  expect(worthMerging([full(4), full(2, 2)])).toBeUndefined();
  expect(worthMerging([full(4), full(1.2, 2.8)])).toEqual({ first: 1, end: 2 });
  expect(worthMerging([full(2, 2), full(2, 2)])).toEqual({ first: 0, end: 2 });
  expect(worthMerging([full(0, 1)])).toEqual({ first: 0, end: 1 });
});

test('where merges are behind the run that gains most comes first, else the one that gains most for what it writes', () => {
  const segments = [full(0.1, 2), full(4), full(1, 3), full(1, 3)];
  expect(worthMerging(segments)).toEqual({ first: 0, end: 1 });
  expect(worthMerging(segments, true)).toEqual({ first: 2, end: 4 });
  expect(worthMerging([full(1), full(1), full(1)], true)).toBeUndefined();
});

test('merges are behind by the dead rows for each live one, or by small segments', () => {
  expect(backlogOf([])).toBe(0);
  expect(backlogOf([full(4, 4), undefined, full(1, 1)])).toBe(0.5);
  expect(backlogOf([full(1, 2), full(1, 2)])).toBe(1);
  // Of a small collection as of one of a quarter.
  expect(backlogOf([full(0.01, 0.5)])).toBe(1);
  expect(backlogOf(Array.from({ length: 96 }, () => full(0.01)))).toBe(1.5);
  expect(backlogOf(Array.from({ length: 96 }, () => full(1)))).toBe(0);
});

test('nothing is merged across what cannot be', () => {
  const segments = [full(0.1), full(0.1), full(0.1), full(0.1), undefined, full(0.1), full(0.1), full(0.1), full(0.1)];
  expect(worthMerging(segments)).toBeUndefined();
  expect(allMerging(segments)).toEqual([{ first: 0, end: 4 }, { first: 5, end: 9 }]);
});

test('merging everything leaves nothing to merge, and no dead row', () => {
  const next = random(7);
  for (let round = 0; round < 200; round++) {
    let segments: readonly SegmentSize[] = Array.from({ length: randomInteger(next, 100) }, () => full(next() * (next() < 0.3 ? 5 : 0.2), next() < 0.5 ? 0 : next()));
    segments = merged(segments, allMerging(segments));
    expect(allMerging(segments)).toEqual([]);
    for (const { live, dead } of segments) expect(live).toBeLessThanOrEqual(MERGED_SIZE_MAX), expect(dead).toBe(0);
  }
});

function merged(segments: readonly SegmentSize[], runs: readonly Run[]): readonly SegmentSize[] {
  let result: readonly SegmentSize[] = segments;
  for (const { first, end } of [...runs].reverse()) {
    const live = result.slice(first, end).reduce((sum, segment) => sum + segment.live, 0);
    result = [...result.slice(0, first), ...(live === 0 ? [] : [full(live)]), ...result.slice(end)];
  }
  return result;
}

interface Scale {
  readonly upserts: number;
  readonly keys: number;
  /** Rows of a sealed segment. */
  readonly sealRows: number;
  /** Rows that are upserted between two seals. */
  readonly flushRows: number;
  readonly rowBytes: number;
}

/** What the index of a row takes, of its bytes. */
const INDEX_SHARE = 0.25;
const INDEX_ROWS_MIN = 1024;
const MANIFEST_ENTRY_BYTES = 700;

interface Simulated {
  readonly amplification: number;
  readonly segmentsMax: number;
  /** Rows stored for each live one, at the end. */
  readonly space: number;
}

/** Bytes written for each byte upserted, by keys at random, and how many segments there were. */
function simulate({ upserts, keys, sealRows, flushRows, rowBytes }: Scale, seed: number): Simulated {
  const next = random(seed);
  interface Segment { readonly rows: number; dead: number; deadStored: number }
  let segments: Segment[] = [];
  const places = new Array<Segment | undefined>(keys);
  const written = { log: 0, rows: 0, index: 0, deletions: 0, manifests: 0 };
  let segmentsMax = 0;
  const write = (rows: number): void => {
    written.rows += rows * rowBytes;
    if (rows >= INDEX_ROWS_MIN) written.index += rows * rowBytes * INDEX_SHARE;
  };
  const manifest = (): void => void (written.manifests += 500 + segments.length * MANIFEST_ENTRY_BYTES);
  const size = ({ rows, dead }: Segment): SegmentSize => ({ live: (rows - dead) / sealRows, dead: dead / sealRows });
  for (let done = 0; done < upserts; done += flushRows) {
    const batch = new Set(Array.from({ length: flushRows }, () => randomInteger(next, keys)));
    written.log += flushRows * rowBytes;
    const segment: Segment = { rows: batch.size, dead: 0, deadStored: 0 };
    for (const key of batch) {
      const before = places[key];
      if (before !== undefined) before.dead++;
      places[key] = segment;
    }
    for (const old of segments) {
      if (old.dead > old.deadStored) written.deletions += 60 + Math.min(2 * old.dead, old.rows / 8);
      old.deadStored = old.dead;
    }
    segments.push(segment);
    write(segment.rows);
    manifest();
    if (segment.rows >= INDEX_ROWS_MIN) manifest();
    for (let run = worthMerging(segments.map(size)); run !== undefined; run = worthMerging(segments.map(size))) {
      const sources = new Set(segments.slice(run.first, run.end));
      const rows = [...sources].reduce((sum, source) => sum + source.rows - source.dead, 0);
      const target: Segment = { rows, dead: 0, deadStored: 0 };
      places.forEach((place, key) => place !== undefined && sources.has(place) && (places[key] = target));
      segments = [...segments.slice(0, run.first), ...(rows === 0 ? [] : [target]), ...segments.slice(run.end)];
      write(rows);
      manifest();
    }
    segmentsMax = Math.max(segmentsMax, segments.length);
  }
  const bytes = Object.values(written).reduce((sum, part) => sum + part, 0);
  const live = segments.reduce((sum, { rows, dead }) => sum + rows - dead, 0);
  const stored = segments.reduce((sum, { rows }) => sum + rows, 0);
  return { amplification: bytes / (upserts * rowBytes), segmentsMax, space: stored / live };
}

const million = { upserts: 1_000_000, sealRows: 43_690, flushRows: 43_690, rowBytes: 1548 };
const scales: Readonly<Record<string, Scale & { readonly most: number }>> = {
  '1M upserts of 1M keys': { ...million, keys: 1_000_000, most: 4 },
  '1M upserts of 200k keys': { ...million, keys: 200_000, most: 4.25 },
  '1M upserts of 50k keys': { ...million, keys: 50_000, most: 4.25 },
  '1M upserts of 200k keys of 16 dimensions': { ...million, sealRows: 65_536, flushRows: 65_536, rowBytes: 76, keys: 200_000, most: 4.5 },
  '1M upserts of 1M keys, sealed every 10,000': { ...million, keys: 1_000_000, flushRows: 10_000, most: 5 },
  '200k upserts of 100k keys, sealed every 1,000': { ...million, upserts: 200_000, keys: 100_000, flushRows: 1000, most: 6 },
};

test.each(Object.entries(scales))('writes little: %s', (name, { most, ...scale }) => {
  const { amplification, segmentsMax, space } = simulate(scale, 11);
  console.log(`${name}: ${amplification.toFixed(2)} bytes written for each, at most ${segmentsMax} segments, ${space.toFixed(2)} rows stored for each live one`);
  expect(amplification).toBeLessThanOrEqual(most);
  expect(segmentsMax).toBeLessThan(40);
  expect(space).toBeLessThan(2);
});
