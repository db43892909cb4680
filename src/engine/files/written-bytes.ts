// Written bytes: a storage that counts what is written through it, by collection and purpose, as the keys tell.

import { lengthOf } from '../../format/bytes.js';
import { collectionPrefix, logPrefix, manifestPrefix } from '../../format/keys.js';
import type { Log, ReadStorage, Storage } from '../../ports/storage.js';
import type { WrittenBytes } from '../api.js';

type Purpose = keyof WrittenBytes;

const NONE: WrittenBytes = { log: 0, rows: 0, index: 0, deletions: 0, manifests: 0 };

export class WriteCounts {
  readonly #byCollection = new Map<string, Record<Purpose, number>>();

  /** Of the collection with that id. */
  of(id: string): WrittenBytes {
    return { ...(this.#byCollection.get(id) ?? NONE) };
  }

  forget(id: string): void {
    this.#byCollection.delete(id);
  }

  add(key: string, bytes: number): void {
    const id = /^c([0-9a-f]{16})\//.exec(key)?.[1];
    const purpose = id === undefined ? undefined : purposeOf(key, id);
    if (id === undefined || purpose === undefined) return;
    const counts = this.#byCollection.get(id) ?? { ...NONE };
    counts[purpose] += bytes;
    this.#byCollection.set(id, counts);
  }

  /** `storage`, counted; itself if it only reads. */
  count(storage: Storage): Storage;
  count(storage: ReadStorage | Storage): ReadStorage | Storage;
  count(storage: ReadStorage | Storage): ReadStorage | Storage {
    return 'create' in storage ? this.#counted(storage) : storage;
  }

  #counted(storage: Storage): Storage {
    return {
      kind: storage.kind,
      isShared: storage.isShared === true,
      read: (key, range, room) => storage.read(key, range, room),
      size: (key) => storage.size(key),
      list: (prefix) => storage.list(prefix),
      create: async (key, bytes) => {
        const created = await storage.create(key, bytes);
        if (created) this.add(key, bytes.length);
        return created;
      },
      remove: (key) => storage.remove(key),
      openLog: async (key) => this.#countedLog(key, await storage.openLog(key)),
      usage: () => storage.usage(),
      close: () => storage.close(),
    };
  }

  #countedLog(key: string, log: Log): Log {
    const counted = (append: Log['append']): Log['append'] => async (...parts) => {
      await append(...parts);
      this.add(key, lengthOf(parts));
    };
    return {
      get sizeBytes() {
        return log.sizeBytes;
      },
      append: counted((...parts) => log.append(...parts)),
      sync: () => log.sync(),
      ...(log.appendDurably === undefined ? {} : { appendDurably: counted((...parts) => (log as Required<Log>).appendDurably(...parts)) }),
      truncate: (sizeBytes) => log.truncate(sizeBytes),
      close: () => log.close(),
    };
  }
}

function purposeOf(key: string, id: string): Purpose | undefined {
  if (key.startsWith(logPrefix(id))) return 'log';
  if (key.startsWith(manifestPrefix(id))) return 'manifests';
  const name = key.slice(collectionPrefix(id).length);
  if (name.startsWith('rows-')) return 'rows';
  if (name.startsWith('idx-')) return 'index';
  return name.startsWith('del-') ? 'deletions' : undefined;
}
