// Access: users, roles, the gate and the audit log of one server, opened and closed together over one storage. The gate is open
// unless authorization is on, as in Milvus; users and roles may be kept in either case, and count once it is.

import type { Database } from '../../engine/api.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Storage } from '../../ports/storage.js';
import { memoryStorage } from '../../storage/memory.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { AuditLogs } from '../audit/audit-logs.js';
import { nextTurn } from '../slices.js';
import type { AttemptLimits } from './attempts.js';
import { Authenticator } from './authenticator.js';
import { createClosedGate, type NameResolver } from './closed-gate.js';
import { prepareDecisions } from './decision.js';
import { openGate, watchedGate, type Gate } from './gate.js';
import { Passwords, type PasswordCost } from './password.js';
import { ROOT_USER, type AccessState } from './state.js';
import { StateStore, type Change } from './state-store.js';
import type { OidcOptions, Tokens } from './tokens.js';

export interface AccessSettings {
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

export interface AccessOptions extends AccessSettings {
  /** Of its own: nothing else is in it. It is closed with what this opens. */
  readonly storage: Storage;
  readonly ambient: Pick<Ambient, 'nowMs' | 'log'>;
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
  /** From then on aliases are those of this database and its neighbours; before, there are none. */
  resolveBy(resolve: NameResolver): void;
  close(): Promise<void>;
}

/** Where nothing is written down. */
const NO_AUDIT: AuditLog = { record: () => undefined };

/** Errors: `Corrupt`, `Busy`; TypeError for options that could let strangers in. */
export async function openAccess({ storage, ambient, ...settings }: AccessOptions): Promise<Access> {
  const { authorization = false, audit: wantsAudit = authorization, oidc } = settings;
  // Whole milliseconds, as they are stored.
  const nowMs = (): number => Math.floor(ambient.nowMs());
  const tokens = oidc === undefined ? undefined : new (await import('./tokens.js')).Tokens(oidc, { nowMs, log: ambient.log });
  const store = await StateStore.open(storage, authorization ? (state) => prepareDecisions(state, nextTurn) : undefined);
  const audit = wantsAudit ? await (await import('../audit/audit-logs.js')).AuditLogs.open(storage, { nowMs, log: ambient.log }) : undefined;
  if (authorization && settings.rootPassword === undefined && hasDefaultPassword(store.state)) ambient.log('warn', `user "${ROOT_USER}" has the default password: set another`);
  const close = async (): Promise<void> => {
    await audit?.close();
    await storage.close();
  };
  return accessOver(store, settings, { nowMs, close, ...(audit === undefined ? {} : { audit }), ...(tokens === undefined ? {} : { tokens }) });
}

/** Where nobody must log in; what is set of users and roles is forgotten with it. */
export function volatileAccess(): Access {
  return accessOver(StateStore.begin(memoryStorage()), {}, { nowMs: Date.now, close: () => Promise.resolve() });
}

/** The collections that aliases of a database and its neighbours stand for. */
export function aliasesOf(database: Database): NameResolver {
  return async (databaseName, name) => {
    try {
      const within = databaseName === database.database ? database : await database.useDatabase(databaseName);
      return (await within.describeAlias(name)).collection;
    } catch {
      return name; // no alias, or no such database: then the call itself says so
    }
  };
}

interface Parts {
  readonly nowMs: () => number;
  readonly audit?: AuditLogs;
  readonly tokens?: Tokens;
  readonly close: () => Promise<void>;
}

function accessOver(store: StateStore, { authorization = false, rootPassword, attempts, passwordCost }: AccessSettings, { nowMs, audit, tokens, close }: Parts): Access {
  const state = (): AccessState => store.state;
  const passwords = new Passwords(passwordCost);
  const authenticator = new Authenticator({ state, passwords, nowMs, ...(tokens === undefined ? {} : { tokens }), ...(attempts === undefined ? {} : { attempts }), ...(rootPassword === undefined ? {} : { rootPassword }) });
  let resolver: NameResolver = (_database, name) => Promise.resolve(name);
  const closedGate = (): Gate => createClosedGate({ state, authenticator, resolve: (database, name) => resolver(database, name), audit: audit ?? NO_AUDIT });
  return {
    gate: authorization ? closedGate() : audit === undefined ? openGate : watchedGate(audit),
    audit: audit ?? NO_AUDIT,
    authenticator,
    passwords,
    nowMs,
    state,
    change: async (change) => void (await store.change(change)),
    resolveBy: (given) => void (resolver = given),
    close,
  };
}

function hasDefaultPassword({ users }: AccessState): boolean {
  return users.some(({ name, password }) => name === ROOT_USER && password === undefined);
}
