// Changes: remote procedures that change what a collection is: its properties, and its fields.

import type { FieldChange } from '../../../engine/api.js';
import { nameMeant } from '../../milvus/facts.js';
import { unsupported } from '../../milvus/key-values.js';
import { RefusedRequest, STATUS } from '../../status.js';
import { propertiesOf, type FieldMessage, type KeyValue, type OfCollection } from '../messages.js';
import { milvusProtos } from '../protos.js';
import { onCollection } from '../rules.js';
import { fieldOf, paramsOf } from '../schema-asked.js';
import { verb, type Verbs } from '../verb.js';

interface Altered extends OfCollection {
  readonly collectionID: string;
  readonly properties: readonly KeyValue[];
  readonly delete_keys: readonly string[];
}

interface FieldAltered extends OfCollection {
  readonly field_name: string;
  readonly properties: readonly KeyValue[];
  readonly delete_keys: readonly string[];
}

interface SchemaAltered extends OfCollection {
  readonly collectionID: string;
  readonly action: { readonly add_request?: { readonly field_infos?: readonly { readonly field_schema: FieldMessage | null }[]; readonly func_schema?: readonly object[] } | null } | null;
}

export const CHANGE_VERBS: Verbs = {
  AlterCollection: verb<Altered, object>({
    rule: onCollection('AlterCollection'),
    run: async ({ database }, { collection_name, collectionID, properties, delete_keys }) => {
      const name = nameMeant(database, collection_name, collectionID);
      if (properties.length > 0 && delete_keys.length > 0) throw new RefusedRequest(STATUS.invalidParameter, 'cannot provide both DeleteKeys and ExtraParams');
      if (properties.length > 0) await database.alterCollectionProperties(name, propertiesOf(properties));
      else if (delete_keys.length > 0) await database.dropCollectionProperties(name, delete_keys);
      else await database.describeCollection(name);
      return {};
    },
  }),
  AlterCollectionField: verb<FieldAltered, object>({
    rule: onCollection('AlterCollectionField'),
    run: async ({ database }, { collection_name, field_name, properties, delete_keys }) => {
      await database.alterField(collection_name, field_name, fieldChange(properties, delete_keys));
      return {};
    },
  }),
  AlterCollectionSchema: verb<SchemaAltered, object>({
    rule: onCollection('AddCollectionField'),
    run: async ({ database }, { collection_name, collectionID, action }) => {
      const { field_infos = [], func_schema = [] } = action?.add_request ?? {};
      if (action?.add_request == null || func_schema.length > 0 || field_infos.length !== 1 || field_infos[0]?.field_schema == null) throw unsupported('a change of the schema other than one field more');
      await database.addField(nameMeant(database, collection_name, collectionID), fieldOf(field_infos[0].field_schema));
      return {};
    },
  }),
  AddCollectionField: verb<OfCollection & { readonly schema: Uint8Array }, object>({
    rule: onCollection('AddCollectionField'),
    run: async ({ database }, { collection_name, schema }) => {
      await database.addField(collection_name, fieldOf(milvusProtos().message('schema.FieldSchema').decode(schema) as FieldMessage));
      return {};
    },
  }),
};

const MMAP = ['mmap.enabled', 'mmap_enabled'];

function fieldChange(properties: readonly KeyValue[], deleted: readonly string[]): FieldChange {
  const unknown = deleted.find((key) => !MMAP.includes(key));
  if (unknown !== undefined) throw new RefusedRequest(STATUS.invalidParameter, `${unknown}: expected one of ${MMAP.join(', ')} among keys to delete`);
  const params = new Map(properties.map(({ key, value }) => [key, value]));
  const description = params.get('description') ?? params.get('field.description');
  return { ...paramsOf(params), ...(description === undefined ? {} : { description }), ...(deleted.length === 0 ? {} : { mmapEnabled: false }) };
}
