// ClosedGate: the gate where authorization is on. Roles are looked up when a call is admitted, so that what is granted or
// revoked counts from the next call on, for who is logged in too. Every refusal goes to the audit log, and every change.

import { DEFAULT_DATABASE } from '../../format/catalog.js';
import type { AnyScope } from '../../model/row-scope.js';
import type { AuditLog } from '../audit/audit-log.js';
import { RefusedRequest, STATUS } from '../status.js';
import type { Authenticator, Login } from './authenticator.js';
import { recorder, RefusedLogIns, SparingLog, userTried } from './audited.js';
import { Decisions, isAdmin, type Identity } from './decision.js';
import { endedBy, NOTHING_TO_TELL, type Caller, type Gate } from './gate.js';
import { changesSomething, grantedFor } from './privilege.js';
import type { Need } from './rule.js';
import type { AccessState } from './state.js';

/** The name of the collection that `name` is, or is an alias of; `name` if there is none. */
export type NameResolver = (database: string, name: string) => Promise<string>;

export interface ClosedGateOptions {
  readonly state: () => AccessState;
  readonly authenticator: Authenticator;
  readonly resolve: NameResolver;
  readonly audit: AuditLog;
}

export const MUST_LOG_IN = 'the user hasn\'t authenticated: log in with user:password, an API key or a token';

class KnownCaller implements Caller {
  readonly user: string;

  constructor(
    readonly login: Login,
    readonly from: string,
    private readonly decide: (login: Login) => { readonly identity: Identity; readonly decisions: Decisions },
  ) {
    this.user = login.user;
  }

  sees(database: string, collection?: string): boolean {
    const { identity, decisions } = this.decide(this.login);
    return decisions.sees(identity, database, collection);
  }

  operates(): boolean {
    const { identity, decisions } = this.decide(this.login);
    return decisions.may(identity, { privilege: 'SelectOwnership', object: 'Global', database: DEFAULT_DATABASE, names: [] });
  }
}

export function createClosedGate({ state, authenticator, resolve, audit }: ClosedGateOptions): Gate {
  const decisionsOf = latestOf((current: AccessState) => new Decisions(current));
  const logIns = new RefusedLogIns(audit);
  const ofNobody = new SparingLog(audit);
  const decide = (login: Login) => ({ identity: identityOf(state(), login), decisions: decisionsOf(state()) });

  return {
    authenticate: async (authorization, from) => {
      if (authorization === undefined || authorization === '') return undefined;
      try {
        return new KnownCaller(await authenticator.login(authorization, from), from, decide);
      } catch (error) {
        logIns.refused(userTried(state(), authorization), from, error);
        throw error;
      }
    },
    admit: async (caller, need) => {
      if (need.privilege === 'Public') return NOTHING_TO_TELL;
      const record = recorder(caller instanceof KnownCaller ? audit : ofNobody, caller, need);
      let rows: AnyScope | undefined;
      try {
        if (!(caller instanceof KnownCaller)) throw new RefusedRequest(STATUS.needsLogin, MUST_LOG_IN, 401);
        rows = await check(caller, need, decide(caller.login), resolve);
      } catch (error) {
        record('refused', error);
        throw error;
      }
      const admission = changesSomething(need.privilege) ? endedBy(record) : NOTHING_TO_TELL;
      return rows === undefined ? admission : { ...admission, rows };
    },
  };
}

/** The rows that it is admitted for, where these are not all. Errors: `RefusedRequest`. */
async function check(caller: KnownCaller, need: Need, { identity, decisions }: { readonly identity: Identity; readonly decisions: Decisions }, resolve: NameResolver): Promise<AnyScope | undefined> {
  const { privilege, object, database, names = [] } = need;
  if (privilege === 'Public' || privilege === 'LoggedIn' || isAdmin(identity)) return undefined;
  const question = { privilege, object, database };
  // Whoever may everywhere in the database needs no look at which collection an alias stands for.
  if (object === 'Collection' && decisions.may(identity, { ...question, names: [] })) return undefined;
  const collections = object === 'Collection' ? await Promise.all(names.map((name) => resolve(database, name))) : names;
  if (decisions.may(identity, { ...question, names: collections })) return undefined;
  const [collection] = collections;
  const rows = need.rows === undefined || collection === undefined || collections.length > 1 ? undefined : decisions.rows(identity, caller.user, database, collection, need.rows);
  if (rows !== undefined) return rows;
  throw new RefusedRequest(STATUS.notPermitted, `Privilege${grantedFor(privilege)}: permission deny to ${caller.user} in the \`${database}\` database`, 403);
}

function identityOf(state: AccessState, { user, token }: Login): Identity {
  const local = token === undefined || token.localRoles ? (state.users.find(({ name }) => name === user)?.roles ?? []) : [];
  if (token === undefined) return { user, roles: local };
  // A user of the provider is no user here, though he may have the name of one.
  return { user: token.localRoles ? user : undefined, roles: [...new Set([...token.roles, ...local])] };
}

/** `make` of a value, made anew when another is asked for. */
function latestOf<K, V>(make: (key: K) => V): (key: K) => V {
  let latest: { readonly key: K; readonly value: V } | undefined;
  return (key) => {
    if (latest?.key !== key) latest = { key, value: make(key) };
    return latest.value;
  };
}
