// Who is let in, and what for. Whether each privilege covers each route is the matrix' business (matrix.test.ts).

import { describe, expect, test } from 'vitest';
import { addKey, dropKey } from '../../../src/server/access/keys.js';
import type { Need } from '../../../src/server/access/rule.js';
import { openGate } from '../../../src/server/access/gate.js';
import { addGrant, grantByObject, grantByPlace } from '../../../src/server/access/roles.js';
import { addUserToRole, changeUser, dropUser, removeUserFromRole } from '../../../src/server/access/users.js';
import { basic, passwordOf, refusal, testAccess, textOf } from './support.js';

const HERE = '192.0.2.1';
const search = (...names: readonly string[]): Need => ({ privilege: 'Search', object: 'Collection', database: 'd', names });
const WRONG = { http: 401, code: 1800, message: 'auth check failure, please check username and password are correct' };

describe('logging in', () => {
  test('root has Milvus\' default password until it is changed, and a warning is logged', async () => {
    const { gate, change, passwords, logged } = await testAccess();
    expect((await gate.authenticate('root:Milvus', HERE))?.user).toBe('root');
    expect(await refusal(gate.authenticate('root:milvus', HERE))).toEqual(WRONG);
    expect(logged.join()).toContain('default password');
    const password = await passwords.encode('another one');
    await change((state) => changeUser(state, 'root', { password }));
    expect(await refusal(gate.authenticate('root:Milvus', HERE))).toEqual(WRONG);
    expect((await gate.authenticate('root:another one', HERE))?.user).toBe('root');
  });
  test('another first password of root may be set, and then Milvus\' does not count', async () => {
    const { gate } = await testAccess({ rootPassword: 'a first one' });
    expect(await refusal(gate.authenticate('root:Milvus', HERE))).toEqual(WRONG);
    expect((await gate.authenticate('root:a first one', HERE))?.user).toBe('root');
  });
  test.each([basic('ada'), `Bearer ${basic('ada')}`, `bearer  ${basic('ada')}`, `Basic ${btoa(basic('ada'))}`])('by %s', async (authorization) => {
    const access = await testAccess();
    await access.user('ada');
    expect((await access.gate.authenticate(authorization, HERE))?.user).toBe('ada');
  });
  test('a wrong password, nobody, and what is no credentials are refused in the same words', async () => {
    const access = await testAccess();
    await access.user('ada');
    for (const authorization of [basic('ada', 'wrong'), basic('bob'), basic('ada', ''), ':', 'ada', 'Bearer', 'Basic !', 'root', '\u0000:\u0000', `${'x'.repeat(15_000)}:y`]) {
      expect(await refusal(access.gate.authenticate(authorization, HERE)), authorization.slice(0, 20)).toEqual(WRONG);
    }
  });
  test('none are no error yet; more than a header should have are one', async () => {
    const { gate } = await testAccess();
    expect(await gate.authenticate(undefined, HERE)).toBeUndefined();
    expect(await gate.authenticate('', HERE)).toBeUndefined();
    expect(await refusal(gate.authenticate(`a:${'b'.repeat(20_000)}`, HERE))).toMatchObject({ http: 401, code: 1800 });
  });
  test('a password with colons is one', async () => {
    const access = await testAccess();
    await access.user('ada');
    const password = await access.passwords.encode('a:b:c');
    await access.change((state) => changeUser(state, 'ada', { password }));
    expect((await access.gate.authenticate('ada:a:b:c', HERE))?.user).toBe('ada');
  });
  test('a password that was found right costs no second check until it is changed or its user is gone', async () => {
    const access = await testAccess();
    await access.user('ada');
    let checks = 0;
    const check = access.passwords.check.bind(access.passwords);
    access.passwords.check = (...words) => (checks++, check(...words));
    for (let i = 0; i < 5; i++) await access.gate.authenticate(basic('ada'), HERE);
    expect(checks).toBe(1);
    const password = await access.passwords.encode('new secret');
    await access.change((state) => changeUser(state, 'ada', { password }));
    expect(await refusal(access.gate.authenticate(basic('ada'), HERE))).toEqual(WRONG);
    expect((await access.gate.authenticate('ada:new secret', HERE))?.user).toBe('ada');
    await access.change((state) => dropUser(state, 'ada'));
    expect(await refusal(access.gate.authenticate('ada:new secret', HERE))).toEqual(WRONG);
  });
  test('after ten minutes it is checked again', async () => {
    const access = await testAccess();
    await access.user('ada');
    let checks = 0;
    const check = access.passwords.check.bind(access.passwords);
    access.passwords.check = (...words) => (checks++, check(...words));
    await access.gate.authenticate(basic('ada'), HERE);
    access.clock.ms += 10 * 60_000;
    await access.gate.authenticate(basic('ada'), HERE);
    expect(checks).toBe(2);
  });
  test('nobody costs a check, as somebody does', async () => {
    const access = await testAccess();
    let checks = 0;
    const check = access.passwords.check.bind(access.passwords);
    access.passwords.check = (...words) => (checks++, check(...words));
    await refusal(access.gate.authenticate(basic('nobody'), HERE));
    await refusal(access.gate.authenticate('root:wrong', HERE));
    expect(checks).toBe(2);
  });
});

