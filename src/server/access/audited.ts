// Audited: what the gate writes into the audit log. Of a failed call it is the number of its error, as messages may show
// what is in rows; of a refusal its message, which is our own. Of a log-in that failed it is a user only if there is one of that name:
// people type passwords where names belong.

import type { AuditEvent, AuditLog, AuditOutcome } from '../audit/audit-log.js';
import { failureOf } from '../status.js';
import { credentialsOf } from './credentials.js';
import type { Caller } from './gate.js';
import type { Need } from './rule.js';
import type { AccessState } from './state.js';

const SPARING_LINE_MS = 1_000;

export function recorder(audit: AuditLog, caller: Caller | undefined, { verb, privilege, database, names = [], about }: Need): (outcome: AuditOutcome, error?: unknown) => void {
  return (outcome, error) => {
    const { status, message } = error === undefined ? { status: undefined, message: undefined } : failureOf(error);
    audit.record({
      user: caller?.user,
      from: caller?.from ?? '',
      verb: verb ?? privilege,
      privilege,
      database,
      names: [...new Set([...names, ...(about?.() ?? [])])].filter((name) => name !== database),
      outcome,
      ...(status === undefined ? {} : { code: status }),
      ...(outcome === 'refused' && message !== undefined ? { reason: message } : {}),
    });
  };
}

export function userTried({ users }: AccessState, authorization: string): string | undefined {
  try {
    const credentials = credentialsOf(authorization);
    return credentials.kind === 'password' && users.some(({ name }) => name === credentials.user) ? credentials.user : undefined;
  } catch {
    return undefined;
  }
}

/** For what anybody can cause as often as he likes: a line a second, which says how many had none. */
export class SparingLog implements AuditLog {
  readonly #audit: AuditLog;
  #writtenMs = -Infinity;
  #unwritten = 0;

  constructor(audit: AuditLog) {
    this.#audit = audit;
  }

  record(event: AuditEvent): void {
    if (performance.now() - this.#writtenMs < SPARING_LINE_MS) {
      this.#unwritten++;
      return;
    }
    this.#writtenMs = performance.now();
    const unwritten = this.#unwritten;
    this.#unwritten = 0;
    this.#audit.record({ ...event, ...(unwritten === 0 ? {} : { unwritten }) });
  }
}

export class RefusedLogIns {
  readonly #ofUsers: AuditLog;
  readonly #ofNobody: AuditLog;
  readonly #tooMany: AuditLog;

  constructor(audit: AuditLog) {
    this.#ofUsers = audit;
    this.#ofNobody = new SparingLog(audit);
    this.#tooMany = new SparingLog(audit);
  }

  refused(user: string | undefined, from: string, error: unknown): void {
    const { http, status, message } = failureOf(error);
    const audit = http === 429 ? this.#tooMany : user === undefined ? this.#ofNobody : this.#ofUsers;
    audit.record({ user, from, verb: 'log-in', outcome: 'refused', code: status, reason: message });
  }
}
