// Decision: may somebody with these roles do this? Grants are laid out by their places, once for each state, so that a call
// looks at the few places that could allow it, however many grants there are. Beside many that is done in turns, before the state counts.

import { USER_PARAMETER, type AnyScope, type RowScope } from '../../model/row-scope.js';
import { grantedFor, IMPLIED, levelOf, objectTypeOf, type Asked, type Privilege } from './privilege.js';
import { privilegesOf, type PrivilegeGroup } from './privilege-group.js';
import type { RowUse } from './rule.js';
import { ADMIN_ROLE, EVERYTHING, PUBLIC_ROLE, ROOT_USER, type AccessState, type Grant, type RowGrant } from './state.js';

export interface Identity {
  /** Undefined for one of an identity provider. */
  readonly user: string | undefined;
  /** Without `public`. */
  readonly roles: readonly string[];
}

/** A need whose names are those of collections, no longer of aliases. */
export interface Question {
  readonly privilege: Asked;
  readonly object: 'Global' | 'Database' | 'Collection' | 'User' | 'Role';
  readonly database: string;
  readonly names: readonly string[];
}

interface Places {
  /** Grants by database and name of a collection. */
  readonly byPlace: ReadonlyMap<string, readonly Grant[]>;
  /** The same by name alone, for what is granted on users. */
  readonly byName: ReadonlyMap<string, readonly Grant[]>;
  /** Where any grant is, for lists: databases, and places of collections. */
  readonly databases: ReadonlySet<string>;
  readonly collections: ReadonlySet<string>;
}

/** A millisecond of work or less. */
const GRANTS_IN_TURN = 1_000;

/** Names have no such character. */
const placeOf = (database: string, name: string): string => `${database}\n${name}`;

export class Decisions {
  readonly #roles: ReadonlyMap<string, Places>;
  readonly #rows: readonly { readonly role: string; readonly of: RowGrant }[];
  readonly #meanings: Meanings;

  constructor({ roles, groups }: AccessState) {
    this.#rows = roles.flatMap(({ name, rows = [] }) => rows.map((of) => ({ role: name, of })));
    this.#meanings = meaningsOf(groups);
    this.#roles = new Map(roles.map(({ name, grants }) => [name, this.#meanings.places(grants)]));
  }

