// Vectors of letters: words that are spelled alike are near, also half typed and misspelled; other words are not.

import { describe, expect, test } from 'vitest';
import { LETTERS_DIM, lettersVector } from '../../demo/data/letters.js';

const likeness = (a: string, b: string): number => {
  const [left, right] = [lettersVector(a), lettersVector(b)];
  return left.reduce((sum, value, at) => sum + value * (right[at] as number), 0);
};

describe('a vector of letters', () => {
  test('has length 1, the same each time, whatever the case, the accents and the order of words', () => {
    const vector = lettersVector('The kite hovers above the meadow');
    expect(vector).toHaveLength(LETTERS_DIM);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(lettersVector('The kite hovers above the meadow')).toEqual(vector);
    expect(likeness('café MÜNCHEN', 'munchen cafe')).toBeCloseTo(1, 5);
  });

  test.each([
    ['chlorop', 'chloroplast'],
    ['chloroplst', 'chloroplast'],
    ['hovering', 'hovered'],
    ['дорога', 'дороги'],
  ])('%s is near to %s', (a, b) => {
    expect(likeness(a, b)).toBeGreaterThan(0.35);
  });

  test.each([
    ['oxygen', 'parliament'],
    ['kite', 'river'],
    ['the', 'university'],
  ])('%s is not near to %s', (a, b) => {
    expect(Math.abs(likeness(a, b))).toBeLessThan(0.16);
  });

  test('of what has no word is all zeros', () => {
    for (const text of ['', '  ', '…!?', '\u0001']) expect(lettersVector(text)).toEqual(new Float32Array(LETTERS_DIM));
  });
});
