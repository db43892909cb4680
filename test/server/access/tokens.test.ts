// Tokens of a real OpenID provider on this machine, and of one of our own that lies in every way that is known.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, exportSPKI, SignJWT, UnsecuredJWT, type JWK, type JWTPayload } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tokens, type OidcOptions } from '../../../src/server/access/tokens.js';
import { addUser } from '../../../src/server/access/users.js';
import { refusal, testAccess } from './support.js';

const AUDIENCE = 'urn:elanus';
const HERE = '192.0.2.1';

async function listen(handler: Parameters<typeof createServer>[1]): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('of a real provider', () => {
  let server: Server;
  let issuer: string;
  beforeAll(async () => {
    const listening = await listen((request, response) => callback(request, response));
    ({ server, url: issuer } = listening);
    const provider = new Provider(issuer, {
      clients: [{ client_id: 'cron', client_secret: 'a secret of the client', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({ scope: 'read', audience: AUDIENCE, accessTokenFormat: 'jwt', accessTokenTTL: 300 }),
        },
      },
      extraTokenClaims: () => ({ groups: ['librarians'], nested: { roles: 'reader writer' } }),
    });
    const callback = provider.callback();
  });
  afterAll(() => server.close());

  const tokenOf = async (): Promise<string> => {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('cron:a%20secret%20of%20the%20client')}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: AUDIENCE, scope: 'read' }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  };

  test('an access token logs in as the user and with the roles that its claims name', async () => {
    const access = await testAccess({ oidc: { issuer, audience: AUDIENCE, rolesClaim: 'groups', rolesMap: { librarians: ['role_lib'] } } });
    access.clock.ms = Date.now();
    await access.user('lib', 'Search@d.c');
    const caller = await access.gate.authenticate(`Bearer ${await tokenOf()}`, HERE);
    expect(caller?.user).toBe('cron');
    await access.gate.admit(caller, { privilege: 'Search', object: 'Collection', database: 'd', names: ['c'] });
    expect(await refusal(access.gate.admit(caller, { privilege: 'Insert', object: 'Collection', database: 'd', names: ['c'] }))).toMatchObject({ http: 403, message: expect.stringContaining('deny to cron') });
  });
  test('a token for somebody else is refused', async () => {
    const access = await testAccess({ oidc: { issuer, audience: 'urn:other' } });
    access.clock.ms = Date.now();
    expect(await refusal(access.gate.authenticate(await tokenOf(), HERE))).toEqual({ http: 401, code: 1800, message: 'auth check failure, token: claim aud is not as expected' });
  });
  test('where no provider is set no token is taken', async () => {
    const access = await testAccess();
    expect(await refusal(access.gate.authenticate(await tokenOf(), HERE))).toMatchObject({ http: 401 });
  });
});

