// CollectionSettings: manifests with other properties, and with the columns that what is set needs.

import type { Manifest } from '../../format/manifest.js';
import type { Properties } from '../../format/properties.js';
import type { Field } from '../../model/field.js';
import { TIME_FIELD_NAME, timeField } from '../../model/hidden-field.js';
import { timestampText } from '../../model/timestamp.js';
import { checkProperties, sameProperties } from './properties.js';
import { timeToLive } from './time-to-live.js';

/** The same if nothing changes. If rows are to expire, those that have no time yet count from now. Errors: `InvalidArgument`. */
export function withProperties(manifest: Manifest, properties: Properties, nowMs: number): Manifest {
  checkProperties(properties, manifest.schema);
  const { properties: before = {}, ...rest } = manifest;
  if (sameProperties(before, properties)) return manifest;
  const changed: Manifest = { ...rest, ...(Object.keys(properties).length === 0 ? {} : { properties }) };
  if (timeToLive(changed).seconds === undefined) return changed;
  return withHidden(changed, timeField(timestampText(BigInt(Math.floor(nowMs)) * 1000n)));
}

/** With a column of the collection's own; the same if it is there. */
export function withHidden(manifest: Manifest, field: Field): Manifest {
  const { hidden = [] } = manifest.schema;
  if (hidden.some(({ name }) => name === field.name)) return manifest;
  // In one order, whichever came first.
  const others = [...hidden, field].sort((a, b) => Number(a.name === TIME_FIELD_NAME) - Number(b.name === TIME_FIELD_NAME));
  return { ...manifest, schema: { ...manifest.schema, hidden: others } };
}
