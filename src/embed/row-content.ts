// Row content: a number that differs, but for one case in 2^53, where rows do; of all fields but some.

import type { FieldValue, Row } from '../model/row.js';

const SEEDS = [0x811c9dc5, 0x01000193] as const;
const PRIME = 0x01000193;

/** The content of `row` without the fields in `but`; another in another partition. */
export function contentOf(row: Row, but: ReadonlySet<string>, partition = ''): number {
  const names = Object.keys(row).filter((name) => !but.has(name)).sort();
  const text = partition + names.map((name) => `${JSON.stringify(name)}:${textOf(row[name] as FieldValue)}`).join();
  let [a, b] = SEEDS as readonly [number, number];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, PRIME);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return ((a >>> 0) & 0x1f_ffff) * 2 ** 32 + (b >>> 0);
}

function textOf(value: FieldValue): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (ArrayBuffer.isView(value)) return `[${String(value as Float32Array)}]`;
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item as FieldValue)).join()}]`;
  if (typeof value !== 'object' || value === null) return typeof value === 'number' && !Number.isFinite(value) ? String(value) : JSON.stringify(value);
  return `{${Object.entries(value as Record<string, FieldValue>).map(([key, item]) => `${JSON.stringify(key)}:${textOf(item)}`).join()}}`;
}
