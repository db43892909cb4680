// The plot: a ladder that climbs, a frontier without what is beaten, labels that do not overlap, names that cannot break out.

import { describe, expect, test } from 'vitest';
import { frontier, ladder, type Curve } from '../../bench/plot/curve.js';
import { logScale, recallScale, spread } from '../../bench/plot/scale.js';
import { svgOf } from '../../bench/plot/svg.js';

describe('ladder', () => {
  test.each([[1, 4000], [10, 10], [10, 11], [500, 1000]])('from %i to %i climbs from end to end', (min, max) => {
    const values = ladder(min, max);
    expect(values[0]).toBe(min);
    expect(values.at(-1)).toBe(max);
    values.forEach((value, i) => i > 0 && expect(value).toBeGreaterThan(values[i - 1] as number));
    expect(values.length).toBeLessThan(40);
  });
});

test('the frontier keeps what no other beats in both, by recall', () => {
  const point = (recall: number, qps: number) => ({ recall, qps });
  expect(frontier([point(0.9, 50), point(0.8, 100), point(0.85, 40), point(0.9, 60), point(0.99, 10), point(0.95, 10)])).toEqual([point(0.8, 100), point(0.9, 60), point(0.99, 10)]);
});

describe('scales', () => {
  test('what is missing to 1 is drawn by its logarithm, and 1 has a place', () => {
    const { at, ticks } = recallScale(0.85, 0, 1000);
    expect(at(0.99) - at(0.9)).toBeCloseTo(at(0.999) - at(0.99), 6);
    expect(at(1)).toBeCloseTo(1000, 6);
    expect(ticks).toEqual([0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999]);
  });

  test('every tick of the other lies in the picture', () => {
    const { at, ticks } = logScale(300, 9000, 400, 0);
    expect(ticks).toEqual([500, 1000, 2000, 5000, 10_000]);
    for (const tick of ticks) expect(at(tick)).toBeGreaterThanOrEqual(0);
    expect(at(300)).toBeGreaterThan(at(9000));
  });

  test('labels keep their distance and stay within, whatever they wish', () => {
    for (const wished of [[10, 10, 10, 10], [0, 100, 99, 98], [100, 100, 0], [50]]) {
      const places = [...spread(wished, 20, 0, 100)].sort((a, b) => a - b);
      places.forEach((place, i) => {
        expect(place).toBeGreaterThanOrEqual(0);
        expect(place).toBeLessThanOrEqual(100);
        if (i > 0) expect(place - (places[i - 1] as number)).toBeGreaterThanOrEqual(20);
      });
    }
    expect(spread([10, 60], 20, 0, 100)).toEqual([10, 60]);
  });
});

describe('svg', () => {
  const curve = (name: string, own: boolean, recalls: readonly number[]): Curve => ({ name, own, points: recalls.map((recall, i) => ({ index: 'X', knob: 'ef', value: i, recall, qps: 1000 / (i + 1) })) });

  test('is one well-formed picture, light and dark, every curve named once', () => {
    const svg = svgOf('set <1>', 'a & b', [curve('native', true, [0.8, 0.95, 1]), curve('peer:"x"', false, [0.7, 0.9])]);
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg).toContain('set &lt;1&gt;');
    expect(svg.match(/>native</g)).toHaveLength(1);
    expect(svg.match(/>peer:&quot;x&quot;</g)).toHaveLength(1);
    expect(svg.match(/<circle/g)).toHaveLength(5);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    // Every element that is opened is closed.
    const opened = [...svg.matchAll(/<(\w+)(?:[^>]*[^/>])?>/g)].map((found) => found[1]);
    const closed = [...svg.matchAll(/<\/(\w+)>/g)].map((found) => found[1]);
    expect(opened.sort()).toEqual(closed.sort());
  });

  test('leaves out what never reaches the least recall, and says so if that is all', () => {
    expect(svgOf('t', 's', [curve('a', true, [0.9]), curve('low', false, [0.3])])).not.toContain('>low<');
    expect(() => svgOf('t', 's', [curve('low', false, [0.3])])).toThrow('nothing to draw');
  });
});
