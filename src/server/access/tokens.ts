// Tokens: bearer tokens of one identity provider (OpenID Connect, or OAuth2 whose access tokens are JWTs, RFC 9068), checked by the
// keys that it publishes. Only signatures with public keys count; what a token's header says of keys is a name to look up
// and nothing else. A token that does not fit is refused for a stated reason that shows nothing of it.

import type { JWTPayload, RemoteJWKSet } from 'jose';
import type { Ambient } from '../../ports/ambient.js';
import { ProviderUnreachable, wrongCredentials } from './credentials.js';
import { STATUS } from '../status.js';
import { fetchSparingly } from './provider-fetch.js';
import { ROOT_USER } from './state.js';

export interface OidcOptions {
  /** As it stands in its tokens, e.g. `https://login.example/realm`. Its keys are found by its discovery document, unless `jwksUrl` is given. */
  readonly issuer: string;
  readonly jwksUrl?: string;
  /** Tokens must be for one of these. */
  readonly audience: string | readonly string[];
  /** Default: every one with public keys. */
  readonly algorithms?: readonly string[];
  /** How much clocks may differ. Default 60. */
  readonly clockSkewSeconds?: number;
  /** The claim that names the user. Default `sub`. */
  readonly userClaim?: string;
  /** The claim that names roles, as a list or as words of a text; `a.b` is a claim within a claim. Default: none. */
  readonly rolesClaim?: string;
  /** Roles here by what the claim says. Default: those of the same name. */
  readonly rolesMap?: Readonly<Record<string, readonly string[]>>;
  /** Roles that every user of the provider has. Default: none. */
  readonly defaultRoles?: readonly string[];
  /** Whether a user of the provider has the roles of the user of that name here, too. Default false. */
  readonly localRoles?: boolean;
}

