// Unsupported: routes that Milvus has and the product has not. They are told from paths that do not exist, and never answer as if
// something had been done.

import type { TProperties } from 'typebox';
import type { Rule } from '../access/rule.js';
import { RefusedRequest, STATUS } from '../status.js';
import { ofCollection, ofServer } from './rules.js';
import type { Route } from './route.js';
import { COLLECTION, Request } from './schema.js';

/** A route that answers 10; `why` says what to do instead. */
export function unsupported<P extends TProperties>(path: string, why: string, request: P, rule: Rule<never>): Route {
  const answer = (): Promise<never> => Promise.reject(new RefusedRequest(STATUS.unimplemented, `${path}: not supported by this server: ${why}`));
  return { path, summary: `Not supported: ${why}.`, request: Request(request), rule: rule as Route['rule'], run: answer };
}

const ONE_NODE = 'there is one node';

export const UNSUPPORTED_ROUTES: readonly Route[] = [
  unsupported('collections/add_function', 'functions belong to the schema that a collection is made with', COLLECTION, ofCollection('AddCollectionFunction')),
  unsupported('collections/alter_function', 'functions belong to the schema that a collection is made with', COLLECTION, ofCollection('AlterCollectionFunction')),
  unsupported('collections/drop_function', 'functions belong to the schema that a collection is made with', COLLECTION, ofCollection('DropCollectionFunction')),
  unsupported('collections/add_function_field', 'functions belong to the schema that a collection is made with', COLLECTION, ofCollection('AddCollectionFunction')),
  unsupported('collections/drop_function_field', 'functions belong to the schema that a collection is made with', COLLECTION, ofCollection('DropCollectionFunction')),
  unsupported('collections/fields/drop', 'fields are only added', COLLECTION, ofCollection('AlterCollectionField')),
  unsupported('collections/struct_fields/add', 'there are no arrays of structs', COLLECTION, ofCollection('AddCollectionField')),
  unsupported('resource_groups/create', ONE_NODE, {}, ofServer('CreateResourceGroup')),
  unsupported('resource_groups/drop', ONE_NODE, {}, ofServer('DropResourceGroup')),
  unsupported('resource_groups/alter', ONE_NODE, {}, ofServer('UpdateResourceGroups')),
  unsupported('resource_groups/describe', ONE_NODE, {}, ofServer('DescribeResourceGroup')),
  unsupported('resource_groups/list', ONE_NODE, {}, ofServer('ListResourceGroups')),
  unsupported('resource_groups/transfer_replica', ONE_NODE, {}, ofServer('TransferReplica')),
];
