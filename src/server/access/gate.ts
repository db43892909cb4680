// Gate: says who calls, and whether they may. Every call of every protocol passes it, before anything of the request but
// its names is used. It alone decides; what it decides by is in `decision`, and what it knows in `directory`.

import type { AnyScope } from '../../model/row-scope.js';
import { DEFAULT_DATABASE } from '../../format/catalog.js';
import type { AuditLog } from '../audit/audit-log.js';
import { recorder } from './audited.js';
import { changesSomething } from './privilege.js';
import type { Need, Rule } from './rule.js';

export interface Caller {
  /** `root` where nobody needs to log in. */
  readonly user: string;
  /** Where the call comes from; of the gate that is always open it is unknown. */
  readonly from?: string;
  /** Whether lists show him this database, or this collection of it. Absent: they show all. */
  sees?(database: string, collection?: string): boolean;
  /** Whether he is told what is about the server, and so about any collection. Absent: he is. */
  operates?(): boolean;
}

/** For whom something is looked up that has a number alone: what he may not see, or what is in another database than a call names, is as nothing. */
export interface Asker {
  readonly caller: Caller | undefined;
  /** Undefined where a call cannot name one. */
  readonly databaseName: string | undefined;
}

export function mayKnow({ caller, databaseName }: Asker, { database, collection }: { readonly database: string; readonly collection: string }): boolean {
  return (databaseName === undefined || databaseName === database) && (caller?.sees?.(database, collection) ?? true);
}

/** That a call may go on. */
export interface Admission {
  /** To be told how the call ended, for the audit log; `error` if it failed. Calls that only read need not be reported. */
  ended(error?: unknown): void;
  /** The rows that it may be about, where these are not all. */
  readonly rows?: AnyScope;
}

export interface Gate {
  /**
   * `authorization`: the header as it came, with or without its scheme; `from`: the address of the peer, for limits on failed attempts.
   * Undefined if there are no credentials. Errors: `RefusedRequest` for wrong ones (HTTP 401) and for too many (429).
   */
  authenticate(authorization: string | undefined, from: string): Promise<Caller | undefined>;
  /** Errors: `RefusedRequest` if the caller may not (HTTP 403), or must log in first (401). */
  admit(caller: Caller | undefined, need: Need): Promise<Admission>;
}

const ROOT: Caller = { user: 'root' };
export const NOTHING_TO_TELL: Admission = { ended: () => undefined };

/** Where authorization is off, as it is by default in Milvus: everybody is root. */
export const openGate: Gate = {
  authenticate: () => Promise.resolve(ROOT),
  admit: () => Promise.resolve(NOTHING_TO_TELL),
};

/** Refuses strangers before anything of what they send is looked at. Errors: as of `admit`. */
export async function requireLogin(gate: Gate, caller: Caller | undefined, { privilege }: Rule<never>, verb: string): Promise<void> {
  if (caller === undefined && privilege !== 'Public') await gate.admit(caller, { privilege: 'LoggedIn', object: 'Global', database: DEFAULT_DATABASE, verb });
}

/** Open, too, but changes are written down. */
export function watchedGate(audit: AuditLog): Gate {
  return {
    authenticate: (_authorization, from) => Promise.resolve({ ...ROOT, from }),
    admit: (caller, need) => Promise.resolve(changesSomething(need.privilege) ? endedBy(recorder(audit, caller, need)) : NOTHING_TO_TELL),
  };
}

export function endedBy(record: ReturnType<typeof recorder>): Admission {
  return { ended: (error) => record(error === undefined ? 'done' : 'failed', error) };
}
