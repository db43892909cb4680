// A log in IndexedDB: every append is a piece of its own, so that nothing is written twice, and durable at once,
// so that `sync` has nothing left to do.

import { joinBytes } from '../format/bytes.js';
import { requireIntact } from '../model/errors.js';
import type { Log } from '../ports/storage.js';
import type { IdbDatabase } from './idb.js';
import { pieceStart, piecesFrom, putPieces, transactionBytesMax } from './idb-pieces.js';
import { write } from './idb-write.js';

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

  async append(...parts: readonly Uint8Array[]): Promise<void> {
    const bytes = joinBytes(parts);
    for (let at = 0; at < bytes.length; at += transactionBytesMax) await this.appendPart(bytes.subarray(at, at + transactionBytesMax));
  }

  async sync(): Promise<void> {}

  async truncate(sizeBytes: number): Promise<void> {
    const { id, key } = this.file;
    if (sizeBytes === this.file.sizeBytes) return;
    await write(await this.database(), 'strict', async ({ files, pieces }) => {
      const first = await pieceStart(pieces, key, id, sizeBytes);
      const piece = await pieces.get([id, first]);
      requireIntact(piece !== undefined && first + piece.length > sizeBytes, key, `the piece with byte ${sizeBytes} is missing`);
      await pieces.delete(piecesFrom(id, first));
      await putPieces(pieces, id, first, piece.subarray(0, sizeBytes - first));
      await files.put({ id, key, sizeBytes });
    });
    this.file = { id, key, sizeBytes };
  }

  async close(): Promise<void> {}

  private async appendPart(bytes: Uint8Array): Promise<void> {
    const { id, key, sizeBytes } = this.file;
    const grown = { id, key, sizeBytes: sizeBytes + bytes.length };
    await write(await this.database(), 'strict', ({ files, pieces }) => Promise.all([putPieces(pieces, id, sizeBytes, bytes), files.put(grown)]));
    this.file = grown;
  }
}
