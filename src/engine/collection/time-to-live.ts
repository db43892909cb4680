// TimeToLive: when rows of a collection expire, as its properties say: so long after they were written, or at the time
// that a field of theirs has.

import type { Manifest } from '../../format/manifest.js';
import type { Properties } from '../../format/properties.js';
import { require } from '../../model/errors.js';
import { fieldNamed, type Schema } from '../../model/schema.js';

export const TTL_SECONDS = 'collection.ttl.seconds';
export const TTL_FIELD = 'ttl_field';
/** About 316 years. */
const SECONDS_MAX = 10_000_000_000;

export interface TimeToLive {
  /** Undefined if they do not expire so. */
  readonly seconds: number | undefined;
  /** A Timestamptz; rows in which it is null stay. */
  readonly field: string | undefined;
}

const NEVER: TimeToLive = { seconds: undefined, field: undefined };

export function timeToLive({ properties }: Manifest): TimeToLive {
  if (properties === undefined) return NEVER;
  const seconds = Number(properties[TTL_SECONDS] ?? 0);
  return { seconds: seconds > 0 ? seconds : undefined, field: properties[TTL_FIELD] };
}

/** Errors: `InvalidArgument`. */
export function checkTimeToLive(properties: Properties, schema: Schema): void {
  const { [TTL_SECONDS]: seconds, [TTL_FIELD]: field } = properties;
  require(seconds === undefined || (/^-?\d+$/.test(seconds) && Number(seconds) >= -1 && Number(seconds) <= SECONDS_MAX), () => `${TTL_SECONDS}: expected -1 to ${SECONDS_MAX}, 0 or less for never, found ${String(seconds)}`);
  if (field !== undefined) require(fieldNamed(schema, field).type === 'Timestamptz', () => `${TTL_FIELD}: expected a Timestamptz field, found "${field}"`);
}
