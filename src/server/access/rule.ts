// Rule: who may use a route of REST or a remote procedure. Each entry of their tables has one; the gate asks no other.

import { namesIn } from './about.js';
import type { Asked } from './privilege.js';

/** What a call is about, as far as grants know it. */
export interface Subject {
  readonly database: string;
  /** Of collections, names or aliases as the request has them; of users or roles their names. */
  readonly names?: readonly string[];
}

/** What rows that a role was granted are good for, where the privilege itself was not: to be copied, or to be written. */
export type RowUse = 'read' | 'write';

export type ObjectKind = 'Global' | 'Database' | 'Collection' | 'User' | 'Role';

/** 'Public': also who has not logged in. 'LoggedIn': whoever has. */
export type Rule<Request> =
  | { readonly privilege: 'Public' | 'LoggedIn' }
  | { readonly privilege: Asked; readonly object: 'Global' | 'Database' }
  /** Undefined: it is about none, and whoever has logged in may ask. */
  | { readonly privilege: Asked; readonly object: 'Collection'; readonly collections: (request: Request) => readonly string[] | undefined; readonly rows?: RowUse }
  /** Whoever it is may also do so to himself, and see the grants of his own roles. */
  | { readonly privilege: Asked; readonly object: 'User' | 'Role'; readonly name: (request: Request) => string };

export interface Need extends Subject {
  readonly privilege: Asked | 'Public' | 'LoggedIn';
  readonly object: ObjectKind;
  /** What is called, for the audit log: the path or the name of the procedure. */
  readonly verb?: string;
  /** All names that the request has, for the audit log. */
  readonly about?: () => readonly string[];
  /** Then some rows of the collection are enough. */
  readonly rows?: RowUse;
}

export function needOf<Request>(rule: Rule<Request>, database: string, request: Request, verb?: string): Need {
  const { privilege } = rule;
  const call = { privilege, database, about: () => namesIn(request), ...(verb === undefined ? {} : { verb }) };
  if (!('object' in rule)) return { ...call, object: 'Global' };
  if ('collections' in rule) {
    const names = rule.collections(request);
    return names === undefined ? { ...call, privilege: 'LoggedIn', object: 'Global' } : { ...call, object: 'Collection', names, ...(rule.rows === undefined ? {} : { rows: rule.rows }) };
  }
  if ('name' in rule) return { ...call, object: rule.object, names: [rule.name(request)] };
  return { ...call, object: rule.object };
}
