// OutboxFiles: where a copy keeps how far its own writes have come, and the batches that were refused. Each state is a
// new file; the one before stays until it is durable.

import { decodeOutboxState, encodeOutboxState, type OutboxState } from '../../format/outbox-state.js';
import { outboxKey, outboxPrefix, refusedKey, versionOf } from '../../format/keys.js';
import { ElanusError } from '../../model/errors.js';
import { isDamage } from '../read/visit.js';
import type { CollectionFiles } from './collection-files.js';
import type { Storage } from '../../ports/storage.js';

/** States kept: the newest and the one before. */
const KEPT = 2;

export class OutboxFiles {
  readonly #storage: Storage;
  readonly #files: CollectionFiles;

  constructor(storage: Storage, files: CollectionFiles) {
    this.#storage = storage;
    this.#files = files;
  }

  /** The newest that is intact; undefined if there is none. */
  async load(): Promise<OutboxState | undefined> {
    for (const key of (await this.#keys()).reverse()) {
      try {
        return decodeOutboxState(await this.#files.vault.open(await this.#storage.read(key), { about: outboxPrefix(this.#files.id), where: key }), key);
      } catch (error) {
        // Torn by a crash: then the one before it counts.
        if (!isDamage(error)) throw error;
      }
    }
    return undefined;
  }

  /** Stores `state` as the next. Errors: those of the storage, then the one before counts. */
  async save(state: Omit<OutboxState, 'version'>): Promise<OutboxState> {
    const keys = await this.#keys();
    const version = (versionOf(keys.at(-1) ?? '') ?? 0) + 1;
    const next = { ...state, version };
    const { bytes } = await this.#files.vault.seal(encodeOutboxState(next), outboxPrefix(this.#files.id));
    const key = outboxKey(this.#files.id, version);
    if (!(await this.#storage.create(key, bytes))) throw new ElanusError('Busy', `${key} exists already: another writer is at work`, { file: key });
    for (const old of keys.slice(0, -(KEPT - 1))) await this.#storage.remove(old);
    return next;
  }

  async saveRefused(lsn: bigint, payload: Uint8Array): Promise<void> {
    const key = refusedKey(this.#files.id, lsn);
    const { bytes } = await this.#files.vault.seal(payload, refusedKey(this.#files.id, 0n));
    if (!(await this.#storage.create(key, bytes))) {
      await this.#storage.remove(key);
      await this.#storage.create(key, bytes);
    }
  }

  /** Errors: `NotFound`, `Corrupt`. */
  async refused(lsn: bigint): Promise<Uint8Array> {
    const key = refusedKey(this.#files.id, lsn);
    return this.#files.vault.open(await this.#storage.read(key), { about: refusedKey(this.#files.id, 0n), where: key });
  }

  async dropRefused(lsn: bigint): Promise<void> {
    await this.#storage.remove(refusedKey(this.#files.id, lsn));
  }

  async #keys(): Promise<readonly string[] & string[]> {
    return (await this.#storage.list(outboxPrefix(this.#files.id))).filter((key) => versionOf(key) !== undefined);
  }
}