describe('API keys', () => {
  const withKey = async (expiresMs?: number) => {
    const access = await testAccess();
    await access.user('ada', 'Search@d.c');
    let text = '';
    await access.change((state) => {
      const made = addKey(state, { user: 'ada', nowMs: access.clock.ms, ...(expiresMs === undefined ? {} : { expiresMs: access.clock.ms + expiresMs }) });
      text = made.made.text;
      return made.state;
    });
    return { access, text };
  };
  test('log in as their user, with his privileges', async () => {
    const { access, text } = await withKey();
    const caller = await access.gate.authenticate(`Bearer ${text}`, HERE);
    expect(caller?.user).toBe('ada');
    await access.gate.admit(caller, search('c'));
    expect(await refusal(access.gate.admit(caller, search('e')))).toMatchObject({ http: 403 });
  });
  test('end when they expire, are revoked, or their user goes', async () => {
    const { access, text } = await withKey(1_000);
    access.clock.ms += 999;
    expect((await access.gate.authenticate(text, HERE))?.user).toBe('ada');
    access.clock.ms += 1;
    expect(await refusal(access.gate.authenticate(text, HERE))).toMatchObject({ http: 401 });
    for (const end of ['revoke', 'drop'] as const) {
      const other = await withKey();
      await other.access.change((state) => (end === 'revoke' ? dropKey(state, state.keys[0]?.id ?? '') : dropUser(state, 'ada')));
      expect(await refusal(other.access.gate.authenticate(other.text, HERE)), end).toMatchObject({ http: 401 });
    }
  });
  test('with a changed secret, or another\'s id, are refused', async () => {
    const { access, text } = await withKey();
    const id = text.slice(4, 20);
    for (const wrong of [`elk_${id}_${'A'.repeat(43)}`, `elk_${'0'.repeat(16)}_${text.slice(21)}`, text.slice(0, -1), `${text}x`]) expect(await refusal(access.gate.authenticate(wrong, HERE)), wrong.length.toString()).toMatchObject({ http: 401, code: 1800 });
  });
});