export const ALGORITHMS: readonly string[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const CLOCK_SKEW_SECONDS = 60;
const CLOCK_SKEW_SECONDS_MAX = 600;
const USER_LENGTH_MAX = 255;
const ROLES_MAX = 100;

export interface TokenIdentity {
  readonly user: string;
  readonly roles: readonly string[];
  /** Of the user of the same name here, too. */
  readonly localRoles: boolean;
  readonly expiresMs: number;
}

export interface TokenSurroundings {
  readonly nowMs: () => number;
  readonly log: Ambient['log'];
}

type Jose = typeof import('jose');

/** Loaded for the first token: most servers see none. */
const loadJose = (): Promise<Jose> => import('jose');

export class Tokens {
  readonly #options: OidcOptions;
  readonly #surroundings: TokenSurroundings;
  readonly #fetch: ReturnType<typeof fetchSparingly>;
  #keys: Promise<RemoteJWKSet> | undefined;

  /** Errors: TypeError for options that could let strangers in. */
  constructor(options: OidcOptions, surroundings: TokenSurroundings) {
    checkOptions(options);
    this.#options = options;
    this.#surroundings = surroundings;
    this.#fetch = fetchSparingly(surroundings.nowMs);
  }

  /** Errors: 1800 (HTTP 401), `ProviderUnreachable` where it is not the token's fault. */
  async verify(token: string): Promise<TokenIdentity> {
    const { issuer, audience, algorithms = ALGORITHMS, clockSkewSeconds = CLOCK_SKEW_SECONDS } = this.#options;
    const jose = await loadJose();
    try {
      const keys = await this.#providerKeys(jose);
      const { payload } = await jose.jwtVerify(token, keys, {
        issuer,
        audience: typeof audience === 'string' ? audience : [...audience],
        algorithms: [...algorithms],
        clockTolerance: clockSkewSeconds,
        currentDate: new Date(this.#surroundings.nowMs()),
        requiredClaims: ['exp'],
      });
      return this.#identityOf(payload);
    } catch (error) {
      throw this.#refusal(error, jose);
    }
  }

  async #providerKeys(jose: Jose): Promise<RemoteJWKSet> {
    this.#keys ??= this.#findKeys(jose);
    try {
      return await this.#keys;
    } catch (error) {
      this.#keys = undefined;
      throw error;
    }
  }

  async #findKeys({ createRemoteJWKSet, customFetch }: Jose): Promise<RemoteJWKSet> {
    const { issuer, jwksUrl } = this.#options;
    return createRemoteJWKSet(jwksUrl === undefined ? await this.#discover(issuer) : new URL(jwksUrl), { [customFetch]: this.#fetch });
  }

  async #discover(issuer: string): Promise<URL> {
    const response = await this.#fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {});
    const found = (await response.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown } | null;
    if (response.status !== 200 || found?.issuer !== issuer || typeof found.jwks_uri !== 'string') throw new Error(`discovery of ${issuer}: expected status 200, that issuer and a jwks_uri, found status ${response.status}`);
    const url = new URL(found.jwks_uri);
    if (!isTrustworthy(url)) throw new Error(`discovery of ${issuer}: expected a jwks_uri of https`);
    return url;
  }

  #identityOf(payload: JWTPayload): TokenIdentity {
    const { userClaim = 'sub', rolesClaim, rolesMap, defaultRoles = [], localRoles = false } = this.#options;
    const user = claimOf(payload, userClaim);
    if (typeof user !== 'string' || user === '' || user.length > USER_LENGTH_MAX || /[\u0000-\u001f]/.test(user)) throw wrongCredentials(`auth check failure, token: expected the name of a user in claim ${userClaim}`);
    // What a provider says makes nobody root, who may do everything.
    if (user === ROOT_USER) throw wrongCredentials(`auth check failure, token: user "${ROOT_USER}" logs in by password`);
    const said = rolesClaim === undefined ? [] : wordsOf(claimOf(payload, rolesClaim));
    const mapped = said.flatMap((word) => (rolesMap === undefined ? [word] : Object.hasOwn(rolesMap, word) ? (rolesMap[word] ?? []) : []));
    return { user, roles: [...new Set([...defaultRoles, ...mapped])].slice(0, ROLES_MAX), localRoles, expiresMs: (payload.exp ?? 0) * 1000 };
  }

  #refusal(error: unknown, { errors }: Jose): Error {
    if (error instanceof errors.JWTExpired) return wrongCredentials('auth check failure, token has expired');
    if (error instanceof errors.JWTClaimValidationFailed) return wrongCredentials(`auth check failure, token: claim ${error.claim} is not as expected`);
    if (error instanceof errors.JOSEAlgNotAllowed) return wrongCredentials('auth check failure, token: its algorithm is not allowed');
    if (error instanceof errors.JWKSNoMatchingKey) return wrongCredentials('auth check failure, token: the identity provider has no such key');
    if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== 'ERR_JOSE_GENERIC') return wrongCredentials('auth check failure, token is not valid');
    if (error instanceof Error && 'http' in error) return error;
    this.#surroundings.log('warn', 'the keys of the identity provider cannot be had', { issuer: this.#options.issuer, error: error instanceof Error ? error.message : String(error) });
    return new ProviderUnreachable(STATUS.needsLogin, 'auth check failure, the identity provider cannot be reached', 401);
  }
}

function checkOptions({ issuer, jwksUrl, audience, algorithms = ALGORITHMS, clockSkewSeconds = CLOCK_SKEW_SECONDS }: OidcOptions): void {
  for (const [name, url] of [['issuer', issuer], ['jwksUrl', jwksUrl]] as const) {
    if (url !== undefined && !(URL.canParse(url) && isTrustworthy(new URL(url)))) throw new TypeError(`${name}: expected a URL of https, or of http on this machine, found ${JSON.stringify(url)}`);
  }
  if (audience.length === 0) throw new TypeError('audience: expected at least one');
  const odd = algorithms.find((name) => !ALGORITHMS.includes(name));
  if (odd !== undefined || algorithms.length === 0) throw new TypeError(`algorithms: expected some of ${ALGORITHMS.join(', ')}, found ${odd ?? 'none'}`);
  if (!(clockSkewSeconds >= 0 && clockSkewSeconds <= CLOCK_SKEW_SECONDS_MAX)) throw new TypeError(`clockSkewSeconds: expected 0 to ${CLOCK_SKEW_SECONDS_MAX}, found ${clockSkewSeconds}`);
}

/** Keys that come over a line which others can write to are worth nothing. */
function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}

function claimOf(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const part of path.split('.')) value = typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined;
  return value;
}

function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(/\s+/).filter((word) => word !== '').slice(0, ROLES_MAX);
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string').slice(0, ROLES_MAX) : [];
}