  may(who: Identity, question: Question): boolean {
    if (isAdmin(who)) return true;
    const { object, database, names } = question;
    if (object === 'User' && names.every((name) => name === who.user)) return true;
    if (object === 'Role' && names.every((name) => name === PUBLIC_ROLE || who.roles.includes(name))) return true;
    const privilege = grantedFor(question.privilege);
    const roles = [...who.roles, PUBLIC_ROLE].flatMap((role) => this.#roles.get(role) ?? []);
    const allows = (grants: readonly Grant[] | undefined): boolean => grants?.some((grant) => this.#meanings.includes(grant, privilege)) ?? false;
    if (object === 'User') return names.every((name) => roles.some(({ byName }) => allows(byName.get(name)) || allows(byName.get(EVERYTHING))));
    const at = (name: string): boolean => roles.some(({ byPlace }) => allows(byPlace.get(placeOf(database, name))) || allows(byPlace.get(placeOf(EVERYTHING, name))));
    if (at(EVERYTHING)) return true;
    return object === 'Collection' && names.length > 0 && names.every(at);
  }

  /** The rows of a collection that were granted; undefined if none were. */
  rows(who: Identity, name: string, database: string, collection: string, use: RowUse): AnyScope | undefined {
    const roles = new Set([...who.roles, PUBLIC_ROLE]);
    const scopes = this.#rows.filter(({ role, of }) => roles.has(role) && of.database === database && of.collection === collection && (use === 'read' || of.write === true)).map(({ of }) => scopeOf(of, name));
    return scopes.length === 0 ? undefined : scopes;
  }

  /** Whether lists show it: as in Milvus whoever was granted anything in or on it sees it; what everybody may does not count. */
  sees(who: Identity, database: string, collection?: string): boolean {
    if (isAdmin(who)) return true;
    const own = who.roles.flatMap((role) => this.#roles.get(role) ?? []);
    if (collection === undefined) return own.some(({ databases }) => databases.has(database) || databases.has(EVERYTHING));
    const places = [database, EVERYTHING].flatMap((where) => [placeOf(where, collection), placeOf(where, EVERYTHING)]);
    return own.some(({ collections }) => places.some((place) => collections.has(place)));
  }
}

function scopeOf({ partitions, filter }: RowGrant, user: string): RowScope {
  return { ...(partitions === undefined ? {} : { partitions }), ...(filter === undefined ? {} : { filter }), ...(filter?.includes(USER_PARAMETER) === true ? { user } : {}) };
}

export function isAdmin({ user, roles }: Identity): boolean {
  return user === ROOT_USER || roles.includes(ADMIN_ROLE);
}

/** Lays out the grants of a state, `pause` letting others have their turn after each few: what is decided by it then need not wait for that. */
export async function prepareDecisions({ roles, groups }: AccessState, pause: () => Promise<void>): Promise<void> {
  const meanings = meaningsOf(groups);
  for (const { grants } of roles) await meanings.prepare(grants, pause);
}

const meaningsByGroups = new WeakMap<readonly PrivilegeGroup[], Meanings>();

/** States share groups and grants that a change left as they were, and with them what was made of these. */
function meaningsOf(groups: readonly PrivilegeGroup[]): Meanings {
  const found = meaningsByGroups.get(groups) ?? new Meanings(groups);
  meaningsByGroups.set(groups, found);
  return found;
}

/** What the words of grants stand for. */
class Meanings {
  readonly #groups: readonly PrivilegeGroup[];
  readonly #named = new Map<string, ReadonlySet<Privilege>>();
  readonly #seen = new Map<string, boolean>();
  readonly #places = new WeakMap<readonly Grant[], Places>();

  constructor(groups: readonly PrivilegeGroup[]) {
    this.#groups = groups;
  }

  /** `All` of the first form is everything, `*` all of its object type; `All` on a collection, which only the second form makes, what its place allows. */
  includes({ object, privilege: word, name, database }: Grant, privilege: Privilege): boolean {
    if (word === EVERYTHING) return objectTypeOf(privilege) === object;
    if (word !== 'All') return this.#of(word).has(privilege);
    if (object !== 'Collection') return true;
    const level = levelOf(privilege);
    return level === 'Collection' || (name === EVERYTHING && (level === 'Database' || database === EVERYTHING));
  }

  /** Whether it is of databases or collections at all. */
  isSeen({ object, privilege: word }: Grant): boolean {
    if (word === EVERYTHING || word === 'All') return object !== 'User';
    let seen = this.#seen.get(word);
    if (seen === undefined) this.#seen.set(word, (seen = [...this.#of(word)].some((privilege) => levelOf(privilege) !== 'Cluster')));
    return seen;
  }

  /** Where these grants are. */
  places(grants: readonly Grant[]): Places {
    let found = this.#places.get(grants);
    if (found === undefined) {
      const made = new PlacesOf(this);
      for (const grant of grants) made.add(grant);
      this.#places.set(grants, (found = made));
    }
    return found;
  }

  /** Finds that out in turns. */
  async prepare(grants: readonly Grant[], pause: () => Promise<void>): Promise<void> {
    if (this.#places.has(grants)) return;
    const made = new PlacesOf(this);
    for (let at = 0; at < grants.length; at++) {
      if (at > 0 && at % GRANTS_IN_TURN === 0) await pause();
      made.add(grants[at] as Grant);
    }
    this.#places.set(grants, made);
  }

  #of(word: string): ReadonlySet<Privilege> {
    let found = this.#named.get(word);
    if (found === undefined) {
      const named = privilegesOf(word, this.#groups) ?? [];
      found = new Set([...named, ...named.flatMap((privilege) => IMPLIED[privilege] ?? [])]);
      this.#named.set(word, found);
    }
    return found;
  }
}

class PlacesOf implements Places {
  readonly byPlace = new Map<string, Grant[]>();
  readonly byName = new Map<string, Grant[]>();
  readonly databases = new Set<string>();
  readonly collections = new Set<string>();
  readonly #meanings: Meanings;

  constructor(meanings: Meanings) {
    this.#meanings = meanings;
  }

  add(grant: Grant): void {
    const place = placeOf(grant.database, grant.name);
    put(this.byPlace, place, grant);
    put(this.byName, grant.name, grant);
    if (!this.#meanings.isSeen(grant)) return;
    this.databases.add(grant.database);
    this.collections.add(place);
  }
}

function put(map: Map<string, Grant[]>, key: string, grant: Grant): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [grant]);
  else found.push(grant);
}
