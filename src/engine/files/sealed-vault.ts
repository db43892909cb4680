// SealedVault: a vault that encrypts under one data key. Each file has a key of its own, derived by its salt, and is
// encrypted block by block, so that ranges are read without the rest; no nonce is ever used twice under a key.

import { bytesOfHex, hexOf } from '../../format/bytes.js';
import { blockNonce, blocksOf, encodeSealedHeader, isSealed, keyInfo, plainSizeOf, readSealedHeader, SALT_BYTES, SEALED_BLOCK_BYTES, SEALED_HEADER_BYTES, sealedSize, storedBlock } from '../../format/sealed-file.js';
import { SEALED_LOG_START_BYTES } from '../../format/sealed-log.js';
import { ElanusError, requireIntact } from '../../model/errors.js';
import type { Ambient } from '../../ports/ambient.js';
import type { DataKey, FileKey } from '../../ports/cipher.js';
import type { Log } from '../../ports/storage.js';
import type { BlockCache } from './block-cache.js';
import { SealedLog } from '../log/sealed-log.js';
import { openSealedLog } from '../log/sealed-log-reader.js';
import type { FileIdentity, LogEnd, OpenedLog, ReadStored, SealedBytes, Vault } from './vault.js';
import { inWaves } from '../log/waves.js';

/** Ranges over more blocks are read without the cache. */
const CACHED_BLOCKS_MAX = 4;
/** Keys of files kept at hand: deriving one takes as long as decrypting four blocks. */
const KEYS_KEPT = 1024;
const NOTHING = new Uint8Array(0);

export class SealedVault implements Vault {
  readonly encrypts = true;
  readonly logStartBytes = SEALED_LOG_START_BYTES;
  readonly #key: DataKey;
  readonly #ambient: Ambient;
  readonly #blocks: BlockCache;
  /** By salt and info, the one used last at the end. */
  readonly #fileKeys = new Map<string, Promise<FileKey>>();

  constructor(key: DataKey, ambient: Ambient, blocks: BlockCache) {
    this.#key = key;
    this.#ambient = ambient;
    this.#blocks = blocks;
  }

  async seal(bytes: Uint8Array, about: string): Promise<SealedBytes> {
    const salt = this.#ambient.randomBytes(SALT_BYTES);
    const stored = new Uint8Array(sealedSize(bytes.length));
    stored.set(encodeSealedHeader(salt));
    const key = await this.#fileKey(salt, about);
    const blocks = blocksOf(bytes.length);
    await inWaves(blocks, async (number) => {
      const start = number * SEALED_BLOCK_BYTES;
      const block = await key.encrypt(blockNonce(number, number === blocks - 1), bytes.subarray(start, start + SEALED_BLOCK_BYTES), NOTHING);
      stored.set(block, storedBlock(number, stored.length).offset);
    });
    return { bytes: stored, salt: hexOf(salt) };
  }

  async open(stored: Uint8Array, file: FileIdentity): Promise<Uint8Array> {
    requireSealed(stored, file.where);
    const salt = readSealedHeader(stored, file.where);
    requireIntact(file.salt === undefined || hexOf(salt) === file.salt, file.where, 'it holds another file');
    const plain = new Uint8Array(plainSizeOf(stored.length, file.where));
    await this.#decrypt(salt, file, stored.length, 0, blocksOf(plain.length) - 1, (offset, length) => stored.subarray(offset, offset + length), plain);
    return plain;
  }

  async readRange(read: ReadStored, storedBytes: number, offset: number, length: number, file: FileIdentity): Promise<Uint8Array<ArrayBuffer>> {
    if (length === 0) return new Uint8Array(0);
    const { where } = file;
    const plainBytes = plainSizeOf(storedBytes, where);
    requireIntact(offset >= 0 && length > 0 && offset + length <= plainBytes, where, `bytes ${offset} to ${offset + length} are not within its ${plainBytes}`);
    const first = Math.floor(offset / SEALED_BLOCK_BYTES);
    const last = Math.floor((offset + length - 1) / SEALED_BLOCK_BYTES);
    const salt = file.salt === undefined ? readSealedHeader(await read(0, SEALED_HEADER_BYTES), where) : file.salt;
    if (last - first < CACHED_BLOCKS_MAX) return this.#readCached(read, storedBytes, offset, length, file, salt);
    const start = storedBlock(first, storedBytes).offset;
    const end = storedBlock(last, storedBytes);
    const stored = await read(start, end.offset + end.length - start);
    const plain = new Uint8Array(Math.min((last + 1) * SEALED_BLOCK_BYTES, plainBytes) - first * SEALED_BLOCK_BYTES);
    await this.#decrypt(salt, file, storedBytes, first, last, (at, bytes) => stored.subarray(at - start, at - start + bytes), plain);
    const from = offset - first * SEALED_BLOCK_BYTES;
    // What is read is looked at as numbers: it begins where its memory does.
    return length === plain.length ? plain : plain.slice(from, from + length);
  }

