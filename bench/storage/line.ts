// Line: one bar of the storage engine: what is asked of it, what was measured, and the peer of the same run.

import { rounded } from '../log.js';
import { median } from '../statistics.js';

/** Least, median and greatest over rounds. */
export type Spread = readonly [least: number, median: number, greatest: number];

export interface StorageLine {
  readonly bar: string;
  /** What it was measured on. */
  readonly set: string;
  readonly unit: string;
  /** Undefined for what is only told. */
  readonly must?: number;
  readonly better: 'more' | 'less';
  readonly measured: number | Spread | null;
  readonly peer?: { readonly name: string; readonly measured: Spread };
  readonly met?: boolean;
  readonly note?: string;
  /** Why it was not measured. */
  readonly error?: string;
}

export function spreadOf(values: readonly number[]): Spread {
  return [rounded(Math.min(...values)), rounded(median(values)), rounded(Math.max(...values))];
}

/** The line with its verdict, by the median. */
export function judged(line: Omit<StorageLine, 'met'>): StorageLine {
  const { measured, must, better } = line;
  if (measured === null || must === undefined) return line;
  const value = typeof measured === 'number' ? measured : measured[1];
  return { ...line, met: better === 'more' ? value >= must : value <= must };
}

export function failedLine(bar: string, set: string, reason: string): StorageLine {
  return { bar, set, unit: '', better: 'more', measured: null, error: reason };
}

export function storageTable(lines: readonly StorageLine[]): string {
  const show = (value: number | Spread | null): string => (value === null ? '-' : typeof value === 'number' ? String(rounded(value)) : `${value[1]} (${value[0]} to ${value[2]})`);
  const rows = lines.map(({ bar, set, unit, must, measured, met, peer, note, error }) => [
    bar,
    must === undefined ? '' : `${must} ${unit}`,
    error === undefined ? `${show(measured)} ${unit}` : `not measured: ${error.replaceAll('\n', ' ')}`,
    met === undefined ? '' : met ? 'yes' : 'no',
    peer === undefined ? '' : `${peer.name}: ${show(peer.measured)}`,
    [set, note].filter((part) => part).join('; '),
  ]);
  return ['| what | must | measured | met | peer | on |', '|---|---|---|---|---|---|', ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)].join('\n');
}
