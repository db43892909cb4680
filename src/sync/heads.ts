// Heads: a server's word on the newest manifest of each collection, signed, and signed anew before it expires.

import { hexOf } from '../format/bytes.js';
import { encodeHead, signedBytes, type Head } from '../format/head.js';
import type { Ambient } from '../ports/ambient.js';
import type { Signer } from '../ports/cipher.js';
import { keyIdOf } from './trust.js';

/** For how long a head holds; after half of that it is signed anew. */
const LIFETIME_MS = 24 * 3600 * 1000;
const KEPT_MAX = 10_000;

export interface ServedHead {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  /** 64 hexadecimal digits. */
  readonly publicKey: string;
}

/** What a head is of. */
export type HeadOf = Pick<Head, 'collection' | 'version' | 'manifest' | 'parent' | 'scope'>;

interface Kept {
  readonly of: HeadOf;
  readonly issuedMs: number;
  readonly served: ServedHead;
}

export class Heads {
  readonly #signer: Signer;
  readonly #ambient: Pick<Ambient, 'sha256' | 'nowMs'>;
  readonly #lifetimeMs: number;
  readonly #restored: Pick<Head, 'restoredMs'>;
  /** By collection and rows. */
  readonly #kept = new Map<string, Kept>();

  /** `restoredMs`: when what it speaks of was last put back from a backup. */
  constructor(signer: Signer, ambient: Pick<Ambient, 'sha256' | 'nowMs'>, lifetimeMs = LIFETIME_MS, restoredMs?: number) {
    this.#signer = signer;
    this.#ambient = ambient;
    this.#lifetimeMs = lifetimeMs;
    this.#restored = restoredMs === undefined ? {} : { restoredMs };
  }

  get publicKey(): string {
    return hexOf(this.#signer.publicKey);
  }

  async head(of: HeadOf): Promise<ServedHead> {
    const issuedMs = Math.floor(this.#ambient.nowMs());
    const key = `${of.collection} ${of.scope?.asked ?? ''} ${of.scope?.rows ?? ''}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.of.version === of.version && kept.of.manifest.sha256 === of.manifest.sha256 && issuedMs - kept.issuedMs < this.#lifetimeMs / 2 && issuedMs >= kept.issuedMs) return kept.served;
    const head: Head = { ...of, issuedMs, expiresMs: issuedMs + this.#lifetimeMs, ...this.#restored, keyId: await keyIdOf(this.#signer.publicKey, this.#ambient) };
    const bytes = encodeHead({ ...head, signature: hexOf(await this.#signer.sign(signedBytes(head))) });
    const served = { bytes, etag: `"${hexOf(await this.#ambient.sha256(bytes))}"`, publicKey: this.publicKey };
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
    this.#kept.set(key, { of, issuedMs, served });
    return served;
  }
}
