// CollectionSettings: manifests with other properties, and with the columns that what is set needs.

import type { Manifest } from '../../format/manifest.js';
import type { Properties } from '../../format/properties.js';
import type { Field } from '../../model/field.js';
import { hiddenWith, STAMP_FIELDS, timeField } from '../../model/hidden-field.js';
import { timestampText } from '../../model/timestamp.js';
import { checkProperties, sameProperties, TAKES_PUSHES } from './properties.js';
import { timeToLive } from './time-to-live.js';

/** The same if nothing changes. If rows are to expire, those that have no time yet count from now; if pushes are taken, rows get stamps. Errors: `InvalidArgument`. */
export function withProperties(manifest: Manifest, properties: Properties, nowMs: number): Manifest {
  checkProperties(properties, manifest.schema);
  const { properties: before = {}, ...rest } = manifest;
  if (sameProperties(before, properties)) return manifest;
  const set: Manifest = { ...rest, ...(Object.keys(properties).length === 0 ? {} : { properties }) };
  const changed = properties[TAKES_PUSHES] === 'true' ? STAMP_FIELDS.reduce(withHidden, set) : set;
  if (timeToLive(changed).seconds === undefined) return changed;
  return withHidden(changed, timeField(timestampText(BigInt(Math.floor(nowMs)) * 1000n)));
}

/** With a column of the collection's own; the same if it is there. */
export function withHidden(manifest: Manifest, field: Field): Manifest {
  const { hidden = [] } = manifest.schema;
  if (hidden.some(({ name }) => name === field.name)) return manifest;
  return { ...manifest, schema: { ...manifest.schema, hidden: hiddenWith(hidden, field) } };
}
