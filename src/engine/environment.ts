// Environment: the four ports as one engine holds them. A preset puts it together; the engine frees it at close.

import type { AckRequest } from '../model/ack.js';
import type { Ambient } from '../ports/ambient.js';
import type { Cipher, EncryptionKey } from '../ports/cipher.js';
import type { Core } from '../ports/core.js';
import type { ReadStorage, Storage } from '../ports/storage.js';
import type { Transport } from '../ports/transport.js';
import { ElanusError } from '../model/errors.js';

export interface Environment {
  readonly storage: ReadStorage | Storage;
  readonly core: Core;
  readonly ambient: Ambient;
  readonly transport?: Transport | undefined;
  /** Everything that is stored is encrypted under this key; nothing is if undefined. */
  readonly encryption?: Encryption | undefined;
  /** False if closing the process or tab loses what is stored. */
  readonly durable: boolean;
  /** Bytes of vectors at which a growing segment is sealed: larger segments search faster, and take as much again to seal. Default 64 MiB. */
  readonly sealBytes?: number | undefined;
  /** What a write waits for unless it says otherwise. Default 'flushed'. */
  readonly ack?: AckRequest | undefined;
  /** What the preset had to do without, in words. */
  readonly warnings?: readonly string[] | undefined;
}

export interface Encryption {
  readonly cipher: Cipher;
  readonly key: EncryptionKey;
}

/** The storage as one that can be written. Errors: `ReadOnly`. */
export function writable(storage: ReadStorage | Storage): Storage {
  if ('create' in storage) return storage;
  throw new ElanusError('ReadOnly', `${storage.kind} storage only reads`);
}
