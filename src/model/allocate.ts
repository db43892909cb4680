// Allocate: memory of typed arrays for what grows. What grows takes it before anything changes, so that lack of it changes nothing.

import { ElanusError } from './errors.js';

/** An array of zeros. Errors: `OutOfMemory`. */
export type Allocate = <A extends ArrayBufferView>(type: new (length: number) => A, length: number) => A;

export const allocate: Allocate = (type, length) => {
  try {
    return new type(length);
  } catch (error) {
    throw outOfMemory(error);
  }
};

/** The error of an allocation as `OutOfMemory`; others as they are. */
export function outOfMemory(error: unknown): unknown {
  return error instanceof RangeError ? new ElanusError('OutOfMemory', `no memory: ${error.message}`, { cause: error }) : error;
}
