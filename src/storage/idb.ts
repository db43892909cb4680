// IndexedDB storage. A file is a record {id, key, sizeBytes} in `files` and its bytes in `pieces`, keyed
// [id, offset]. A record without a key is a file still being written, which no one sees; it becomes visible in one
// transaction with its key, which an index keeps unique. So a crash leaves a whole file or none.

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { ElanusError } from '../model/errors.js';
import type { ByteRange, Log, Storage, StorageUsage } from '../ports/storage.js';
import { explainDomError, nameOf } from './dom-errors.js';
import { GuardedStorage, type Backend } from './guard.js';
import { IdbLog } from './idb-log.js';
import { piecesFrom, putPieces, readPieces, transactionBytesMax } from './idb-pieces.js';
import { write } from './idb-write.js';
import { checkKey } from './key.js';
import { originUsage } from './origin-usage.js';
import { own } from './owner.js';
import { rangeWithin } from './range.js';

export interface IdbSchema extends DBSchema {
  files: { key: number; value: FileRecord; indexes: { key: string } };
  pieces: { key: [id: number, offset: number]; value: Uint8Array<ArrayBuffer> };
}

export type IdbDatabase = IDBPDatabase<IdbSchema>;

/** These names are stored: do not change them. */
export interface FileRecord {
  readonly id?: number;
  readonly key?: string;
  readonly sizeBytes: number;
}

const schemaVersion = 1;

/** Opens or makes the database. Errors: `Busy`; `Unsupported` where there is no IndexedDB. */
export async function openIdbStorage(name: string, patienceMs?: number): Promise<Storage> {
  checkKey(name);
  const release = await own(name, patienceMs);
  try {
    const backend = new IdbBackend(name, release);
    await sweepUnfinished(await backend.database());
    return new GuardedStorage(backend);
  } catch (error) {
    release();
    throw error instanceof ElanusError ? error : explainDomError(error, `IndexedDB database ${name}`);
  }
}

class IdbBackend implements Backend {
  readonly kind = 'idb';
  readonly explain = explainDomError;
  private connection: Promise<IdbDatabase> | undefined;

  constructor(private readonly name: string, private readonly release: () => void) {}

  /** The connection, made anew if the browser took it away, as it does to tabs in the background, some without a word. */
  async database(): Promise<IdbDatabase> {
    const connecting = this.connect();
    if (isOpen(await connecting)) return connecting;
    // Of several that see it closed, one makes it anew.
    if (this.connection === connecting) this.connection = undefined;
    return this.connect();
  }

  private connect(): Promise<IdbDatabase> {
    this.connection ??= connect(this.name, () => (this.connection = undefined)).catch((error: unknown) => {
      this.connection = undefined;
      throw error;
    });
    return this.connection;
  }

  async read(key: string, range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const transaction = (await this.database()).transaction(['files', 'pieces'], 'readonly');
    const file = await transaction.objectStore('files').index('key').get(key);
    if (file?.id === undefined) throw new ElanusError('NotFound', `${key}: no such file in IndexedDB`, { file: key });
    return readPieces(transaction.objectStore('pieces'), key, file.id, rangeWithin(key, file.sizeBytes, range));
  }

  async size(key: string): Promise<number | undefined> {
    return (await (await this.database()).getFromIndex('files', 'key', key))?.sizeBytes;
  }

  async list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    const files = await (await this.database()).getAllFromIndex('files', 'key', IDBKeyRange.bound(prefix, `${prefix}\uffff`));
    for (const { key } of files) if (key !== undefined) keys.push(key);
    return keys;
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    const database = await this.database();
    if ((await database.getKeyFromIndex('files', 'key', key)) !== undefined) return false;
    if (bytes.length <= transactionBytesMax) return createAtOnce(database, key, bytes);
    return createInParts(database, key, bytes);
  }

  async remove(key: string): Promise<void> {
    await write(await this.database(), 'strict', async ({ files, pieces }) => {
      const id = await files.index('key').getKey(key);
      if (id !== undefined) await Promise.all([files.delete(id), pieces.delete(piecesFrom(id, 0))]);
    });
  }

  async openLog(key: string): Promise<Log> {
    const file = await write(await this.database(), 'strict', async ({ files }) => {
      const { id, sizeBytes } = (await files.index('key').get(key)) ?? { sizeBytes: 0 };
      return { id: id ?? (await files.add({ key, sizeBytes })), key, sizeBytes };
    });
    return new IdbLog(() => this.database(), file);
  }

  usage(): Promise<StorageUsage> {
    return originUsage();
  }

  async close(): Promise<void> {
    try {
      (await this.connection)?.close();
    } finally {
      this.release();
    }
  }
}

async function connect(name: string, onLost: () => void): Promise<IdbDatabase> {
  if (globalThis.indexedDB === undefined) throw new ElanusError('Unsupported', `${name}: there is no IndexedDB here`);
  return openDB<IdbSchema>(`elanus:${name}`, schemaVersion, {
    upgrade(database) {
      database.createObjectStore('files', { keyPath: 'id', autoIncrement: true }).createIndex('key', 'key', { unique: true });
      database.createObjectStore('pieces');
    },
    terminated: onLost,
  });
}

/** Only beginning a transaction tells; one without requests ends by itself. */
function isOpen(connection: IdbDatabase): boolean {
  try {
    connection.transaction('files');
    return true;
  } catch (error) {
    if (nameOf(error) === 'InvalidStateError') return false;
    throw error;
  }
}

function createAtOnce(database: IdbDatabase, key: string, bytes: Uint8Array): Promise<boolean> {
  return write(database, 'strict', async ({ files, pieces }) => {
    if ((await files.index('key').getKey(key)) !== undefined) return false;
    await putPieces(pieces, await files.add({ key, sizeBytes: bytes.length }), 0, bytes);
    return true;
  });
}

/** Parts may be lost in a crash, for no one sees them before the last transaction, which is strict. */
async function createInParts(database: IdbDatabase, key: string, bytes: Uint8Array): Promise<boolean> {
  const id = await database.add('files', { sizeBytes: bytes.length });
  try {
    for (let at = 0; at < bytes.length; at += transactionBytesMax) {
      await write(database, 'relaxed', ({ pieces }) => putPieces(pieces, id, at, bytes.subarray(at, at + transactionBytesMax)));
    }
    await write(database, 'strict', ({ files }) => files.put({ id, key, sizeBytes: bytes.length }));
    return true;
  } catch (error) {
    await removeUnfinished(database, id);
    if (nameOf(error) === 'ConstraintError') return false;
    throw error;
  }
}

/** Removes what a crash in the middle of `create` left. */
async function sweepUnfinished(database: IdbDatabase): Promise<void> {
  for (const { id, key } of await database.getAll('files')) {
    if (key === undefined && id !== undefined) await removeUnfinished(database, id);
  }
}

async function removeUnfinished(database: IdbDatabase, id: number): Promise<void> {
  await write(database, 'relaxed', ({ files, pieces }) => Promise.all([files.delete(id), pieces.delete(piecesFrom(id, 0))]));
}
