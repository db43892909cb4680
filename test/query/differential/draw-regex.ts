// Random regular expressions, small enough for a matcher that tries one way after the other.

import { randomInteger } from '../../support/random.js';
import { chance, pick, type Next } from './draw.js';
import type { Re } from './tree.js';

const CHARS = ['a', 'b', 'A', '_', '%', '5', ' ', '-', '.', '\n', 'é', '😀', '日'];

export function drawRegex(next: Next, depth: number): Re {
  const draw = depth === 0 ? next() * 0.5 : next();
  if (draw < 0.25) return { k: 'char', c: pick(next, CHARS) };
  if (draw < 0.3) return { k: 'dot' };
  if (draw < 0.37) return { k: 'class', chars: Array.from({ length: 1 + randomInteger(next, 3) }, () => pick(next, CHARS)), negated: chance(next, 0.3) };
  if (draw < 0.43) return { k: 'perl', letter: pick(next, ['d', 'D', 'w', 'W', 's', 'S'] as const) };
  if (draw < 0.5) return { k: 'edge', edge: pick(next, ['^', '$', 'b', 'B'] as const) };
  if (draw < 0.75) return { k: 'seq', parts: Array.from({ length: 1 + randomInteger(next, 3) }, () => drawRegex(next, depth - 1)) };
  if (draw < 0.85) return { k: 'alt', parts: Array.from({ length: 2 + randomInteger(next, 2) }, () => drawRegex(next, depth - 1)) };
  const min = randomInteger(next, 3);
  return { k: 'rep', a: drawRegex(next, depth - 1), min, max: chance(next, 0.5) ? undefined : min + randomInteger(next, 3), lazy: chance(next, 0.3) };
}
