// CountingStorage: a storage that notes what it was asked to write, by the kind of file.

import type { Log, Storage } from '../../src/ports/storage.js';

export interface WrittenBytes {
  log: number;
  rows: number;
  index: number;
  deletions: number;
  manifests: number;
  other: number;
  files: number;
}

export function noBytes(): WrittenBytes {
  return { log: 0, rows: 0, index: 0, deletions: 0, manifests: 0, other: 0, files: 0 };
}

/** Passes every call on to `storage` and adds to `written`. */
export function countingStorage(storage: Storage, written: WrittenBytes): Storage {
  return new Proxy(storage, {
    get(target, name) {
      if (name === 'create') {
        return async (key: string, bytes: Uint8Array) => {
          const created = await target.create(key, bytes);
          if (created) count(written, key, bytes.length);
          return created;
        };
      }
      if (name === 'openLog') return async (key: string) => countingLog(await target.openLog(key), written);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function count(written: WrittenBytes, key: string, bytes: number): void {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const kind = name.startsWith('rows-') ? 'rows' : name.startsWith('idx-') ? 'index' : name.startsWith('del-') ? 'deletions' : key.includes('manifest/') ? 'manifests' : 'other';
  written[kind] += bytes;
  written.files++;
}

function countingLog(log: Log, written: WrittenBytes): Log {
  return new Proxy(log, {
    get(target, name) {
      if (name === 'append') {
        return async (...parts: readonly Uint8Array[]) => {
          await target.append(...parts);
          written.log += parts.reduce((sum, { length }) => sum + length, 0);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