describe('failed log-ins', () => {
  const attempts = { ofUserMax: 3, ofAddressMax: 5, windowMs: 60_000 };
  const guess = (access: Awaited<ReturnType<typeof testAccess>>, name: string, from: string) => refusal(access.gate.authenticate(basic(name, 'wrong'), from));
  test('of one user from anywhere are limited; right credentials are not heard either, until the time is over', async () => {
    const access = await testAccess({ attempts });
    await access.user('ada');
    for (let i = 0; i < 3; i++) expect(await guess(access, 'ada', `192.0.2.${i}`)).toEqual(WRONG);
    expect(await refusal(access.gate.authenticate(basic('ada'), '192.0.2.9'))).toEqual({ http: 429, code: 8, message: 'too many failed log-ins: try again in 60 s' });
    access.clock.ms += 59_999;
    expect(await guess(access, 'ada', '192.0.2.9')).toMatchObject({ http: 429, message: 'too many failed log-ins: try again in 1 s' });
    access.clock.ms += 1;
    expect((await access.gate.authenticate(basic('ada'), '192.0.2.9'))?.user).toBe('ada');
  });
  test('of one address are limited whoever is guessed; others are heard', async () => {
    const access = await testAccess({ attempts });
    await access.user('ada');
    for (let i = 0; i < 5; i++) expect(await guess(access, `user${i}`, HERE)).toEqual(WRONG);
    expect(await guess(access, 'user9', HERE)).toMatchObject({ http: 429 });
    expect(await refusal(access.gate.authenticate('elk_0123456789abcdef_'.padEnd(64, 'A'), HERE))).toMatchObject({ http: 429 });
    expect(await refusal(access.gate.authenticate(basic('ada'), HERE))).toMatchObject({ http: 429 });
    expect(await refusal(access.gate.authenticate('a.b.c', HERE))).toMatchObject({ http: 429 });
    expect((await access.gate.authenticate(basic('ada'), '192.0.2.2'))?.user).toBe('ada');
  });
  test('do not lock out a client that was found right before', async () => {
    const access = await testAccess({ attempts });
    await access.user('ada');
    await access.gate.authenticate(basic('ada'), '192.0.2.2');
    for (let i = 0; i < 6; i++) await guess(access, 'ada', HERE);
    expect((await access.gate.authenticate(basic('ada'), '192.0.2.2'))?.user).toBe('ada');
  });
  test('do not lock out an API key, nor root at work by the first password that it was given', async () => {
    const access = await testAccess({ attempts, rootPassword: 'a first one' });
    await access.user('ada');
    let key = '';
    await access.change((state) => {
      const { state: next, made } = addKey(state, { user: 'ada', nowMs: access.clock.ms });
      key = made.text;
      return next;
    });
    await access.gate.authenticate('root:a first one', HERE);
    for (let i = 0; i < 6; i++) await guess(access, 'root', HERE);
    expect((await access.gate.authenticate(key, HERE))?.user).toBe('ada');
    expect((await access.gate.authenticate('root:a first one', HERE))?.user).toBe('root');
    const password = await access.passwords.encode('another one');
    await access.change((state) => changeUser(state, 'root', { password }));
    expect(await refusal(access.gate.authenticate('root:a first one', HERE))).toMatchObject({ http: 429 });
  });
  test('are limited where they come all at once, too; right ones that do are all let in', async () => {
    const access = await testAccess({ attempts });
    await access.user('ada');
    expect((await Promise.all(Array.from({ length: 30 }, () => access.gate.authenticate(basic('ada'), HERE)))).map((caller) => caller?.user)).toEqual(Array.from({ length: 30 }, () => 'ada'));
    const found = await Promise.all(Array.from({ length: 30 }, (_, i) => refusal(access.gate.authenticate(basic('ada', `wrong${i}`), HERE))));
    // Two are checked at once.
    expect(found.filter((one) => one?.http === 401).length).toBeLessThanOrEqual(attempts.ofUserMax + 1);
    expect(new Set(found.map((one) => one?.http))).toEqual(new Set([401, 429]));
  });
  test('count together for the addresses of one network of IPv6, however they are written', async () => {
    const access = await testAccess({ attempts });
    for (const from of ['2001:db8::1', '2001:DB8:0:0::2', '2001:0db8:0000:0000:ffff::3', '2001:db8:0:0:1:2:3:4', '2001:db8::']) expect(await guess(access, from.length.toString(), from)).toMatchObject({ http: 401 });
    expect(await guess(access, 'x', '2001:db8::99')).toMatchObject({ http: 429 });
    expect(await guess(access, 'x', '2001:db8:1::99')).toMatchObject({ http: 401 });
    expect(await guess(access, 'x', '::ffff:192.0.2.1')).toMatchObject({ http: 401 });
  });
  test('of a user are not forgotten for those of many addresses', async () => {
    const access = await testAccess({ attempts });
    await access.user('ada');
    for (let i = 0; i < 3; i++) await guess(access, 'ada', HERE);
    for (let i = 0; i < 11_000; i++) await refusal(access.gate.authenticate('nothing', `198.51.${i >> 8}.${i & 255}`));
    expect(await guess(access, 'ada', '192.0.2.9')).toMatchObject({ http: 429 });
  });
  test('from more addresses than are remembered are refused all the same', async () => {
    const access = await testAccess({ attempts: { ofUserMax: 1e9, ofAddressMax: 2, windowMs: 1e9 } });
    for (let i = 0; i < 11_000; i++) await refusal(access.gate.authenticate('nothing', `198.51.${i >> 8}.${i & 255}`));
    expect(await refusal(access.gate.authenticate('nothing', HERE))).toMatchObject({ http: 401 });
  });
});

