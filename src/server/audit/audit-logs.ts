// AuditLogs: both parts of the audit log, opened and closed together: what was done, and what was refused. Whoever is refused may be
// anybody, and as often as he likes, so that lines of refusals go out of the way of each other alone.

import type { Storage } from '../../ports/storage.js';
import { StoredAuditLog, type AuditEvent, type AuditLog, type AuditOptions } from './audit-log.js';

export class AuditLogs implements AuditLog {
  readonly #done: StoredAuditLog;
  readonly #refused: StoredAuditLog;

  private constructor(done: StoredAuditLog, refused: StoredAuditLog) {
    this.#done = done;
    this.#refused = refused;
  }

  /** Errors: those of the storage. */
  static async open(storage: Storage, options: Omit<AuditOptions, 'part'>): Promise<AuditLogs> {
    return new AuditLogs(await StoredAuditLog.open(storage, { ...options, part: 'audit' }), await StoredAuditLog.open(storage, { ...options, part: 'refusals' }));
  }

  record(event: AuditEvent): void {
    (event.outcome === 'refused' ? this.#refused : this.#done).record(event);
  }

  /** Errors: as of `StoredAuditLog`. */
  async flush(): Promise<void> {
    await Promise.all([this.#done.flush(), this.#refused.flush()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#done.close(), this.#refused.close()]);
  }
}
