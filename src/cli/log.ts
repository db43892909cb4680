// Log: what happens, one line per event on stderr: short text for people, JSON for machines. An error is written
// with its stack, as nobody else gets to see it.

import type { Ambient } from '../ports/ambient.js';

export function createLog(json: boolean, write: (line: string) => void): Ambient['log'] {
  const line = json ? jsonLine : textLine;
  return (level, message, fields = {}) => write(`${line(level, message, fields)}\n`);
}

type Line = (...event: Required<Parameters<Ambient['log']>>) => string;

const jsonLine: Line = (level, message, fields) => JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, plain);

const textLine: Line = (level, message, fields) => {
  const words = Object.entries(fields).map(([name, value]) => ` ${name}=${wordOf(plain(name, value))}`);
  return `${level === 'info' ? '' : `${level}: `}${message}${words.join('')}`;
};

function plain(_name: string, value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? String(value);
  return typeof value === 'bigint' ? value.toString() : value;
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, plain);
}
