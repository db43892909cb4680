// Authenticator: whose credentials are these? Passwords cost a slow hash, tokens a signature; what was found right is kept for
// a short while (`verified`). Failures are counted by user and address (`attempts`), and answered after the same work whoever the user.

import { timingSafeEqual } from 'node:crypto';
import { isValidKey } from './api-key.js';
import { Attempts, ATTEMPT_LIMITS, type AttemptLimits } from './attempts.js';
import { credentialsOf, ProviderUnreachable, WRONG_CREDENTIALS, wrongCredentials, type Credentials } from './credentials.js';
import type { Passwords } from './password.js';
import { ROOT_USER, type AccessState, type User } from './state.js';
import type { TokenIdentity, Tokens } from './tokens.js';
import { Verified } from './verified.js';

/** Milvus' own. Whoever can reach a server on which it was not changed is root. */
export const DEFAULT_ROOT_PASSWORD = 'Milvus';
/** What was found right so short a while ago is heard, however many others failed. */
const HEARD_MS = 10 * 60_000;
/** And within this time a token is not checked again. */
const TOKEN_FRESH_MS = 60_000;
/** Kept where the password is the default one, as what is encoded never is. */
const DEFAULT = '';

export interface AuthenticatorOptions {
  readonly state: () => AccessState;
  readonly passwords: Passwords;
  readonly nowMs: () => number;
  readonly tokens?: Tokens;
  readonly attempts?: AttemptLimits;
  /** What counts for root until it is changed. Default: `Milvus`. */
  readonly rootPassword?: string;
}

/** A user here, or one of the identity provider with the roles that it gave him. */
export type Login = { readonly user: string; readonly token?: TokenIdentity };

interface KnownToken {
  readonly identity: TokenIdentity;
  readonly freshUntilMs: number;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #attempts: Attempts;
  /** The encoded password that one was found right against. */
  readonly #passwords: Verified<string>;
  readonly #tokens: Verified<KnownToken>;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#attempts = new Attempts(options.attempts ?? ATTEMPT_LIMITS, options.nowMs);
    this.#passwords = new Verified(options.nowMs);
    this.#tokens = new Verified(options.nowMs);
  }

  /** Errors: 1800 (HTTP 401); code 8 (429). */
  async login(authorization: string, from: string): Promise<Login> {
    let credentials: Credentials;
    try {
      credentials = credentialsOf(authorization);
    } catch (error) {
      this.#attempts.admit(undefined, from);
      this.#attempts.failed(undefined, from);
      throw error;
    }
    if (credentials.kind === 'password') {
      const { user, password } = credentials;
      await this.verifyPassword(user, password, from);
      return { user };
    }
    if (credentials.kind === 'key') return this.#byKey(credentials.id, credentials.secret, from);
    return this.#byToken(credentials.token, from);
  }

  /** Also where a user says his old password to have a new one: that is as good a place to guess it. Errors: as of `login`. */
  async verifyPassword(name: string, password: string, from: string): Promise<void> {
    const { passwords } = this.#options;
    const user = this.#options.state().users.find((candidate) => candidate.name === name);
    const mark = this.#passwords.markOf(name, password);
    const known = this.#passwords.get(mark);
    if (known !== undefined && user !== undefined && known === (user.password ?? DEFAULT)) return;
    this.#attempts.admit(name, from);
    if (this.#isDefault(user, password)) return this.#passwords.keep(mark, DEFAULT, HEARD_MS);
    // Asked again when it is its turn: those before it may all have failed.
    const attempt = { begins: () => this.#attempts.admit(name, from), failed: () => this.#attempts.failed(name, from) };
    if (!(await passwords.check(password, user?.password, attempt))) throw wrongCredentials();
    if (user?.password !== undefined) this.#passwords.keep(mark, user.password, HEARD_MS);
  }

  #isDefault(user: User | undefined, password: string): boolean {
    const expected = Buffer.from(this.#options.rootPassword ?? DEFAULT_ROOT_PASSWORD);
    const given = Buffer.from(password);
    const same = given.length === expected.length && timingSafeEqual(given, expected);
    return same && user?.name === ROOT_USER && user.password === undefined;
  }

  #byKey(id: string, secret: string, from: string): Login {
    const { state, nowMs } = this.#options;
    const key = state().keys.find((candidate) => candidate.id === id);
    // Nobody guesses 256 bits: right ones are heard always.
    if (isValidKey(key, secret, nowMs())) return { user: key.user };
    this.#attempts.admit(undefined, from);
    this.#attempts.failed(undefined, from);
    throw wrongCredentials('auth check failure, please check api key is correct');
  }

  async #byToken(token: string, from: string): Promise<Login> {
    const { tokens, nowMs } = this.#options;
    const mark = this.#tokens.markOf(token);
    const known = this.#tokens.get(mark);
    if (known !== undefined && nowMs() < known.freshUntilMs) return { user: known.identity.user, token: known.identity };
    if (known === undefined) this.#attempts.admit(undefined, from);
    try {
      if (tokens === undefined) throw wrongCredentials(WRONG_CREDENTIALS);
      const found = await tokens.verify(token);
      // What the provider allows is trusted no longer than it says.
      const keptMs = Math.min(HEARD_MS, found.expiresMs - nowMs());
      if (keptMs > 0) this.#tokens.keep(mark, { identity: found, freshUntilMs: nowMs() + TOKEN_FRESH_MS }, keptMs);
      return { user: found.user, token: found };
    } catch (error) {
      if (!(error instanceof ProviderUnreachable)) {
        this.#tokens.forget(mark);
        this.#attempts.failed(undefined, from);
      }
      throw error;
    }
  }
}
