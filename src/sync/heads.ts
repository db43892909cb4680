// Heads: a server's word on the newest manifest of each collection, signed, and signed anew before it expires.

import { hexOf } from '../format/bytes.js';
import { encodeHead, signedBytes, type Head } from '../format/head.js';
import type { Ambient } from '../ports/ambient.js';
import type { Signer } from '../ports/cipher.js';
import { keyIdOf } from './trust.js';

/** For how long a head holds, and after which time it is signed anew. */
const LIFETIME_MS = 24 * 3600 * 1000;
const RENEWED_MS = LIFETIME_MS / 2;
const KEPT_MAX = 10_000;

export interface ServedHead {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  /** 64 hexadecimal digits. */
  readonly publicKey: string;
}

/** What a head is of. */
export type HeadOf = Pick<Head, 'collection' | 'version' | 'manifest' | 'parent'>;

interface Kept {
  readonly of: HeadOf;
  readonly issuedMs: number;
  readonly served: ServedHead;
}

export class Heads {
  readonly #signer: Signer;
  readonly #ambient: Pick<Ambient, 'sha256' | 'nowMs'>;
  /** By collection. */
  readonly #kept = new Map<string, Kept>();

  constructor(signer: Signer, ambient: Pick<Ambient, 'sha256' | 'nowMs'>) {
    this.#signer = signer;
    this.#ambient = ambient;
  }

  get publicKey(): string {
    return hexOf(this.#signer.publicKey);
  }

  async head(of: HeadOf): Promise<ServedHead> {
    const issuedMs = Math.floor(this.#ambient.nowMs());
    const kept = this.#kept.get(of.collection);
    if (kept !== undefined && kept.of.version === of.version && kept.of.manifest.sha256 === of.manifest.sha256 && issuedMs - kept.issuedMs < RENEWED_MS && issuedMs >= kept.issuedMs) return kept.served;
    const head: Head = { ...of, issuedMs, expiresMs: issuedMs + LIFETIME_MS, keyId: await keyIdOf(this.#signer.publicKey, this.#ambient) };
    const bytes = encodeHead({ ...head, signature: hexOf(await this.#signer.sign(signedBytes(head))) });
    const served = { bytes, etag: `"${hexOf(await this.#ambient.sha256(bytes))}"`, publicKey: this.publicKey };
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
    this.#kept.set(of.collection, { of, issuedMs, served });
    return served;
  }
}
