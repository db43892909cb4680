// Uploads: files that are being sent to a collection, part by part, until their rows are taken. What came is kept in the storage and
// outlives the process; of too many the one goes that was not heard of for longest.

import { sha256Hex, type CollectionFiles } from '../engine/files/collection-files.js';
import { partKey, partPrefix } from '../format/keys.js';
import { UPLOAD_BYTES_MAX, UPLOAD_PART_BYTES_MAX, UPLOADS_MAX } from '../format/upload.js';
import { require, requireIntact } from '../model/errors.js';
import type { Ambient } from '../ports/ambient.js';
import type { Storage } from '../ports/storage.js';

const SHA256 = /^[0-9a-f]{64}$/;

/** Names a file that has come whole. */
export interface SentName {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Where some bytes of a file belong. */
export interface UploadPart {
  readonly sha256: string;
  readonly first: number;
  readonly sizeBytes: number;
  readonly bytes: Uint8Array;
}

export interface TakenPart {
  /** How many bytes of the file have come. */
  readonly bytes: number;
  /** False if they are not those before the part, which is then not kept. */
  readonly fits: boolean;
}

export class Uploads {
  readonly #storage: Storage;
  readonly #files: CollectionFiles;
  /** Keys of parts, that which was heard of last behind. */
  readonly #heard = new Set<string>();

  constructor(storage: Storage, files: CollectionFiles) {
    this.#storage = storage;
    this.#files = files;
  }

  /** How many bytes of it have come. Errors: `InvalidArgument`. */
  async bytesOf(sha256: string): Promise<number> {
    checkHash(sha256);
    return (await this.#storage.size(partKey(this.#files.id, sha256))) ?? 0;
  }

  /** Keeps a part, durably. REQUIRES: one call at a time. Errors: `InvalidArgument`, those of the storage. */
  async add({ sha256, first, sizeBytes, bytes }: UploadPart): Promise<TakenPart> {
    const key = partKey(this.#files.id, checkHash(sha256));
    require(Number.isSafeInteger(sizeBytes) && sizeBytes >= 1 && sizeBytes <= UPLOAD_BYTES_MAX, () => `segment: expected 1 to ${UPLOAD_BYTES_MAX} bytes, found ${sizeBytes}`);
    require(bytes.length >= 1 && bytes.length <= UPLOAD_PART_BYTES_MAX && Number.isSafeInteger(first) && first >= 0 && first + bytes.length <= sizeBytes, () => `segment: expected a part of 1 to ${UPLOAD_PART_BYTES_MAX} bytes within ${sizeBytes}, found ${bytes.length} from ${first} on`);
    if ((await this.bytesOf(sha256)) !== first) return { bytes: await this.bytesOf(sha256), fits: false };
    this.#heard.delete(key);
    this.#heard.add(key);
    if (first === 0) await this.#makeRoom(key);
    const log = await this.#storage.openLog(key);
    try {
      await log.append(bytes);
      await log.sync();
    } finally {
      await log.close();
    }
    return { bytes: first + bytes.length, fits: true };
  }

  /** The whole file; one that has not its hash is thrown away. Errors: `InvalidArgument` if it has not come whole; `Corrupt`. */
  async whole({ sha256, sizeBytes }: SentName, ambient: Ambient): Promise<Uint8Array<ArrayBuffer>> {
    const found = await this.bytesOf(sha256);
    require(found === sizeBytes, () => `segment ${sha256}: expected ${sizeBytes} bytes, ${found} have come`);
    const bytes = await this.#storage.read(partKey(this.#files.id, sha256));
    const hash = await sha256Hex(ambient, bytes);
    if (hash !== sha256) await this.drop(sha256);
    requireIntact(hash === sha256, `segment ${sha256}`, `its bytes have SHA-256 ${hash}`);
    return bytes;
  }

  async drop(sha256: string): Promise<void> {
    const key = partKey(this.#files.id, sha256);
    this.#heard.delete(key);
    await this.#storage.remove(key);
  }

  // Those of before this process are the oldest.
  async #makeRoom(but: string): Promise<void> {
    const there = (await this.#storage.list(partPrefix(this.#files.id))).filter((key) => key !== but);
    const oldest = [...there.filter((key) => !this.#heard.has(key)), ...[...this.#heard].filter((key) => there.includes(key))];
    for (const key of oldest.slice(0, Math.max(0, there.length - (UPLOADS_MAX - 1)))) {
      this.#heard.delete(key);
      await this.#storage.remove(key);
    }
  }
}

function checkHash(sha256: string): string {
  require(SHA256.test(sha256), () => 'segment: expected a SHA-256 as 64 lower-case hexadecimal digits');
  return sha256;
}
