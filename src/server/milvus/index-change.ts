// IndexChange: what of an index may change without another being made, as Milvus has it: whether it is mapped from its file, which
// is kept and told.

import { withIndex, withoutIndex } from '../../engine/collection/indexes.js';
import type { IndexDefinition } from '../../model/index-definition.js';
import type { ServedDatabase } from '../call.js';
import { RefusedRequest, STATUS } from '../status.js';

const CONFIGURABLE = 'mmap.enabled';

export interface IndexChange {
  /** By name, as text. */
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

/** Errors: 1100 for what cannot change. */
export async function changeIndex(database: ServedDatabase, collectionName: string, index: IndexDefinition, { set, remove }: IndexChange): Promise<void> {
  const fixed = [...Object.keys(set), ...remove].find((key) => key !== CONFIGURABLE);
  if (fixed !== undefined) throw new RefusedRequest(STATUS.invalidParameter, `${fixed} is not a configable index property`);
  const kept = Object.fromEntries(Object.entries(index.params).filter(([key]) => !remove.includes(key)));
  const collection = await database.opened(collectionName);
  await collection.changeIndexes((definitions) => withIndex(collection.schema, withoutIndex(collection.schema, definitions, { fieldName: index.fieldName }), { ...index, params: { ...kept, ...set } }));
}
