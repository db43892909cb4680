// Option: one setting of the server, by one name everywhere: the flag `--tls-cert`, the variable `ELANUS_TLS_CERT`, the key
// `tls-cert` of a configuration file. An option says how a value from any of these is read, and refuses what does not fit.

import { UsageError } from '../command.js';

export const SECTIONS = ['Data', 'Listening', 'TLS', 'Limits', 'Access', 'Log'] as const;
export type Section = (typeof SECTIONS)[number];

export interface Option<T> {
  /** One sentence without a full stop. */
  readonly about: string;
  readonly section: Section;
  /** What stands for the value in a help text; '' for a switch, which is on by its flag alone. */
  readonly operand: string;
  readonly default: T;
  /** How the default is told where it is not plain from its value. */
  readonly defaultText?: string;
  /** The value is never shown. */
  readonly isSecret?: boolean;
  /** A flag that may be repeated; one text has its values between commas. */
  readonly isList?: boolean;
  /** The values that there are, if they can be listed. */
  readonly values?: readonly string[];
  /** The value names such a place. */
  readonly path?: 'file' | 'directory';
  /** `where` says whence the value is. Errors: `UsageError`. */
  read(value: unknown, where: string): T;
}

type About = Pick<Option<unknown>, 'about' | 'section'> & Partial<Pick<Option<unknown>, 'operand' | 'isSecret' | 'path' | 'defaultText'>>;

const refused = (where: string, expected: string, found: unknown): UsageError => new UsageError(`${where}: expected ${expected}, found ${typeof found === 'string' ? `"${found}"` : JSON.stringify(found) ?? String(found)}`);

/** Undefined unless it is given. */
export function text(about: About): Option<string | undefined> {
  const read = (value: unknown, where: string): string => {
    if (typeof value === 'string' && value !== '') return value;
    throw refused(where, 'a text', about.isSecret === true ? '' : value);
  };
  return { operand: 'TEXT', default: undefined, ...about, read };
}

export function textOr<const D extends string>(fallback: D, about: About): Option<string> {
  return { ...text(about), default: fallback, read: (value, where) => text(about).read(value, where) ?? fallback };
}

export function choice<const T extends string>(values: readonly T[], about: About): Option<T | undefined> {
  return {
    operand: values.join('|'), default: undefined, values, ...about,
    read(value, where) {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined) throw refused(where, values.join(' or '), value);
      return found;
    },
  };
}

export function choiceOr<const T extends string>(fallback: NoInfer<T>, values: readonly T[], about: About): Option<T> {
  const { read } = choice(values, about);
  return { ...choice(values, about), default: fallback, read: (value, where) => read(value, where) ?? fallback };
}

const WHOLE = /^\d{1,15}$/;

export function whole(range: { readonly min: number; readonly max: number }, about: About): Option<number | undefined> {
  const read = (value: unknown, where: string): number => {
    const number = typeof value === 'string' && WHOLE.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= range.min && number <= range.max) return number;
    throw refused(where, `a whole number from ${range.min} to ${range.max}`, value);
  };
  return { operand: 'N', default: undefined, ...about, read };
}

export function wholeOr(fallback: number, range: { readonly min: number; readonly max: number }, about: About): Option<number> {
  const { read } = whole(range, about);
  return { ...whole(range, about), default: fallback, read: (value, where) => read(value, where) ?? fallback };
}

const TRUE = ['true', '1', 'yes', 'on'];
const FALSE = ['false', '0', 'no', 'off'];

export function toggle(about: About): Option<boolean> {
  return {
    default: false, ...about, operand: '', values: ['true', 'false'],
    read(value, where) {
      if (typeof value === 'boolean') return value;
      const word = typeof value === 'string' ? value.toLowerCase() : '';
      if (!TRUE.includes(word) && !FALSE.includes(word)) throw refused(where, 'true or false', value);
      return TRUE.includes(word);
    },
  };
}

/** `check` throws for an item that does not fit. */
export function list(about: About, check: (item: string, where: string) => void = () => {}): Option<readonly string[]> {
  return {
    operand: 'TEXT', default: [], ...about, isList: true,
    read(value, where) {
      const items: unknown = typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
      if (!Array.isArray(items)) throw refused(where, 'a list of texts', value);
      return items.map((item: unknown) => {
        if (typeof item !== 'string' || item === '') throw refused(where, 'a text', item);
        check(item, where);
        return item;
      });
    },
  };
}

const SIZE = /^(\d{1,9})(B|KiB|MiB|GiB)$/;
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** In bytes. */
export function size(range: { readonly min: number; readonly max: number }, about: About): Option<number | undefined> {
  const read = (value: unknown, where: string): number => {
    const [, count, unit = ''] = (typeof value === 'string' ? SIZE.exec(value) : null) ?? [];
    const bytes = Number(count) * (SIZE_UNITS[unit] ?? Number.NaN);
    if (bytes >= range.min && bytes <= range.max) return bytes;
    throw refused(where, `a size from ${sizeText(range.min)} to ${sizeText(range.max)}, like 64MiB`, value);
  };
  return { operand: 'SIZE', default: undefined, ...about, read };
}

export function sizeOr(fallback: number, range: { readonly min: number; readonly max: number }, about: About): Option<number> {
  const { read } = size(range, about);
  return { ...size(range, about), default: fallback, defaultText: sizeText(fallback), read: (value, where) => read(value, where) ?? fallback };
}

/** As a configuration has it. */
export function sizeText(bytes: number): string {
  const [unit = 'B', each = 1] = Object.entries(SIZE_UNITS).findLast(([, one]) => bytes >= one && bytes % one === 0) ?? [];
  return `${bytes / each}${unit}`;
}

const DURATION = /^(\d{1,9})(ms|s|m|h)$/;
const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** In milliseconds. */
export function durationOr(fallback: number, range: { readonly min: number; readonly max: number }, about: About): Option<number> {
  return {
    operand: 'TIME', default: fallback, defaultText: durationText(fallback), ...about,
    read(value, where) {
      const [, count, unit = ''] = (typeof value === 'string' ? DURATION.exec(value) : null) ?? [];
      const ms = Number(count) * (DURATION_UNITS[unit] ?? Number.NaN);
      if (ms >= range.min && ms <= range.max) return ms;
      throw refused(where, `a time from ${durationText(range.min)} to ${durationText(range.max)}, like 10s`, value);
    },
  };
}

/** As a configuration has it. */
export function durationText(ms: number): string {
  const [unit = 'ms', each = 1] = Object.entries(DURATION_UNITS).findLast(([, one]) => ms >= one && ms % one === 0) ?? [];
  return `${ms / each}${unit}`;
}