  /** By way of the cache: what is long is read once, and would drive out what is used again. */
  async #readCached(read: ReadStored, storedBytes: number, offset: number, length: number, file: FileIdentity, salt: Uint8Array | string): Promise<Uint8Array<ArrayBuffer>> {
    const first = Math.floor(offset / SEALED_BLOCK_BYTES);
    const last = Math.floor((offset + length - 1) / SEALED_BLOCK_BYTES);
    const plainBytes = plainSizeOf(storedBytes, file.where);
    const saltHex = typeof salt === 'string' ? salt : hexOf(salt);
    const opening = Array.from({ length: last - first + 1 }, (_, at) => {
      const number = first + at;
      return this.#blocks.get(`${saltHex} ${file.about} ${storedBytes} ${number}`, async () => {
        const place = storedBlock(number, storedBytes);
        const stored = await read(place.offset, place.length);
        const plain = new Uint8Array(Math.min((number + 1) * SEALED_BLOCK_BYTES, plainBytes) - number * SEALED_BLOCK_BYTES);
        await this.#decrypt(salt, file, storedBytes, number, number, () => stored, plain);
        return plain;
      });
    });
    const found = new Uint8Array(length);
    for (const [at, block] of (await Promise.all(opening)).entries()) {
      const start = (first + at) * SEALED_BLOCK_BYTES;
      const from = Math.max(offset, start);
      found.set(block.subarray(from - start, offset + length - start), from - offset);
    }
    return found;
  }

  plainSize(storedBytes: number, where: string): number {
    return plainSizeOf(storedBytes, where);
  }

  storedEnd(end: number, storedBytes: number): number {
    const { offset, length } = storedBlock(Math.max(0, Math.ceil(end / SEALED_BLOCK_BYTES) - 1), storedBytes);
    return offset + length;
  }

  async openLog(stored: Uint8Array, key: string): Promise<OpenedLog> {
    return openSealedLog(stored, key, (salt) => this.#fileKey(salt, key));
  }

  log(inner: Log, key: string, end: LogEnd | undefined): Log {
    return new SealedLog(inner, end, this.#ambient, (salt) => this.#fileKey(salt, key));
  }

  /** Blocks `first` to `last`, each from `stored`, into `plain`. */
  async #decrypt(salt: Uint8Array | string, file: FileIdentity, storedBytes: number, first: number, last: number, stored: (offset: number, length: number) => Uint8Array, plain: Uint8Array): Promise<void> {
    const key = await this.#fileKey(salt, file.about);
    const blocks = blocksOf(plainSizeOf(storedBytes, file.where));
    await inWaves(last - first + 1, async (at) => {
      const number = first + at;
      const { offset, length } = storedBlock(number, storedBytes);
      const block = await key.decrypt(blockNonce(number, number === blocks - 1), stored(offset, length), NOTHING);
      requireIntact(block !== undefined, file.where, `block ${number} is not as it was encrypted`);
      plain.set(block, at * SEALED_BLOCK_BYTES);
    });
  }

  #fileKey(salt: Uint8Array | string, about: string): Promise<FileKey> {
    const hex = typeof salt === 'string' ? salt : hexOf(salt);
    const name = `${hex} ${about}`;
    const known = this.#fileKeys.get(name) ?? this.#key.fileKey(typeof salt === 'string' ? bytesOfHex(salt) : salt, keyInfo(about));
    this.#fileKeys.delete(name);
    this.#fileKeys.set(name, known);
    const [oldest] = this.#fileKeys.keys();
    if (this.#fileKeys.size > KEYS_KEPT && oldest !== undefined) this.#fileKeys.delete(oldest);
    return known;
  }
}

/** Errors: `Corrupt`: with a key, nothing that is not encrypted is taken for what was. */
function requireSealed(stored: Uint8Array, where: string): void {
  if (!isSealed(stored)) throw new ElanusError('Corrupt', `${where}: it is not encrypted, as everything of this database must be`, { file: where });
}
