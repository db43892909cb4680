// A transaction that writes, and is over when it resolves: committed, or failed with the browser's own cause.

import type { IDBPObjectStore } from 'idb';
import type { IdbDatabase, IdbSchema } from './idb.js';

type StoreNames = ('files' | 'pieces')[];

export interface WriteStores {
  readonly files: IDBPObjectStore<IdbSchema, StoreNames, 'files', 'readwrite'>;
  readonly pieces: IDBPObjectStore<IdbSchema, StoreNames, 'pieces', 'readwrite'>;
}

/** `work` awaits nothing but requests of these stores. What it throws by itself does not undo what it had asked for. */
export async function write<T>(database: IdbDatabase, durability: 'strict' | 'relaxed', work: (stores: WriteStores) => Promise<T>): Promise<T> {
  const transaction = database.transaction(['files', 'pieces'], 'readwrite', { durability });
  const stores = { files: transaction.objectStore('files'), pieces: transaction.objectStore('pieces') };
  const [worked, ended] = await Promise.allSettled([work(stores), transaction.done]);
  // The end knows the cause, such as a full quota; requests under way then saw only that it was aborted.
  if (ended.status === 'rejected') throw ended.reason;
  if (worked.status === 'rejected') throw worked.reason;
  return worked.value;
}
