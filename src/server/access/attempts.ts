// Attempts: who failed to log in how often of late. Who did too often, from one address or as one user, is refused unheard
// for a while, with right credentials too, but for those that were found right before (`verified`): whoever tries the passwords of
// a user does not lock out a client of his that is at work. Each table has a maximum; beyond it the oldest entry goes. That of users is
// one of its own: addresses cost whoever has many nothing, users a slow hash each.

import { RefusedRequest, STATUS } from '../status.js';

export interface AttemptLimits {
  /** Failures within `windowMs` after which no more are heard. */
  readonly ofUserMax: number;
  readonly ofAddressMax: number;
  readonly windowMs: number;
}

export const ATTEMPT_LIMITS: AttemptLimits = { ofUserMax: 10, ofAddressMax: 30, windowMs: 60_000 };
const ENTRIES_MAX = 10_000;

interface Entry {
  failures: number;
  readonly sinceMs: number;
}

/** Who has failed too often; told from a server that has too much to do. */
export class TooManyAttempts extends RefusedRequest {}

export class Attempts {
  readonly #limits: AttemptLimits;
  readonly #nowMs: () => number;
  /** In order of their first failure. */
  readonly #addresses = new Map<string, Entry>();
  readonly #users = new Map<string, Entry>();

  constructor(limits: AttemptLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Errors: code 8 (HTTP 429), saying when to try again. */
  admit(user: string | undefined, from: string): void {
    const { ofUserMax, ofAddressMax } = this.#limits;
    const waitMs = Math.max(this.#waitOf(this.#addresses.get(addressKey(from)), ofAddressMax), user === undefined ? 0 : this.#waitOf(this.#users.get(userKey(user)), ofUserMax));
    if (waitMs > 0) throw new TooManyAttempts(STATUS.rateLimited, `too many failed log-ins: try again in ${Math.ceil(waitMs / 1000)} s`, 429);
  }

  failed(user: string | undefined, from: string): void {
    this.#count(this.#addresses, addressKey(from));
    if (user !== undefined) this.#count(this.#users, userKey(user));
  }

  #waitOf(entry: Entry | undefined, max: number): number {
    if (entry === undefined || entry.failures < max) return 0;
    return entry.sinceMs + this.#limits.windowMs - this.#nowMs();
  }

  #count(entries: Map<string, Entry>, key: string): void {
    const entry = entries.get(key);
    const nowMs = this.#nowMs();
    if (entry !== undefined && nowMs - entry.sinceMs < this.#limits.windowMs) {
      entry.failures++;
      return;
    }
    entries.delete(key);
    if (entries.size >= ENTRIES_MAX) for (const oldest of entries.keys()) {
      entries.delete(oldest);
      break;
    }
    entries.set(key, { failures: 1, sinceMs: nowMs });
  }
}

const USER_LENGTH_MAX = 64;
const userKey = (user: string): string => user.slice(0, USER_LENGTH_MAX);

/** Who has one address of IPv6 has the 2^64 beside it. */
function addressKey(from: string): string {
  const plain = from.replace(/^::ffff:/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return `${[...left, ...zeros, ...right].slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
