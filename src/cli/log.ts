// Log: what happens, one line per event on stderr: short text for people, JSON for machines. An error is written
// with its stack, as nobody else gets to see it; what came from outside cannot begin a line of its own.

import type { Ambient, LogLevel } from '../ports/ambient.js';

export type LogFormat = 'text' | 'json';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Events below `least` are not written. */
export function createLog(format: LogFormat, write: (line: string) => void, least: LogLevel = 'info'): Ambient['log'] {
  const line = format === 'json' ? jsonLine : textLine;
  const from = LEVELS.indexOf(least);
  return (level, message, fields = {}) => {
    if (LEVELS.indexOf(level) >= from) write(`${line(level, message, fields)}\n`);
  };
}

type Line = (...event: Required<Parameters<Ambient['log']>>) => string;

const jsonLine: Line = (level, message, fields) => JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, plain);

const textLine: Line = (level, message, fields) => {
  const words = Object.entries(fields).map(([name, value]) => ` ${name}=${value instanceof Error ? plain(name, value) : wordOf(value)}`);
  return `${level === 'info' ? '' : `${level}: `}${message.replaceAll(CONTROL, ' ')}${words.join('')}`;
};

const CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]/g;
const PLAIN_WORD = /^[^\s"\u0000-\u001f\u007f]+$/;

function plain(_name: string, value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? String(value);
  return typeof value === 'bigint' ? value.toString() : value;
}

function wordOf(value: unknown): string {
  return typeof value === 'string' && PLAIN_WORD.test(value) ? value : JSON.stringify(value, plain) ?? 'undefined';
}
