// The table of bars in Markdown: a row for each figure.

import type { Bar, Figure } from './bars.js';
import type { Set } from './parts.js';
import type { Results } from './results.js';

export function barsTable(bars: readonly Bar[], results: Results, sets: readonly Set[]): string {
  const rows = bars.flatMap((bar) => {
    const figures = bar.figures(results, sets);
    if (figures.length === 0) return [row(bar, 'not measured: no such data set', '', '', '')];
    return figures.map((figure) => row(bar, measured(bar, figure), verdict(bar, figure), [figure.set, figure.note].filter((part) => part).join('; '), figure.peer));
  });
  return ['| what | must | aim | measured | met | data set | peer |', '|---|---|---|---|---|---|---|', ...rows].join('\n');
}

function row({ what, must, aim, unit }: Bar, found: string, met: string, set: string, peer: string): string {
  return `| ${[what, `${must}${unit}`, aim === undefined ? '' : `${aim}${unit}`, found, met, set, peer].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function measured({ unit }: Bar, { found }: Figure): string {
  if ('missing' in found) return `not measured: ${found.missing.replaceAll('\n', ' ')}`;
  if (typeof found.value === 'number') return `${short(found.value)}${unit}`;
  const [least, median, greatest] = found.value;
  return `${short(median)}${unit} (${short(least)} to ${short(greatest)})`;
}

/** By the median. */
function verdict({ must, aim, better }: Bar, { found }: Figure): string {
  if ('missing' in found) return '';
  const value = typeof found.value === 'number' ? found.value : found.value[1];
  const reaches = (bar: number): boolean => (better === 'more' ? value >= bar - 1e-9 : value <= bar + 1e-9);
  if (aim !== undefined && reaches(aim)) return 'aim';
  return reaches(must) ? 'must' : 'missed';
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