describe('being admitted', () => {
  test('nobody may do more than what is public, and is told to log in', async () => {
    const { gate } = await testAccess();
    await gate.admit(undefined, { privilege: 'Public', object: 'Global', database: 'default' });
    for (const need of [{ privilege: 'LoggedIn', object: 'Global', database: 'default' }, search('c')] as const) expect(await refusal(gate.admit(undefined, need))).toMatchObject({ http: 401, code: 1800 });
  });
  test('a caller that this gate did not make is nobody', async () => {
    const { gate } = await testAccess();
    const root = await openGate.authenticate('', HERE);
    expect(await refusal(gate.admit(root, search('c')))).toMatchObject({ http: 401 });
  });
  test('a denial reads as Milvus\' does', async () => {
    const access = await testAccess();
    await access.user('ada');
    const ada = await access.gate.authenticate(basic('ada'), HERE);
    expect(await refusal(access.gate.admit(ada, search('c')))).toEqual({ http: 403, code: 1401, message: 'PrivilegeSearch: permission deny to ada in the `d` database' });
  });
  test('what is granted or revoked counts from the next call on', async () => {
    const access = await testAccess();
    await access.user('ada');
    const ada = await access.gate.authenticate(basic('ada'), HERE);
    await access.change((state) => addGrant(state, 'role_ada', grantByPlace(state, { privilege: 'Search', database: 'd', collection: 'c' }, 'root')));
    await access.gate.admit(ada, search('c'));
    await access.change((state) => removeUserFromRole(state, 'ada', 'role_ada'));
    expect(await refusal(access.gate.admit(ada, search('c')))).toMatchObject({ http: 403 });
    await access.change((state) => addUserToRole(state, 'ada', 'admin'));
    await access.gate.admit(ada, { privilege: 'CreateOwnership', object: 'Global', database: 'default' });
    await access.change((state) => dropUser(state, 'ada'));
    expect(await refusal(access.gate.admit(ada, search('c')))).toMatchObject({ http: 403 });
  });
  test('every collection that a call names must be granted, and one that names none needs all of the database', async () => {
    const access = await testAccess();
    await access.user('ada', 'Search@d.a', 'Search@d.b');
    const ada = await access.gate.authenticate(basic('ada'), HERE);
    await access.gate.admit(ada, search('a', 'b'));
    for (const names of [['a', 'c'], [], ['*'], ['']]) expect(await refusal(access.gate.admit(ada, search(...names))), names.join()).toMatchObject({ http: 403 });
  });
  test('an alias is the collection that it stands for, also where a grant has its name', async () => {
    const access = await testAccess();
    access.resolveBy((database, name) => Promise.resolve(database === 'd' && name === 'alias' ? 'secret' : name));
    await access.user('ada', 'Search@d.alias');
    await access.user('eve', 'Search@d.secret');
    const [ada, eve] = [await access.gate.authenticate(basic('ada'), HERE), await access.gate.authenticate(basic('eve'), HERE)];
    expect(await refusal(access.gate.admit(ada, search('alias')))).toMatchObject({ http: 403 });
    await access.gate.admit(eve, search('alias'));
  });
  test('a grant in one database is none in another', async () => {
    const access = await testAccess();
    await access.user('ada', 'CollectionAdmin@d.*', 'DatabaseAdmin@d.*');
    const ada = await access.gate.authenticate(basic('ada'), HERE);
    await access.gate.admit(ada, search('c'));
    expect(await refusal(access.gate.admit(ada, { ...search('c'), database: 'e' }))).toMatchObject({ http: 403 });
    await access.gate.admit(ada, { privilege: 'CreateCollection', object: 'Database', database: 'd' });
    expect(await refusal(access.gate.admit(ada, { privilege: 'CreateCollection', object: 'Database', database: 'e' }))).toMatchObject({ http: 403 });
  });
  test('whoever it is may change his own password and see his own roles, and nobody else\'s', async () => {
    const access = await testAccess();
    await access.user('ada');
    const ada = await access.gate.authenticate(basic('ada'), HERE);
    for (const privilege of ['UpdateUser', 'SelectUser'] as const) {
      await access.gate.admit(ada, { privilege, object: 'User', database: 'default', names: ['ada'] });
      for (const other of ['root', '', '*']) expect(await refusal(access.gate.admit(ada, { privilege, object: 'User', database: 'default', names: [other] }))).toMatchObject({ http: 403 });
    }
    await access.gate.admit(ada, { privilege: 'SelectOwnership', object: 'Role', database: 'default', names: ['role_ada'] });
    expect(await refusal(access.gate.admit(ada, { privilege: 'SelectOwnership', object: 'Role', database: 'default', names: ['admin'] }))).toMatchObject({ http: 403 });
    await access.change((state) => addGrant(state, 'role_ada', grantByObject(state, { object: 'User', name: 'eve', privilege: 'SelectUser' }, 'root')));
    await access.gate.admit(ada, { privilege: 'SelectUser', object: 'User', database: 'default', names: ['eve'] });
  });
  test('everything on a collection, or of an object type, is no more than that', async () => {
    const access = await testAccess();
    await access.user('ada', '*@d.c');
    const ada = await access.gate.authenticate(basic('ada'), HERE);
    await access.gate.admit(ada, { privilege: 'Delete', object: 'Collection', database: 'd', names: ['c'] });
    for (const need of [{ privilege: 'CreateCollection', object: 'Database', database: 'd' }, { privilege: 'CreateOwnership', object: 'Global', database: 'd' }, search('e')] as const) expect(await refusal(access.gate.admit(ada, need))).toMatchObject({ http: 403 });
    await access.user('bob');
    await access.change((state) => addGrant(state, 'role_bob', grantByObject(state, { object: 'Global', name: '*', privilege: '*', database: 'd' }, 'root')));
    const bob = await access.gate.authenticate(basic('bob'), HERE);
    await access.gate.admit(bob, { privilege: 'CreateCollection', object: 'Database', database: 'd' });
    expect(await refusal(access.gate.admit(bob, search('c')))).toMatchObject({ http: 403 });
  });
});

