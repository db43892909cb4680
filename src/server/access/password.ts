// Password: what is kept of one, and how one is checked. Kept is its scrypt (RFC 7914) by a salt of its own, with the
// parameters, so that they may be raised later. Checking takes a thread of the pool, tens of milliseconds and 32 MiB, so that only
// a few are checked at once and few wait: more are refused, as somebody who tries many at once must not stop the server.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { RefusedRequest, STATUS } from '../status.js';

export interface PasswordCost {
  /** Binary logarithm of N. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** As OWASP's password storage cheat sheet has it for 32 MiB (2^15, 8, 3). */
export const PASSWORD_COST: PasswordCost = { logN: 15, r: 8, p: 3 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Of one check: what is stored may ask for no more. */
const MEMORY_BYTES_MAX = 256 * 1024 * 1024;
const CHECKS_AT_ONCE = 2;
const CHECKS_WAITING_MAX = 64;
export const PASSWORD_BYTES_MAX = 1024;

const ENCODED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

interface Encoded {
  readonly cost: PasswordCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

export function isEncodedPassword(value: unknown): value is string {
  return typeof value === 'string' && decode(value) !== undefined;
}

function decode(text: string): Encoded | undefined {
  const found = ENCODED.exec(text);
  if (found === null) return undefined;
  const [, logN, r, p, salt = '', hash = ''] = found;
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  if (cost.logN < 1 || cost.r < 1 || cost.p < 1 || memoryOf(cost) > MEMORY_BYTES_MAX) return undefined;
  return { cost, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}

function memoryOf({ logN, r, p }: PasswordCost): number {
  return 128 * r * (2 ** logN + p);
}

function hashOf(password: string, salt: Uint8Array, cost: PasswordCost): Promise<Buffer> {
  const { logN, r, p } = cost;
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, { N: 2 ** logN, r, p, maxmem: 2 * memoryOf(cost) }, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}

/** Who counts checks is told of each within its turn, so that the next one begins when it has been counted. */
export interface PasswordAttempt {
  begins(): void;
  failed(): void;
}

/** Checks and encodes passwords, a few at once. */
export class Passwords {
  readonly #cost: PasswordCost;
  /** Compared with where there is nothing to compare with, so that it takes as long. */
  readonly #nobody: Encoded;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(cost: PasswordCost = PASSWORD_COST) {
    this.#cost = cost;
    this.#nobody = { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  }

  /** Errors: code 8 if too many are checked already. */
  async encode(password: string): Promise<string> {
    const { logN, r, p } = this.#cost;
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#inTurn(() => hashOf(password, salt, this.#cost));
    return `$scrypt$ln=${logN},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
  }

  /** False if there is no `encoded`, after as long a time. Errors: those of `attempt.begins`; code 8 if too many are checked already. */
  async check(password: string, encoded: string | undefined, attempt?: PasswordAttempt): Promise<boolean> {
    const known = encoded === undefined ? undefined : decode(encoded);
    const { cost, salt, hash } = known ?? this.#nobody;
    return this.#inTurn(async () => {
      attempt?.begins();
      const same = timingSafeEqual(await hashOf(password, salt, cost), hash);
      const isRight = same && known !== undefined;
      if (!isRight) attempt?.failed();
      return isRight;
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= CHECKS_AT_ONCE) {
      if (this.#waiting.length >= CHECKS_WAITING_MAX) throw new RefusedRequest(STATUS.rateLimited, 'too many log-ins at once: try again', 429);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      // Who waits takes this one's place; the count stays.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
