// Decision: may somebody with these roles do this? Grants are spread out, once for each state, into sets of places by role and
// privilege, so that a call costs a few look-ups however many grants there are.

import { grantedFor, IMPLIED, levelOf, objectTypeOf, PRIVILEGES, type Asked, type Privilege } from './privilege.js';
import { privilegesOf, type PrivilegeGroup } from './privilege-group.js';
import { ADMIN_ROLE, EVERYTHING, PUBLIC_ROLE, ROOT_USER, type AccessState, type Grant } from './state.js';

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
  readonly byPrivilege: ReadonlyMap<Privilege, ReadonlySet<string>>;
  /** Where any grant is, for lists: of databases and of collections in them. */
  readonly databases: ReadonlySet<string>;
  readonly collections: ReadonlySet<string>;
}

/** Names have no such character. */
const placeOf = (database: string, name: string): string => `${database}\n${name}`;
const userPlace = (name: string): string => `\n${name}`;

export class Decisions {
  readonly #roles: ReadonlyMap<string, Places>;

  constructor({ roles, groups }: AccessState) {
    this.#roles = new Map(roles.map(({ name, grants }) => [name, placesOf(grants, groups)]));
  }

  may(who: Identity, question: Question): boolean {
    if (isAdmin(who)) return true;
    const { object, database, names } = question;
    if (object === 'User' && names.every((name) => name === who.user)) return true;
    if (object === 'Role' && names.every((name) => name === PUBLIC_ROLE || who.roles.includes(name))) return true;
    const privilege = grantedFor(question.privilege);
    const sets = [...who.roles, PUBLIC_ROLE].flatMap((role) => this.#roles.get(role)?.byPrivilege.get(privilege) ?? []);
    const has = (...places: readonly string[]): boolean => sets.some((set) => places.some((place) => set.has(place)));
    if (object === 'User') return names.every((name) => has(userPlace(name), userPlace(EVERYTHING)));
    if (has(placeOf(database, EVERYTHING), placeOf(EVERYTHING, EVERYTHING))) return true;
    if (object !== 'Collection' || names.length === 0) return false;
    return names.every((name) => has(placeOf(database, name), placeOf(EVERYTHING, name)));
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

export function isAdmin({ user, roles }: Identity): boolean {
  return user === ROOT_USER || roles.includes(ADMIN_ROLE);
}

function placesOf(grants: readonly Grant[], groups: readonly PrivilegeGroup[]): Places {
  const byPrivilege = new Map<Privilege, Set<string>>();
  const databases = new Set<string>();
  const collections = new Set<string>();
  for (const grant of grants) {
    for (const privilege of privilegesGranted(grant, groups)) {
      const ofUser = objectTypeOf(privilege) === 'User';
      const place = ofUser ? userPlace(grant.name) : placeOf(grant.database, grant.name);
      const places = byPrivilege.get(privilege) ?? new Set();
      byPrivilege.set(privilege, places.add(place));
      if (ofUser || levelOf(privilege) === 'Cluster') continue;
      databases.add(grant.database);
      collections.add(place);
    }
  }
  return { byPrivilege, databases, collections };
}

function privilegesGranted(grant: Grant, groups: readonly PrivilegeGroup[]): readonly Privilege[] {
  const named = namedBy(grant, groups);
  return [...named, ...named.flatMap((privilege) => IMPLIED[privilege] ?? [])];
}

/** `All` of the first form is everything, `*` all of its object type; `All` on a collection, which only the second form makes, what its place allows. */
function namedBy({ object, privilege, name, database }: Grant, groups: readonly PrivilegeGroup[]): readonly Privilege[] {
  if (privilege === EVERYTHING) return PRIVILEGES.filter((candidate) => objectTypeOf(candidate) === object);
  if (privilege !== 'All') return privilegesOf(privilege, groups) ?? [];
  if (object !== 'Collection') return PRIVILEGES;
  const ofDatabase = name === EVERYTHING;
  const ofServer = ofDatabase && database === EVERYTHING;
  return PRIVILEGES.filter((candidate) => ({ Collection: true, Database: ofDatabase, Cluster: ofServer })[levelOf(candidate)]);
}
