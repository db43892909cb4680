// A log in IndexedDB: every append is a piece of its own, so that nothing is written twice, and durable at once,
// so that `sync` has nothing left to do.

import { requireIntact } from '../model/errors.js';
import type { Log } from '../ports/storage.js';
import type { IdbDatabase } from './idb.js';
import { pieceStart, piecesFrom, putPieces, transactionBytesMax } from './idb-pieces.js';

export interface LogFile {
  readonly id: number;
  readonly key: string;
  readonly sizeBytes: number;
}

export class IdbLog implements Log {
  /** `database` gives the present connection. */
  constructor(private readonly database: () => Promise<IdbDatabase>, private file: LogFile) {}

  get sizeBytes(): number {
    return this.file.sizeBytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += transactionBytesMax) await this.appendPart(bytes.subarray(at, at + transactionBytesMax));
  }

  async sync(): Promise<void> {}

  async truncate(sizeBytes: number): Promise<void> {
    if (sizeBytes === this.file.sizeBytes) return;
    const { id, key } = this.file;
    const transaction = await this.begin();
    const pieces = transaction.objectStore('pieces');
    const first = await pieceStart(pieces, key, id, sizeBytes);
    const piece = await pieces.get([id, first]);
    requireIntact(piece !== undefined && piece.length > sizeBytes - first, key, `expected byte ${sizeBytes} in the piece at ${first}`);
    void pieces.delete(piecesFrom(id, first));
    putPieces(pieces, id, first, piece.subarray(0, sizeBytes - first));
    void transaction.objectStore('files').put({ id, key, sizeBytes });
    await transaction.done;
    this.file = { id, key, sizeBytes };
  }

  async close(): Promise<void> {}

  private async appendPart(bytes: Uint8Array): Promise<void> {
    const grown = { ...this.file, sizeBytes: this.file.sizeBytes + bytes.length };
    const transaction = await this.begin();
    putPieces(transaction.objectStore('pieces'), grown.id, this.file.sizeBytes, bytes);
    void transaction.objectStore('files').put(grown);
    await transaction.done;
    this.file = grown;
  }

  private async begin() {
    return (await this.database()).transaction(['files', 'pieces'], 'readwrite', { durability: 'strict' });
  }
}
