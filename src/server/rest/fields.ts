// Fields: the routes below collections/fields/.

import type { FieldChange } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import { fieldFrom, FIELD } from './definition.js';
import { numberIn, present, truthIn } from './parameters.js';
import { ofCollection } from './rules.js';
import { DONE, route, type Route } from './route.js';
import { COLLECTION, Name, Request, SomeObject } from './schema.js';

const CHANGEABLE = ['max_length', 'max_capacity', 'mmap_enabled', 'mmap.enabled', 'description', 'field.description'];

export const FIELD_ROUTES: readonly Route[] = [
  route({
    path: 'collections/fields/add',
    summary: 'Adds a field that is nullable or has a default value.',
    request: Request({ ...COLLECTION, schema: FIELD }),
    rule: ofCollection('AddCollectionField'),
    async run({ database }, { collectionName, schema }) {
      await database.addField(collectionName, fieldFrom(schema, false));
      return DONE;
    },
  }),
  route({
    path: 'collections/fields/alter_properties',
    summary: 'Changes what a field may hold: max_length, max_capacity, mmap_enabled, description.',
    request: Request({ ...COLLECTION, fieldName: Name('The field.'), fieldParams: SomeObject('The properties, by name.') }),
    rule: ofCollection('AlterCollectionField'),
    async run({ database }, { collectionName, fieldName, fieldParams = {} }) {
      await database.alterField(collectionName, fieldName, changeFrom(fieldParams));
      return DONE;
    },
  }),
];

function changeFrom(params: Readonly<Record<string, unknown>>): FieldChange {
  const unknown = Object.keys(params).find((name) => !CHANGEABLE.includes(name));
  if (unknown !== undefined) throw new ElanusError('InvalidArgument', `fieldParams: expected ${CHANGEABLE.join(', ')}, found ${unknown}`);
  const description = params['field.description'] ?? params['description'];
  return {
    ...present('maxLength', numberIn(params, 'max_length')),
    ...present('maxCapacity', numberIn(params, 'max_capacity')),
    ...present('mmapEnabled', truthIn(params, 'mmap_enabled') ?? truthIn(params, 'mmap.enabled')),
    ...present('description', description === undefined ? undefined : String(description)),
  };
}
