// Arithmetic of the differential test: on whole numbers in unlimited size, brought back to 64 bits, else on doubles.

import type { Arith, Plain } from './tree.js';

const WHOLE_ONLY: readonly Arith[] = ['%', '&', '|', '^', '<<', '>>'];

export function isWholeOnly(op: Arith): boolean {
  return WHOLE_ONLY.includes(op);
}

/** `single`: the result is of 32 bits. */
export function arithmetic(op: Arith, a: Plain, b: Plain, single: boolean): Plain {
  if ((typeof a !== 'bigint' && typeof a !== 'number') || (typeof b !== 'bigint' && typeof b !== 'number')) return undefined;
  if (typeof a === 'bigint' && typeof b === 'bigint' && op !== '**') return whole(op, a, b);
  if (WHOLE_ONLY.includes(op)) return undefined;
  const result = floating(op, Number(a), Number(b));
  return single ? Math.fround(result) : result;
}

function floating(op: Arith, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return Math.pow(a, b);
  }
}

function whole(op: Arith, a: bigint, b: bigint): Plain {
  if ((op === '/' || op === '%') && b === 0n) return undefined;
  if ((op === '<<' || op === '>>') && (b < 0n || b > 63n)) return undefined;
  const results: { readonly [op in Arith]?: () => bigint } = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => (a < 0n !== b < 0n ? -(abs(a) / abs(b)) : abs(a) / abs(b)),
    '%': () => (a < 0n ? -(abs(a) % abs(b)) : abs(a) % abs(b)),
    '&': () => a & b,
    '|': () => a | b,
    '^': () => a ^ b,
    '<<': () => a * 2n ** b,
    '>>': () => floorDivide(a, 2n ** b),
  };
  return wrapped((results[op] as () => bigint)());
}

export function signed(op: '+' | '-' | '~', a: Plain): Plain {
  if (op === '~') return typeof a === 'bigint' ? -a - 1n : undefined;
  if (typeof a === 'bigint') return op === '-' ? wrapped(-a) : a;
  return typeof a === 'number' ? (op === '-' ? -a : a) : undefined;
}

function wrapped(x: bigint): bigint {
  const all = 2n ** 64n;
  const rest = ((x % all) + all) % all;
  return rest >= 2n ** 63n ? rest - all : rest;
}

function abs(x: bigint): bigint {
  return x < 0n ? -x : x;
}

function floorDivide(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b);
}
