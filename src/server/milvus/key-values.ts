// KeyValues: settings as Milvus' clients send them: text by name, each client with its own idea of how true is spelled.

import { RefusedRequest, STATUS } from '../status.js';

export type KeyValues = ReadonlyMap<string, string>;

const INTEGER = /^[+-]?\d{1,15}$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** Undefined if it is absent or empty. */
export function textOf(settings: KeyValues, name: string): string | undefined {
  const value = settings.get(name);
  return value === undefined || value === '' ? undefined : value;
}

/** Errors: 1100. */
export function integerOf(settings: KeyValues, name: string): number | undefined {
  const value = textOf(settings, name);
  if (value === undefined) return undefined;
  if (!INTEGER.test(value)) throw refused(name, 'an integer', value);
  return Number(value);
}

/** Errors: 1100. */
export function numberOf(settings: KeyValues, name: string): number | undefined {
  const value = textOf(settings, name);
  if (value === undefined) return undefined;
  if (!NUMBER.test(value)) throw refused(name, 'a number', value);
  return Number(value);
}

/** True, TRUE and true are the same, and 1; of false likewise. Errors: 1100. */
export function flagOf(settings: KeyValues, name: string): boolean | undefined {
  const value = textOf(settings, name)?.toLowerCase();
  if (value === undefined) return undefined;
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw refused(name, 'true or false', value);
}

function refused(name: string, expected: string, found: string): RefusedRequest {
  return invalid(`${name}: expected ${expected}, found ${JSON.stringify(found.slice(0, 64))}`);
}

/** What is wrong with what a caller asks for. */
export function invalid(message: string): RefusedRequest {
  return new RefusedRequest(STATUS.invalidParameter, message);
}

/** What is asked for is known, and not had here. */
export function unsupported(what: string): RefusedRequest {
  return new RefusedRequest(STATUS.unimplemented, `${what}: not supported by this server`);
}
