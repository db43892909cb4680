// HttpRules: who may use the paths that are neither Milvus' REST nor gRPC. Every such path stands here or is a file of a page.

import type { Rule } from './access/rule.js';

export interface NamedCollection {
  readonly collection: string;
}

/** A copy is all rows of a collection, or those that a role was granted. */
const COPY: Rule<NamedCollection> = { privilege: 'Query', object: 'Collection', collections: ({ collection }) => [collection], rows: 'read' };
const DELETIONS: Rule<NamedCollection> = { privilege: 'Delete', object: 'Collection', collections: ({ collection }) => [collection], rows: 'write' };
const PUSH: Rule<NamedCollection> = { privilege: 'Upsert', object: 'Collection', collections: ({ collection }) => [collection], rows: 'write' };
/** Whole files are of all rows: not for who may write some. */
const SEGMENTS: Rule<NamedCollection> = { privilege: 'Insert', object: 'Collection', collections: ({ collection }) => [collection] };
const REPLACING: Rule<NamedCollection> = { privilege: 'Upsert', object: 'Collection', collections: ({ collection }) => [collection] };
const SEARCH: Rule<NamedCollection> = { privilege: 'Search', object: 'Collection', collections: ({ collection }) => [collection], rows: 'read' };
const PUBLIC: Rule<object> = { privilege: 'Public' };
const LOGGED_IN: Rule<object> = { privilege: 'LoggedIn' };

export const HTTP_RULES = {
  '/health': PUBLIC,
  '/health of the database': LOGGED_IN,
  '/ready': PUBLIC,
  '/metrics': LOGGED_IN,
  '/v1/collections': COPY,
  '/v1/collections/search': SEARCH,
  '/v1/collections/push': PUSH,
  '/v1/collections/push of deletions': DELETIONS,
  '/v1/collections/segments': SEGMENTS,
  '/v1/collections/segments in place of rows': REPLACING,
} as const;
