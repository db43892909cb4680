// Format: numbers, sizes and times as people read them, and values of rows in one line.

const WHOLE = new Intl.NumberFormat('en');
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const TEXT_MAX = 400;

export function whole(value: number): string {
  return WHOLE.format(value);
}

export function bytes(value: number): string {
  let unit = 0;
  let left = value;
  while (left >= 1024 && unit < UNITS.length - 1) {
    left /= 1024;
    unit++;
  }
  return `${unit === 0 || left >= 100 ? Math.round(left) : left.toFixed(1)} ${UNITS[unit]}`;
}

/** Of milliseconds. */
export function time(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 100) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms >= 10 ? 1 : 2)} ms`;
}

export function percent(part: number): string {
  if (part === 0 || part === 1) return `${part * 100} %`;
  return `${(part * 100).toPrecision(part < 0.001 ? 1 : 3)} %`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/** Hits differ in their last digits. */
export function score(value: number): string {
  return Math.abs(value) >= 1000 ? WHOLE.format(Math.round(value)) : value.toPrecision(5);
}

export function line(value: unknown): string {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return cut(JSON.stringify(value) ?? '');
}

/** As JSON with a member a line, but numbers of a vector beside each other. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(/\[\s*(-?[\d.eE+-]+(?:,\s*-?[\d.eE+-]+)*)\s*\]/g, (_, numbers: string) => `[${numbers.replace(/\s+/g, ' ')}]`);
}

function cut(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}
