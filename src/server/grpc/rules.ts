// Rules: who may use remote procedures, as the table of them says it. The names of privileges and what they are granted on
// are those that the messages of Milvus' protocol are marked with.

import type { Asked } from '../access/privilege.js';
import type { Rule } from '../access/rule.js';

interface OfCollection {
  readonly collection_name: string;
}

/** On the collection that `collection_name` names. */
export function onCollection<Request extends OfCollection>(privilege: Asked): Rule<Request> {
  return onCollections(privilege, ({ collection_name }) => [collection_name]);
}

export function onCollections<Request>(privilege: Asked, collections: (request: Request) => readonly string[] | undefined): Rule<Request> {
  return { privilege, object: 'Collection', collections };
}

/** On the database of the call. */
export function onDatabase(privilege: Asked): Rule<unknown> {
  return { privilege, object: 'Database' };
}

/** On the server. */
export function onServer(privilege: Asked): Rule<unknown> {
  return { privilege, object: 'Global' };
}

export const LOGGED_IN: Rule<unknown> = { privilege: 'LoggedIn' };
export const PUBLIC: Rule<unknown> = { privilege: 'Public' };
