// Environment: the ports as one engine holds them, and what it is told of them. A preset puts it together; the engine frees it at close.

import type { AckRequest } from '../../model/ack.js';
import type { Allocate } from '../../model/allocate.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Cipher, EncryptionKey, Signatures } from '../../ports/cipher.js';
import type { Core } from '../../ports/core.js';
import type { ReadStorage, Storage } from '../../ports/storage.js';
import type { Transport } from '../../ports/transport.js';
import type { Waking } from '../../ports/waking.js';
import { ElanusError, require } from '../../model/errors.js';

export interface Environment {
  readonly storage: ReadStorage | Storage;
  /** The storage for files that can be done without: they take room only from what no reader needs. By default the storage itself. */
  readonly optionalStorage?: Storage | undefined;
  readonly core: Core;
  readonly ambient: Ambient;
  readonly transport?: Transport | undefined;
  /** For sessions, which nothing else wakes. */
  readonly waking?: Waking | undefined;
  /** For copies, to know who gives them; nothing that is signed is believed without. */
  readonly signatures?: Signatures | undefined;
  /** Everything that is stored is encrypted under this key; nothing is if undefined. */
  readonly encryption?: Encryption | undefined;
  /** False if closing the process or tab loses what is stored. */
  readonly durable: boolean;
  /** Bytes of rows at which a growing segment is sealed: larger segments search faster, and take as much again to seal. Default 64 MiB. */
  readonly sealBytes?: number | undefined;
  /** Bytes that vectors, indexes, columns and keys may take in memory; unlimited if undefined. */
  readonly memoryBytes?: number | undefined;
  /** A collection whose rows files are smaller is read whole when it is opened. Default 32 MiB. */
  readonly eagerBytes?: number | undefined;
  /** Bytes kept for a full storage, where it tells its quota. Default 64 KiB. */
  readonly reserveBytes?: number | undefined;
  /** What a write waits for unless it says otherwise. Default 'flushed'. */
  readonly ack?: AckRequest | undefined;
  /** Many callers search at once: searches leave the JavaScript thread free wherever the core has others. Default false: one alone is answered sooner. */
  readonly concurrent?: boolean | undefined;
  /** Gives what grows its memory. Default: new arrays. */
  readonly allocate?: Allocate | undefined;
  /** What the preset had to do without, in words. */
  readonly warnings?: readonly string[] | undefined;
}

export interface Encryption {
  readonly cipher: Cipher;
  readonly key: EncryptionKey;
}

const MEMORY_MB_MIN = 16;
const MIB = 2 ** 20;

/** The bytes of a preset's `maxMemoryMB`. Errors: `InvalidArgument`. */
export function memoryBytes(maxMemoryMB: number | undefined): number | undefined {
  if (maxMemoryMB === undefined) return undefined;
  require(Number.isFinite(maxMemoryMB) && maxMemoryMB >= MEMORY_MB_MIN, () => `maxMemoryMB: expected ${MEMORY_MB_MIN} or more, found ${String(maxMemoryMB)}`);
  return Math.floor(maxMemoryMB * MIB);
}

/** The storage as one that can be written. Errors: `ReadOnly`. */
export function writable(storage: ReadStorage | Storage): Storage {
  if ('create' in storage) return storage;
  throw new ElanusError('ReadOnly', `${storage.kind} storage only reads`);
}