test('lists show whoever was granted something in a database that database, and on a collection that collection', async () => {
  const access = await testAccess();
  await access.user('ada', 'Search@d.a');
  await access.user('bob', 'DatabaseReadOnly@d.*');
  await access.user('eve');
  await access.user('cat', 'ClusterReadOnly@*.*');
  const sees = async (name: string) => {
    const caller = await access.gate.authenticate(name === 'root' ? 'root:Milvus' : basic(name), HERE);
    return [caller?.sees?.('d'), caller?.sees?.('e'), caller?.sees?.('d', 'a'), caller?.sees?.('d', 'b'), caller?.sees?.('e', 'a')].map((seen) => (seen === true ? 1 : 0)).join('');
  };
  expect({ root: await sees('root'), ada: await sees('ada'), bob: await sees('bob'), eve: await sees('eve'), cat: await sees('cat') }).toEqual({ root: '11111', ada: '10100', bob: '10110', eve: '00000', cat: '00000' });
});

test('no secret that was ever used is in a log, an audit line or an error', async () => {
  const access = await testAccess();
  await access.user('ada');
  const secrets = [passwordOf('ada'), 'guessed-password', 'Milvus', 'typed-into-the-name'];
  const messages: string[] = [];
  let key = '';
  await access.change((state) => {
    const made = addKey(state, { user: 'ada', nowMs: access.clock.ms });
    key = made.made.text;
    return made.state;
  });
  secrets.push(key, key.slice(21), 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.');
  for (const authorization of [basic('ada'), basic('ada', 'guessed-password'), 'root:Milvus', 'typed-into-the-name:x', 'typed-into-the-name', key, `${key.slice(0, -1)}_`, 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.']) {
    const found = await refusal(access.gate.authenticate(authorization, HERE));
    messages.push(found?.message ?? '');
  }
  const { files } = access;
  await access.close();
  const audit = textOf(new Map([...files].filter(([name]) => /^(audit|refusals)\//.test(name))));
  expect(audit).toContain('log-in');
  for (const secret of secrets) for (const [where, text] of Object.entries({ audit, logged: access.logged.join(), messages: messages.join(), state: textOf(files) })) expect(text.includes(secret), `${where} has ${secret.slice(0, 6)}`).toBe(false);
});