describe('of a provider that lies', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const strange = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let server: Server;
  let issuer: string;
  let jwks: JWK[];
  let says: (path: string) => unknown;
  const requests: string[] = [];

  beforeAll(async () => {
    jwks = [{ ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' }, { ...(await exportJWK(ec.publicKey)), kid: 'ec', alg: 'ES256', use: 'sig' }];
    ({ server, url: issuer } = await listen((request, response) => {
      requests.push(request.url ?? '');
      const content = says(request.url ?? '');
      response.writeHead(content === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(typeof content === 'string' ? content : JSON.stringify(content ?? {}));
    }));
    says = (path) => ({ '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/jwks` }, '/jwks': { keys: jwks } })[path];
  });
  afterAll(() => server.close());

  const nowSeconds = (): number => Math.floor(Date.now() / 1000);
  const claims = (change: Record<string, unknown> = {}): JWTPayload => ({ iss: issuer, aud: AUDIENCE, sub: 'ada', iat: nowSeconds(), exp: nowSeconds() + 300, ...change }) as JWTPayload;
  const signed = (payload: JWTPayload, key: KeyObject = rsa.privateKey, header: Record<string, unknown> = {}): Promise<string> => new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'rsa', ...header }).sign(key);
  const verifier = (options: Partial<OidcOptions> = {}): Tokens => new Tokens({ issuer, audience: AUDIENCE, ...options }, { nowMs: Date.now, log: () => undefined });
  const raw = (header: object, payload: object, signature: string): string => [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).concat(signature).join('.');

  test('a right one is right, by either key', async () => {
    expect(await verifier().verify(await signed(claims()))).toMatchObject({ user: 'ada', roles: [] });
    expect(await verifier().verify(await signed(claims(), ec.privateKey, { alg: 'ES256', kid: 'ec' }))).toMatchObject({ user: 'ada' });
    expect(await verifier({ jwksUrl: `${issuer}/jwks` }).verify(await signed(claims()))).toMatchObject({ user: 'ada' });
  });

  const refused = (message: RegExp) => expect.objectContaining({ http: 401, message: expect.stringMatching(message) });

  test('alg none, in every spelling', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) await expect(verifier().verify(raw({ alg, kid: 'rsa' }, claims(), ''))).rejects.toEqual(refused(/not allowed|not valid/));
    await expect(verifier().verify(new UnsecuredJWT(claims()).encode())).rejects.toEqual(refused(/not allowed/));
  });
  test('HS256 with the public key as its secret', async () => {
    for (const secret of [await exportSPKI(await publicKey()), (await exportSPKI(await publicKey())).trim(), JSON.stringify(jwks[0]), String(jwks[0]?.n)]) {
      const head = [{ alg: 'HS256', kid: 'rsa' }, claims()].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      await expect(verifier().verify(`${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`)).rejects.toEqual(refused(/not allowed/));
    }
  });
  const publicKey = async (): Promise<CryptoKey> => crypto.subtle.importKey('spki', rsa.publicKey.export({ type: 'spki', format: 'der' }), { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['verify']);
  test('one key\'s name with another\'s algorithm', async () => {
    await expect(verifier().verify(await signed(claims(), ec.privateKey, { alg: 'ES256', kid: 'rsa' }))).rejects.toEqual(refused(/no such key|not valid/));
  });
  test('the key of a stranger, also where the token brings it along or says where it is', async () => {
    const jwk = await exportJWK(strange.publicKey);
    const before = requests.length;
    for (const header of [{}, { jwk }, { jku: `${issuer}/evil` }, { x5u: `${issuer}/evil` }, { kid: undefined }]) await expect(verifier({ jwksUrl: `${issuer}/jwks` }).verify(await signed(claims(), strange.privateKey, header))).rejects.toEqual(refused(/not valid|no such key/));
    expect(requests.slice(before).filter((path) => path !== '/jwks')).toEqual([]);
  });
  test.each(['../../../../etc/passwd', '/dev/null', 'http://127.0.0.1/x', '\u0000', "' or 1=1 --", 'x'.repeat(5_000)])('a kid that is no name of a key: %j', async (kid) => {
    const before = requests.length;
    const tokens = verifier({ jwksUrl: `${issuer}/jwks` });
    await expect(tokens.verify(await signed(claims(), strange.privateKey, { kid }))).rejects.toEqual(refused(/no such key/));
    expect(new Set(requests.slice(before))).toEqual(new Set(['/jwks']));
  });
  test('a storm of unknown kids makes no storm of requests', async () => {
    const tokens = verifier({ jwksUrl: `${issuer}/jwks` });
    const before = requests.length;
    const storm = await Promise.all(Array.from({ length: 50 }, (_, i) => signed(claims(), strange.privateKey, { kid: `k${i}` })));
    for (const token of storm) await expect(tokens.verify(token)).rejects.toEqual(refused(/no such key/));
    await Promise.allSettled(storm.map((token) => tokens.verify(token)));
    expect(requests.length - before).toBe(1);
  });
  test('a provider that fails is not asked again at once, and its failure is logged, not shown', async () => {
    const logged: string[] = [];
    const clock = { ms: Date.now() };
    const tokens = new Tokens({ issuer, audience: AUDIENCE }, { nowMs: () => clock.ms, log: (_level, message) => void logged.push(message) });
    const said = says;
    says = () => undefined;
    const before = requests.length;
    for (let i = 0; i < 20; i++) await expect(tokens.verify(await signed(claims()))).rejects.toEqual(refused(/cannot be reached/));
    expect(requests.length - before).toBe(1);
    expect(logged).toHaveLength(20);
    says = said;
    clock.ms += 10_000;
    expect(await tokens.verify(await signed(claims()))).toMatchObject({ user: 'ada' });
  });
  test.each<[string, Record<string, unknown> | (() => Record<string, unknown>), RegExp]>([
    ['another issuer', { iss: 'https://evil.example' }, /claim iss/],
    ['an issuer with more behind it', () => ({ iss: `${issuer}/` }), /claim iss/],
    ['no issuer', { iss: undefined }, /claim iss/],
    ['another audience', { aud: 'urn:other' }, /claim aud/],
    ['no audience', { aud: undefined }, /claim aud/],
    ['no audience in its list', { aud: ['urn:other', 'urn:elanus2'] }, /claim aud/],
    ['an end that is past', () => ({ exp: nowSeconds() - 61 }), /expired/],
    ['no end', { exp: undefined }, /claim exp/],
    ['an end that is no number', { exp: 'never' }, /claim exp/],
    ['a beginning to come', () => ({ nbf: nowSeconds() + 120 }), /claim nbf/],
    ['no user', { sub: undefined }, /claim sub/],
    ['an empty user', { sub: '' }, /claim sub/],
    ['a user that is no text', { sub: 7 }, /claim sub/],
    ['a user of two lines', { sub: 'a\nb' }, /claim sub/],
    ['root as its user', { sub: 'root' }, /by password/],
  ])('%s', async (_what, change, message) => {
    await expect(verifier().verify(await signed(claims(typeof change === 'function' ? change() : change)))).rejects.toEqual(refused(message));
  });
  test('clocks may differ by a minute, and by no more', async () => {
    expect(await verifier().verify(await signed(claims({ exp: nowSeconds() - 50 })))).toMatchObject({ user: 'ada' });
    expect(await verifier().verify(await signed(claims({ nbf: nowSeconds() + 50 })))).toMatchObject({ user: 'ada' });
    await expect(verifier({ clockSkewSeconds: 0 }).verify(await signed(claims({ exp: nowSeconds() - 50 })))).rejects.toEqual(refused(/expired/));
  });
  test.each(['a.b.c', '..', 'eyJhbGciOiJSUzI1NiJ9..', 'eyJhbGciOiJSUzI1NiJ9.e30.', 'bm90IGpzb24.bm90IGpzb24.AAAA'])('what is no token: %s', async (token) => {
    await expect(verifier().verify(token)).rejects.toEqual(refused(/not valid|not allowed|no such key/));
  });
  test('a token with a changed claim or signature', async () => {
    const [head = '', , signature = ''] = (await signed(claims())).split('.');
    await expect(verifier().verify(`${head}.${Buffer.from(JSON.stringify(claims({ sub: 'eve' }))).toString('base64url')}.${signature}`)).rejects.toEqual(refused(/not valid/));
    await expect(verifier().verify(`${(await signed(claims())).slice(0, -4)}AAAA`)).rejects.toEqual(refused(/not valid/));
  });
  test('a critical extension that nobody here knows', async () => {
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'rsa', crit: ['x'], x: 1 } as never).sign(rsa.privateKey, { crit: { x: true } });
    await expect(verifier().verify(token)).rejects.toEqual(refused(/not valid/));
  });
  test('an algorithm that is not among those that are allowed', async () => {
    await expect(verifier({ algorithms: ['ES256'] }).verify(await signed(claims()))).rejects.toEqual(refused(/not allowed/));
  });
  test('a discovery document of another issuer, with keys elsewhere in clear, too long, or none', async () => {
    const said = says;
    for (const document of [{ issuer: 'https://evil.example', jwks_uri: `${issuer}/jwks` }, { issuer, jwks_uri: 'http://evil.example/jwks' }, { issuer }, 'x'.repeat(2_000_000), 'null', '[]', 'nonsense']) {
      says = (path) => (path === '/jwks' ? said(path) : document);
      await expect(verifier().verify(await signed(claims()))).rejects.toEqual(refused(/cannot be reached/));
    }
    says = said;
  });
  test('a token longer than a header should be is refused before it is looked at', async () => {
    const access = await testAccess({ oidc: { issuer, audience: AUDIENCE } });
    expect(await refusal(access.gate.authenticate(await signed(claims({ more: 'x'.repeat(20_000) })), HERE))).toMatchObject({ http: 401, message: expect.stringContaining('16384') });
  });
  test('roles come from a list, from words, from a claim within a claim, and from a map; a user here of that name lends his only if that is asked for', async () => {
    const roles = async (options: Partial<OidcOptions>, more: JWTPayload) => (await verifier(options).verify(await signed(claims(more)))).roles;
    expect(await roles({ rolesClaim: 'roles' }, { roles: ['a', 'b', 7] })).toEqual(['a', 'b']);
    expect(await roles({ rolesClaim: 'scope' }, { scope: ' a  b ' })).toEqual(['a', 'b']);
    expect(await roles({ rolesClaim: 'realm.roles' }, { realm: { roles: ['a'] } })).toEqual(['a']);
    expect(await roles({ rolesClaim: 'https://x.example/roles' }, { 'https://x.example/roles': ['a'] })).toEqual(['a']);
    expect(await roles({ rolesClaim: 'roles', rolesMap: { a: ['x', 'y'] }, defaultRoles: ['d'] }, { roles: ['a', 'b', '__proto__', 'constructor'] })).toEqual(['d', 'x', 'y']);
    expect(await roles({ rolesClaim: 'constructor.name' }, {})).toEqual([]);
    expect(await roles({}, { roles: ['admin'] })).toEqual([]);
    for (const localRoles of [false, true]) {
      const access = await testAccess({ oidc: { issuer, audience: AUDIENCE, localRoles } });
      access.clock.ms = Date.now();
      await access.user('ada', 'Search@d.c');
      const caller = await access.gate.authenticate(await signed(claims()), HERE);
      const found = await refusal(access.gate.admit(caller, { privilege: 'Search', object: 'Collection', database: 'd', names: ['c'] }));
      expect(found === undefined).toBe(localRoles);
      const own = await refusal(access.gate.admit(caller, { privilege: 'UpdateUser', object: 'User', database: 'default', names: ['ada'] }));
      expect(own === undefined).toBe(localRoles);
    }
  });
  test('a token that was found right is right for a minute without a look, and no longer than it says', async () => {
    const access = await testAccess({ oidc: { issuer, audience: AUDIENCE, clockSkewSeconds: 0 } });
    access.clock.ms = Date.now();
    const token = await signed(claims({ exp: nowSeconds() + 30 }));
    await access.gate.authenticate(token, HERE);
    access.clock.ms += 20_000;
    expect((await access.gate.authenticate(token, HERE))?.user).toBe('ada');
    access.clock.ms += 11_000;
    expect(await refusal(access.gate.authenticate(token, HERE))).toMatchObject({ message: expect.stringContaining('expired') });
  });
  test('tokens that fail count as failed log-ins', async () => {
    const access = await testAccess({ oidc: { issuer, audience: AUDIENCE }, attempts: { ofUserMax: 3, ofAddressMax: 3, windowMs: 60_000 } });
    const token = await signed(claims({ aud: 'urn:other' }));
    for (let i = 0; i < 3; i++) expect(await refusal(access.gate.authenticate(token, HERE))).toMatchObject({ http: 401 });
    expect(await refusal(access.gate.authenticate(token, HERE))).toMatchObject({ http: 429 });
    await access.change((state) => addUser(state, { name: 'x', password: `$scrypt$ln=4,r=1,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}` }));
  });
  test('a token at work is heard while others from its address fail, and checked again after a minute', async () => {
    const access = await testAccess({ oidc: { issuer, jwksUrl: `${issuer}/jwks`, audience: AUDIENCE }, attempts: { ofUserMax: 3, ofAddressMax: 3, windowMs: 600_000 } });
    access.clock.ms = Date.now();
    const token = await signed(claims({ exp: nowSeconds() + 240 }));
    await access.gate.authenticate(token, HERE);
    for (let i = 0; i < 4; i++) await refusal(access.gate.authenticate('nothing', HERE));
    access.clock.ms += 90_000;
    expect((await access.gate.authenticate(token, HERE))?.user).toBe('ada');
    access.clock.ms += 240_000;
    expect(await refusal(access.gate.authenticate(token, HERE))).toMatchObject({ http: 429 });
  });
  test('that the provider does not answer is nobody\'s failure', async () => {
    const access = await testAccess({ oidc: { issuer, audience: AUDIENCE }, attempts: { ofUserMax: 3, ofAddressMax: 3, windowMs: 60_000 } });
    access.clock.ms = Date.now();
    const said = says;
    says = () => undefined;
    const token = await signed(claims());
    for (let i = 0; i < 6; i++) expect(await refusal(access.gate.authenticate(token, HERE))).toMatchObject({ http: 401, message: expect.stringContaining('cannot be reached') });
    says = said;
    access.clock.ms += 10_000;
    expect((await access.gate.authenticate(token, HERE))?.user).toBe('ada');
  });
});

test.each<[string, Partial<OidcOptions>]>([
  ['an issuer in clear', { issuer: 'http://login.example' }],
  ['keys in clear', { jwksUrl: 'http://login.example/jwks' }],
  ['no URL', { issuer: 'login.example' }],
  ['a file', { jwksUrl: 'file:///etc/keys' }],
  ['no audience', { audience: [] }],
  ['an empty audience', { audience: '' }],
  ['HS256', { algorithms: ['RS256', 'HS256'] }],
  ['none', { algorithms: ['none'] }],
  ['no algorithm', { algorithms: [] }],
  ['clocks an hour apart', { clockSkewSeconds: 3_600 }],
])('a server with %s does not start', (_what, options) => {
  expect(() => new Tokens({ issuer: 'https://login.example', audience: AUDIENCE, ...options }, { nowMs: Date.now, log: () => undefined })).toThrow(TypeError);
});
