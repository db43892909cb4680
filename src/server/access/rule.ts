// Rule: who may use a route of REST or a remote procedure. Each entry of their tables has one; the gate asks no other.

import type { Privilege } from './privilege.js';

/** What a call is about, as far as grants know it. */
export interface Subject {
  readonly database: string;
  /** Names or aliases as the request has them; absent for what is about no collection. */
  readonly collections?: readonly string[];
}

/** 'Public': also who has not logged in. 'LoggedIn': whoever has. */
export type Rule<Request> =
  | { readonly privilege: 'Public' | 'LoggedIn' }
  | { readonly privilege: Privilege; readonly object: 'Global' | 'Database' }
  | { readonly privilege: Privilege; readonly object: 'Collection'; readonly collections: (request: Request) => readonly string[] };

export interface Need extends Subject {
  readonly privilege: Privilege | 'Public' | 'LoggedIn';
  readonly object: 'Global' | 'Database' | 'Collection';
}

export function needOf<Request>(rule: Rule<Request>, database: string, request: Request): Need {
  if (!('object' in rule)) return { privilege: rule.privilege, object: 'Global', database };
  if (rule.object === 'Collection') return { privilege: rule.privilege, object: 'Collection', database, collections: rule.collections(request) };
  return { privilege: rule.privilege, object: rule.object, database };
}
