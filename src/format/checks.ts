// Checks of parsed JSON, member by member. Each throws `Corrupt`, naming the file and the place in it:
// what would be a caller's mistake in an argument is damage in stored bytes.

import { ElanusError, requireIntact } from '../model/errors.js';
import { checkName } from '../model/schema.js';

export type Unchecked = Readonly<Record<string, unknown>>;

export function objectAt(value: unknown, where: string, place: string): Unchecked {
  requireIntact(typeof value === 'object' && value !== null && !Array.isArray(value), where, `${place}: expected an object`);
  return value as Unchecked;
}

export function arrayAt(value: unknown, lengthMax: number, where: string, place: string): readonly unknown[] {
  requireIntact(Array.isArray(value), where, `${place}: expected an array`);
  requireIntact(value.length <= lengthMax, where, `${place}: at most ${lengthMax} elements, found ${value.length}`);
  return value;
}

export function stringAt(value: unknown, where: string, place: string): string {
  requireIntact(typeof value === 'string', where, `${place}: expected a string`);
  return value;
}

export function integerAt(value: unknown, min: number, max: number, where: string, place: string): number {
  requireIntact(Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max, where, `${place}: expected an integer from ${min} to ${max}, found ${String(value)}`);
  return value as number;
}

export function nameAt(value: unknown, where: string, place: string): string {
  return intact(where, () => {
    checkName(place, value);
    return value;
  });
}

/** The value of `check`; an `InvalidArgument` of it becomes `Corrupt`, naming `where`. */
export function intact<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ElanusError) || error.code !== 'InvalidArgument') throw error;
    throw new ElanusError('Corrupt', `${where}: ${error.message}`, { file: where, cause: error });
  }
}
