// What the console reads: vectors as people paste them, figures as Prometheus has them, places as hashes; without a browser.

import { describe, expect, test } from 'vitest';
import { bytes, percent, pretty, score, time } from '../../console/data/format.js';
import { figuresOf, parseMetrics } from '../../console/data/metrics.js';
import { hashOf, placeOf, type Place } from '../../console/data/place.js';
import { readVector } from '../../console/data/vector-input.js';
import type { Field } from '../../src/model/field.js';

const dense: Field = { name: 'v', type: 'FloatVector', dim: 3 };
const sparse: Field = { name: 's', type: 'SparseFloatVector' };

describe('a pasted vector', () => {
  test.each(['[1, -2.5, 3e-2]', '1 -2.5 0.03', '1,-2.5,0.03', ' [1;-2.5;0.03]\n'])('%j is three numbers', (text) => {
    expect(readVector(text, dense)).toEqual({ vector: [1, -2.5, 0.03] });
  });

  test.each([
    ['', dense, 'Paste 3 numbers.'],
    ['1 2', dense, 'Expected 3 numbers, found 2.'],
    ['1 two 3', dense, 'Expected 3 numbers, found “two” at position 2.'],
    ['1 Infinity 3', dense, 'found “Infinity”'],
    ['1', { ...dense, type: 'BinaryVector', dim: 16 } as Field, 'Expected 2 bytes'],
    ['[1, 2]', sparse, 'Expected an object'],
    ['{"a": 1}', sparse, 'Expected an object'],
    ['{"1": "x"}', sparse, 'Expected an object'],
    ['{', sparse, 'Expected an object'],
  ])('%j is refused in words', (text, field, words) => {
    const { vector, trouble } = readVector(text, field);
    expect(vector).toBeUndefined();
    expect(trouble).toContain(words);
  });

  test('of a sparse field is an object', () => {
    expect(readVector('{"7": 0.5, "42": 1}', sparse)).toEqual({ vector: { 7: 0.5, 42: 1 } });
  });
});

describe('figures', () => {
  const reading = (fast: number, slow: number, failed: number) =>
    parseMetrics(`# HELP elanus_request_seconds Time, {all of it}
elanus_request_seconds_bucket{le="0.001",verb="a\\"b",outcome="ok"} ${fast}
elanus_request_seconds_bucket{le="0.01",verb="a\\"b",outcome="ok"} ${fast + slow}
elanus_request_seconds_bucket{le="+Inf",verb="a\\"b",outcome="ok"} ${fast + slow}
elanus_request_seconds_count{verb="a\\"b",outcome="ok"} ${fast + slow}
elanus_request_seconds_count{verb="c",outcome="refused"} ${failed}
process_resident_memory_bytes 1e8
elanus_connections{protocol="grpc"} 2
elanus_connections{protocol="http"} 3
nodejs_eventloop_lag_p99_seconds 0.014`);

  test('are rates and quantiles of what came since the reading before', () => {
    const figures = figuresOf(reading(190, 60, 6), reading(100, 50, 2), 2);
    expect(figures).toMatchObject({ requestsPerSecond: 52, failuresPerSecond: 2, residentBytes: 1e8, loopP99Ms: 4, connections: 5 });
    expect(figures.p50Ms).toBeCloseTo(50 / 90, 6);
    expect(figures.p99Ms).toBeCloseTo(1 + 9 * 0.9, 6);
  });

  test('have no latency without a request, and none of before without a reading before', () => {
    expect(figuresOf(reading(1, 0, 0), reading(1, 0, 0), 2)).toMatchObject({ requestsPerSecond: 0, p50Ms: undefined });
    expect(figuresOf(reading(9, 9, 9), undefined, 1)).toMatchObject({ requestsPerSecond: 0, failuresPerSecond: 0, p99Ms: undefined });
  });

  test('never fall below nothing when the server was started anew', () => {
    expect(figuresOf(reading(1, 0, 0), reading(100, 50, 2), 2)).toMatchObject({ requestsPerSecond: 0, failuresPerSecond: 0 });
  });
});

describe('a place', () => {
  test.each<Place>([
    { page: 'server', database: 'default' },
    { page: 'server', database: 'a/b c' },
    { page: 'collection', database: 'default', collection: 'bücher/2?', tab: 'rows' },
    { page: 'collection', database: 'd', collection: 'c', tab: 'search', id: 'a&b=c' },
  ])('%j is the same by its hash', (place) => {
    expect(placeOf(hashOf(place))).toEqual(place);
  });

  test.each(['', '#', '#/', '#/%', '#/default/c/none', '#//c'])('%j is one, too', (hash) => {
    expect(placeOf(hash).database).not.toBe('');
  });
});

test('numbers are told as people read them', () => {
  expect([bytes(0), bytes(1023), bytes(1536), bytes(5 * 2 ** 30)]).toEqual(['0 B', '1023 B', '1.5 KiB', '5.0 GiB']);
  expect([time(0.4), time(12.34), time(123.4), time(12_345)]).toEqual(['0.40 ms', '12.3 ms', '123 ms', '12.3 s']);
  expect([percent(0), percent(1), percent(0.1234), percent(0.00012)]).toEqual(['0 %', '100 %', '12.3 %', '0.01 %']);
  expect([score(0.123456789), score(1_234_567.8)]).toEqual(['0.12346', '1,234,568']);
  expect(pretty({ id: 1, v: [1, -2.5] })).toBe('{\n  "id": 1,\n  "v": [1, -2.5]\n}');
});
