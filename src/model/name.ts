// Name: what collections, fields and indexes may be called.

import { require } from './errors.js';
import { LIMITS } from './limits.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Throws `InvalidArgument` unless `name` is an identifier of at most 255 characters. */
export function checkName(what: string, name: unknown): asserts name is string {
  require(typeof name === 'string', () => `${what}: expected a name, found ${typeof name}`);
  require(
    name.length <= LIMITS.nameLengthMax && NAME.test(name),
    () => `${what}: expected letters, digits and _ (not first a digit), at most ${LIMITS.nameLengthMax}, found ${JSON.stringify(name)}`,
  );
}
