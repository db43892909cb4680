// What is kept of a password, and that many checks at once neither stop the server nor wait without end.

import { scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { isEncodedPassword, PASSWORD_COST, Passwords } from '../../../src/server/access/password.js';
import { CHEAP } from './support.js';

test('a password is found right, another is not, and two encodings of one differ', async () => {
  const passwords = new Passwords(CHEAP);
  const [one, two] = [await passwords.encode('correct horse'), await passwords.encode('correct horse')];
  expect(one).not.toBe(two);
  for (const encoded of [one, two]) {
    expect(await passwords.check('correct horse', encoded)).toBe(true);
    expect(await passwords.check('correct horsf', encoded)).toBe(false);
    expect(await passwords.check('', encoded)).toBe(false);
  }
});

test('what is kept is the scrypt of RFC 7914 with its parameters, as node:crypto computes it by itself', async () => {
  const encoded = await new Passwords(CHEAP).encode('pässword');
  const [, ln, r, p, salt = '', hash] = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(encoded) ?? [];
  expect([ln, r, p].map(Number)).toEqual([CHEAP.logN, CHEAP.r, CHEAP.p]);
  expect(scryptSync('pässword', Buffer.from(salt, 'base64url'), 32, { N: 2 ** CHEAP.logN, r: CHEAP.r, p: CHEAP.p }).toString('base64url')).toBe(hash);
});

test('a password typed with letters and accents apart is the same', async () => {
  const passwords = new Passwords(CHEAP);
  expect(await passwords.check('pa\u0308ssword', await passwords.encode('pässword'))).toBe(true);
});

test('the default costs what OWASP asks for', () => {
  expect(PASSWORD_COST).toEqual({ logN: 15, r: 8, p: 3 });
});

test('where there is no such user a check takes the same work and is never right', async () => {
  const passwords = new Passwords(CHEAP);
  expect(await passwords.check('anything', undefined)).toBe(false);
});

test.each([
  ['nothing', ''],
  ['a password in clear', 'Milvus'],
  ['bcrypt', '$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
  ['more memory than a check may take', `$scrypt$ln=30,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
  ['no rounds', `$scrypt$ln=0,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
  ['a short hash', `$scrypt$ln=4,r=1,p=1$${'A'.repeat(22)}$${'A'.repeat(42)}`],
  ['a number', 7],
])('%s is no encoded password', (_what, value) => {
  expect(isEncodedPassword(value)).toBe(false);
});

test('of a flood of checks some wait, the others are refused at once, and later ones are heard again', async () => {
  const passwords = new Passwords({ logN: 10, r: 8, p: 1 });
  const encoded = await passwords.encode('x');
  const results = await Promise.allSettled(Array.from({ length: 200 }, () => passwords.check('x', encoded)));
  const refused = results.filter(({ status }) => status === 'rejected');
  expect(results.filter((result) => result.status === 'fulfilled' && result.value)).toHaveLength(66);
  expect(refused).toHaveLength(134);
  expect(refused[0]).toMatchObject({ reason: { status: 8, http: 429 } });
  expect(await passwords.check('x', encoded)).toBe(true);
});
