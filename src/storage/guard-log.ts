// The rules of an open log, kept once for every implementation: its calls take their turns in the order they
// were made, a closed one refuses, and closing twice is no error.

import { ElanusError, require } from '../model/errors.js';
import type { Log } from '../ports/storage.js';

export class GuardedLog implements Log {
  private released = false;
  readonly appendDurably?: (...parts: readonly Uint8Array[]) => Promise<void>;

  /** `turn` runs a call when those before it are done; `onRelease` is told once that the log is closed. */
  constructor(
    private readonly key: string,
    private readonly log: Log,
    private readonly turn: <T>(work: () => Promise<T>) => Promise<T>,
    private readonly onRelease: () => void,
  ) {
    if (log.appendDurably !== undefined) this.appendDurably = (...parts) => this.whileOpen(() => (log as Required<Log>).appendDurably(...parts));
  }

  get sizeBytes(): number {
    return this.log.sizeBytes;
  }

  append(...parts: readonly Uint8Array[]): Promise<void> {
    return this.whileOpen(() => this.log.append(...parts));
  }

  sync(): Promise<void> {
    return this.whileOpen(() => this.log.sync());
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.whileOpen(async () => {
      const within = Number.isSafeInteger(sizeBytes) && sizeBytes >= 0 && sizeBytes <= this.log.sizeBytes;
      require(within, () => `${this.key}: expected to cut a log of ${this.log.sizeBytes} bytes to 0 or more of them, found ${sizeBytes}`);
      await this.log.truncate(sizeBytes);
    });
  }

  async close(): Promise<void> {
    if (!this.released) await this.turn(() => this.release());
  }

  /** Closes without waiting for a turn. REQUIRES: no call is under way. */
  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    this.onRelease();
    await this.log.close();
  }

  private whileOpen<T>(work: () => Promise<T>): Promise<T> {
    return this.turn(async () => {
      if (this.released) throw new ElanusError('Closed', `${this.key}: its log is closed`);
      return work();
    });
  }
}
