// Access: users, roles, the gate and the audit log of one server, opened and closed together over one storage. The gate is open
// unless authorization is on, as in Milvus; users and roles may be kept in either case, and count once it is.

import type { Ambient } from '../../ports/ambient.js';
import type { Storage } from '../../ports/storage.js';
import { NO_AUDIT, StoredAuditLog, type AuditLog } from '../audit/audit-log.js';
import type { AttemptLimits } from './attempts.js';
import { Authenticator } from './authenticator.js';
import { createClosedGate, type NameResolver } from './closed-gate.js';
import { openGate, watchedGate, type Gate } from './gate.js';
import { Passwords, type PasswordCost } from './password.js';
import { ROOT_USER, type AccessState } from './state.js';
import { StateStore, type Change } from './state-store.js';
import { Tokens, type OidcOptions } from './tokens.js';

export interface AccessOptions {
  /** Of its own: nothing else is in it. It is closed with what this opens. */
  readonly storage: Storage;
  readonly ambient: Pick<Ambient, 'nowMs' | 'log'>;
  /** Whether callers must log in. Default false. */
  readonly authorization?: boolean;
  /** Whether changes and refusals are written down. Default: where authorization is on. */
  readonly audit?: boolean;
  /** The identity provider whose tokens are taken. */
  readonly oidc?: OidcOptions;
  /** What counts for root until it is changed. Default: `Milvus`. */
  readonly rootPassword?: string;
  readonly attempts?: AttemptLimits;
  /** For tests. */
  readonly passwordCost?: PasswordCost;
}

export interface Access {
  readonly gate: Gate;
  readonly audit: AuditLog;
  readonly authenticator: Authenticator;
  readonly passwords: Passwords;
  readonly nowMs: () => number;
  state(): AccessState;
  /** Errors: those of `change` and of the storage. */
  change(change: Change): Promise<void>;
  /** From then on names are resolved so; before, an alias is no collection. */
  resolveBy(resolve: NameResolver): void;
  close(): Promise<void>;
}

/** Errors: `Corrupt`, `Busy`; TypeError for options that could let strangers in. */
export async function openAccess({ storage, ambient, authorization = false, audit: wantsAudit = authorization, oidc, rootPassword, attempts, passwordCost }: AccessOptions): Promise<Access> {
  const nowMs = (): number => ambient.nowMs();
  const tokens = oidc === undefined ? undefined : new Tokens(oidc, { nowMs, log: ambient.log });
  const store = await StateStore.open(storage);
  const audit = wantsAudit ? await StoredAuditLog.open(storage, { nowMs, log: ambient.log }) : undefined;
  const state = (): AccessState => store.state;
  const passwords = new Passwords(passwordCost);
  const authenticator = new Authenticator({ state, passwords, nowMs, ...(tokens === undefined ? {} : { tokens }), ...(attempts === undefined ? {} : { attempts }), ...(rootPassword === undefined ? {} : { rootPassword }) });
  let resolve: NameResolver = (_database, name) => Promise.resolve(name);
  const closed = (): Gate => createClosedGate({ state, authenticator, resolve: (database, name) => resolve(database, name), audit: audit ?? NO_AUDIT });
  if (authorization && rootPassword === undefined && hasDefaultPassword(state())) ambient.log('warn', `user "${ROOT_USER}" has the default password: set another`);
  return {
    gate: authorization ? closed() : audit === undefined ? openGate : watchedGate(audit),
    audit: audit ?? NO_AUDIT,
    authenticator,
    passwords,
    nowMs,
    state,
    change: async (change) => void (await store.change(change)),
    resolveBy: (given) => void (resolve = given),
    close: async () => {
      await audit?.close();
      await storage.close();
    },
  };
}

function hasDefaultPassword({ users }: AccessState): boolean {
  return users.some(({ name, password }) => name === ROOT_USER && password === undefined);
}
