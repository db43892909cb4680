// Properties: what users set by name for collections and databases. Values are text, as Milvus' clients send them; what
// is given as a number or a truth is kept as its text.

import type { Properties } from '../../format/properties.js';
import { require } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import type { Schema } from '../../model/schema.js';
import type { PropertiesInput } from '../api.js';
import { checkTimeToLive } from './time-to-live.js';

const encoder = new TextEncoder();

/** `before` with what is set. Errors: `InvalidArgument`. */
export function mergedProperties(before: Properties, set: PropertiesInput): Properties {
  require(typeof set === 'object' && set !== null && !Array.isArray(set), () => 'properties: expected an object');
  const merged = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(set)) {
    require(name.length > 0 && name.length <= LIMITS.nameLengthMax, () => `properties: expected names of 1 to ${LIMITS.nameLengthMax} characters, found ${JSON.stringify(name)}`);
    require(typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value), () => `properties["${name}"]: expected a text, number or truth, found ${typeof value}`);
    const text = String(value);
    require(encoder.encode(text).length <= LIMITS.propertyBytesMax, () => `properties["${name}"]: at most ${LIMITS.propertyBytesMax} bytes`);
    merged.set(name, text);
  }
  require(merged.size <= LIMITS.propertiesMax, () => `properties: at most ${LIMITS.propertiesMax}, found ${merged.size}`);
  return Object.fromEntries(merged);
}

/** Without those of these names. Errors: `InvalidArgument`. */
export function withoutProperties(before: Properties, names: readonly string[]): Properties {
  require(Array.isArray(names) && names.every((name) => typeof name === 'string'), () => 'properties: expected an array of names');
  return Object.fromEntries(Object.entries(before).filter(([name]) => !names.includes(name)));
}

/** What is known by name must make sense; what is not is kept as it is. Errors: `InvalidArgument`. */
export function checkProperties(properties: Properties, schema: Schema): void {
  for (const name of TRUTHS) {
    const value = properties[name];
    require(value === undefined || value === 'true' || value === 'false', () => `${name}: expected true or false, found ${String(value)}`);
  }
  checkTimeToLive(properties, schema);
}

/** Keys that are generated may be given by inserts. */
export const INSERTS_KEYS = 'allow_insert_auto_id';
/** Copies may push what is written to them. */
export const TAKES_PUSHES = 'sync.push';
const TRUTHS = [INSERTS_KEYS, TAKES_PUSHES, 'allow_update_auto_id', 'mmap.enabled', 'lazyload.enabled', 'partitionkey.isolation'] as const;

export function sameProperties(a: Properties, b: Properties): boolean {
  const entries = Object.entries(a);
  return entries.length === Object.keys(b).length && entries.every(([name, value]) => b[name] === value);
}
