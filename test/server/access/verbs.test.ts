// The changes of users, roles, grants and groups: what Milvus allows is allowed, what it refuses is refused.

import { describe, expect, test } from 'vitest';
import { addGroup, addToGroup, dropGroup, listGroups, removeFromGroup } from '../../../src/server/access/groups.js';
import { addKey, dropKey, listKeys } from '../../../src/server/access/keys.js';
import { levelOf, objectTypeOf, PRIVILEGES } from '../../../src/server/access/privilege.js';
import { BUILT_IN_GROUPS } from '../../../src/server/access/privilege-group.js';
import { copyOf, restore } from '../../../src/server/access/rbac-copy.js';
import { addGrant, addRole, dropRole, grantByObject, grantByPlace, grantsOf, removeGrant } from '../../../src/server/access/roles.js';
import { INITIAL_STATE, type AccessState } from '../../../src/server/access/state.js';
import { addUser, addUserToRole, changeUser, dropUser, removeUserFromRole, userOf } from '../../../src/server/access/users.js';

const PASSWORD = `$scrypt$ln=4,r=1,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;
const withAda = addUserToRole(addRole(addUser(INITIAL_STATE, { name: 'ada', password: PASSWORD }), 'reader'), 'ada', 'reader');
const ill = expect.objectContaining({ code: 'InvalidArgument' });

describe('users', () => {
  test('a user is added once, changed, given a role once, and dropped with his keys', () => {
    expect(() => addUser(withAda, { name: 'ada', password: PASSWORD })).toThrow(expect.objectContaining({ code: 'AlreadyExists', milvusCode: 65535 }));
    expect(addUserToRole(withAda, 'ada', 'reader')).toBe(withAda);
    expect(userOf(removeUserFromRole(withAda, 'ada', 'reader'), 'ada').roles).toEqual([]);
    expect(userOf(changeUser(withAda, 'ada', { description: 'x' }), 'ada')).toMatchObject({ password: PASSWORD, description: 'x' });
    const { state } = addKey(withAda, { user: 'ada', nowMs: 1 });
    expect(dropUser(state, 'ada')).toMatchObject({ keys: [], users: [{ name: 'root' }] });
  });
  test.each(['', '1a', '_a', 'a b', 'a:b', 'a/b', 'ä', 'a'.repeat(33)])('"%s" is no name of a user', (name) => {
    expect(() => addUser(INITIAL_STATE, { name, password: PASSWORD })).toThrow(ill);
  });
  test('who is not there has no roles to be given, and root stays', () => {
    for (const work of [() => addUserToRole(withAda, 'bob', 'reader'), () => addUserToRole(withAda, 'ada', 'writer'), () => removeUserFromRole(withAda, 'ada', 'writer'), () => dropUser(withAda, 'bob'), () => changeUser(withAda, 'bob', {})]) {
      expect(work).toThrow(expect.objectContaining({ code: 'NotFound' }));
    }
    expect(() => dropUser(withAda, 'root')).toThrow(ill);
  });
});

describe('roles', () => {
  test('a role is dropped from who has it; one with grants only by force; those that are built in never', () => {
    const granted = addGrant(withAda, 'reader', grantByPlace(withAda, { privilege: 'Search', database: 'd', collection: 'c' }, 'root'));
    expect(() => dropRole(granted, 'reader')).toThrow(/revoke them first/);
    expect(userOf(dropRole(granted, 'reader', true), 'ada').roles).toEqual([]);
    for (const name of ['admin', 'public']) expect(() => dropRole(granted, name, true)).toThrow(ill);
    expect(() => dropRole(granted, 'writer')).toThrow(expect.objectContaining({ code: 'NotFound' }));
    expect(() => addRole(granted, 'reader')).toThrow(expect.objectContaining({ code: 'AlreadyExists' }));
    expect(() => addRole(granted, 'a-b')).toThrow(ill);
  });
});

describe('grants by object type', () => {
  test.each([
    [{ object: 'Collection', name: 'c', privilege: 'Search' }, { object: 'Collection', name: 'c', database: 'default', privilege: 'Search' }],
    [{ object: 'Collection', name: '*', privilege: '*', database: 'd' }, { object: 'Collection', name: '*', database: 'd', privilege: '*' }],
    [{ object: 'Global', name: 'whatever', privilege: 'CreateCollection' }, { object: 'Global', name: '*', database: 'default', privilege: 'CreateCollection' }],
    [{ object: 'Global', name: '', privilege: 'All', database: '*' }, { object: 'Global', name: '*', database: '*', privilege: 'All' }],
    [{ object: 'User', name: 'ada', privilege: 'UpdateUser' }, { object: 'User', name: 'ada', database: 'default', privilege: 'UpdateUser' }],
    [{ object: 'Collection', name: 'c', privilege: 'CollectionReadOnly' }, { object: 'Global', name: 'c', database: 'default', privilege: 'CollectionReadOnly' }],
  ])('%j is taken', (request, grant) => {
    expect(grantByObject(withAda, request, 'root')).toEqual({ ...grant, grantor: 'root' });
  });
  test.each([
    { object: 'Planet', name: '*', privilege: 'Search' },
    { object: 'Collection', name: 'c', privilege: 'CreateCollection' },
    { object: 'Collection', name: 'c', privilege: 'All' },
    { object: 'Global', name: '*', privilege: 'Search' },
    { object: 'User', name: 'ada', privilege: 'Search' },
    { object: 'Collection', name: '', privilege: 'Search' },
    { object: 'Collection', name: 'c', privilege: 'Fly' },
    { object: 'Collection', name: 'c', privilege: '' },
    { object: 'Collection', name: 'c', privilege: 'PrivilegeSearch' },
    { object: 'Collection', name: 'c\nd', privilege: 'Search' },
    { object: 'Collection', name: 'c', privilege: 'Search', database: 'a\nb' },
    { object: 'Global', name: '*', privilege: 'ClusterAdmin' }, // of the whole server, but in the database default
  ])('%j is refused', (request) => {
    expect(() => grantByObject(withAda, request, 'root')).toThrow(ill);
  });
});

describe('grants by place', () => {
  test.each([
    ['Search', 'd', 'c', 'Collection'],
    ['Search', 'd', '*', 'Collection'],
    ['Search', '*', '*', 'Collection'],
    ['DescribeCollection', 'd', 'c', 'Global'],
    ['CollectionAdmin', 'd', 'c', 'Global'],
    ['DatabaseAdmin', 'd', '*', 'Global'],
    ['DatabaseReadOnly', '*', '*', 'Global'],
    ['ClusterAdmin', '*', '*', 'Global'],
    ['CreateDatabase', '*', '*', 'Global'],
    ['UpdateUser', '*', '*', 'User'],
  ])('%s on %s.%s is taken', (privilege, database, collection, object) => {
    expect(grantByPlace(withAda, { privilege, database, collection }, 'root')).toEqual({ object, name: collection, database, privilege, grantor: 'root' });
  });
  test.each([
    ['Search', '*', 'c'],
    ['Search', '', 'c'],
    ['Search', 'd', ''],
    ['CreateCollection', 'd', 'c'],
    ['DatabaseAdmin', 'd', 'c'],
    ['ClusterReadOnly', 'd', '*'],
    ['CreateDatabase', 'd', '*'],
    ['CreateOwnership', '*', 'c'],
    ['Nothing', 'd', 'c'],
  ])('%s on %s.%s is refused', (privilege, database, collection) => {
    expect(() => grantByPlace(withAda, { privilege, database, collection }, 'root')).toThrow(ill);
  });
});

test('a grant is there once, shown by its database, and gone when it is revoked; revoking it again is no error', () => {
  const grant = grantByPlace(withAda, { privilege: 'Search', database: 'd', collection: 'c' }, 'root');
  const granted = addGrant(withAda, 'reader', grant);
  expect(addGrant(granted, 'reader', { ...grant, grantor: 'ada' })).toBe(granted);
  expect(grantsOf(granted, { role: 'reader', database: 'd' })).toEqual([grant]);
  expect(grantsOf(granted, { role: 'reader', database: 'e' })).toEqual([]);
  expect(grantsOf(granted, { role: 'reader', object: 'Collection', name: 'c' })).toEqual([grant]);
  expect(() => grantsOf(granted, { role: 'reader', object: 'Collection' })).toThrow(ill);
  expect(() => grantsOf(granted, { role: 'writer' })).toThrow(expect.objectContaining({ code: 'NotFound' }));
  expect(grantsOf(removeGrant(granted, 'reader', grant), { role: 'reader' })).toEqual([]);
  expect(removeGrant(withAda, 'reader', grant)).toBe(withAda);
});

describe('privilege groups', () => {
  const withGroup = addToGroup(addGroup(withAda, 'searchers'), 'searchers', ['Search', 'CollectionReadOnly']);
  test('hold privileges and what is in groups, of one level', () => {
    expect(withGroup.groups).toEqual([{ name: 'searchers', privileges: [...new Set(['Search', ...(BUILT_IN_GROUPS['CollectionReadOnly'] ?? [])])] }]);
    expect(removeFromGroup(withGroup, 'searchers', ['CollectionReadOnly']).groups).toEqual([{ name: 'searchers', privileges: [] }]);
    expect(() => addToGroup(withGroup, 'searchers', ['CreateCollection'])).toThrow(/one level/);
    expect(listGroups(withGroup)).toHaveLength(10);
  });
  test.each(['', '1x', 'a b', 'Search', 'ClusterAdmin', 'All', '*'])('"%s" is no name for one', (name) => {
    expect(() => addGroup(withAda, name)).toThrow(ill);
  });
  test('that are built in, or granted, stay; one that is not there is dropped without an error', () => {
    for (const work of [() => dropGroup(withAda, 'ClusterAdmin'), () => addToGroup(withAda, 'ClusterAdmin', ['Search']), () => removeFromGroup(withAda, 'CollectionReadOnly', ['Search'])]) expect(work).toThrow(ill);
    const granted = addGrant(withGroup, 'reader', grantByPlace(withGroup, { privilege: 'searchers', database: 'd', collection: 'c' }, 'root'));
    expect(() => dropGroup(granted, 'searchers')).toThrow(/revoke it first/);
    expect(dropGroup(withAda, 'nobody')).toBe(withAda);
    expect(() => addToGroup(withAda, 'nobody', ['Search'])).toThrow(expect.objectContaining({ code: 'NotFound' }));
    expect(() => addToGroup(withGroup, 'searchers', ['Fly'])).toThrow(ill);
    expect(() => addToGroup(withGroup, 'searchers', ['*'])).toThrow(ill);
  });
  test('emptied and filled with another level do not make more of what was granted by them', () => {
    const granted = addGrant(withGroup, 'reader', grantByPlace(withGroup, { privilege: 'searchers', database: 'd', collection: '*' }, 'root'));
    const empty = removeFromGroup(granted, 'searchers', ['CollectionReadOnly']);
    expect(() => addToGroup(empty, 'searchers', ['CreateOwnership'])).toThrow(/whole server/);
  });
  test('that are empty and granted anywhere are filled only with what may be granted there', () => {
    const empty = addGroup(withAda, 'later');
    const granted = addGrant(empty, 'reader', grantByPlace(empty, { privilege: 'later', database: 'd', collection: 'c' }, 'root'));
    expect(() => addToGroup(granted, 'later', ['CreateCollection'])).toThrow(/of a database/);
  });
});

test('the groups that are built in have Milvus\' privileges: each level within the next, and all of one level', () => {
  expect(Object.keys(BUILT_IN_GROUPS)).toHaveLength(9);
  for (const level of ['Cluster', 'Database', 'Collection'] as const) {
    const [less, more, most] = ['ReadOnly', 'ReadWrite', 'Admin'].map((kind) => BUILT_IN_GROUPS[`${level}${kind}`] ?? []);
    expect(more).toEqual(expect.arrayContaining([...(less ?? [])]));
    expect(most).toEqual(expect.arrayContaining([...(more ?? [])]));
    for (const privilege of most ?? []) expect(levelOf(privilege), privilege).toBe(level);
  }
});

test('every privilege has one name, a level and an object type', () => {
  expect(new Set(PRIVILEGES).size).toBe(PRIVILEGES.length);
  for (const privilege of PRIVILEGES) expect([levelOf(privilege), objectTypeOf(privilege)]).not.toContain(undefined);
});

describe('API keys', () => {
  test('are made for who is there, shown without their hash, and revoked by their id', () => {
    const { state, made } = addKey(withAda, { user: 'ada', nowMs: 5, description: 'cron' });
    expect(listKeys(state, 'ada')).toEqual([{ id: made.key.id, user: 'ada', createdMs: 5, description: 'cron' }]);
    expect(JSON.stringify(state)).not.toContain(made.text.slice(21));
    expect(dropKey(state, made.key.id).keys).toEqual([]);
    expect(() => dropKey(withAda, made.key.id)).toThrow(expect.objectContaining({ code: 'NotFound' }));
    expect(() => addKey(withAda, { user: 'bob', nowMs: 5 })).toThrow(expect.objectContaining({ code: 'NotFound' }));
    expect(() => addKey(withAda, { user: 'ada', nowMs: 5, expiresMs: 5 })).toThrow(ill);
  });
});

describe('a copy of all of it', () => {
  const source = ((): AccessState => {
    let state = addToGroup(addGroup(withAda, 'searchers'), 'searchers', ['Search']);
    for (const grant of [grantByPlace(state, { privilege: 'searchers', database: 'd', collection: 'c' }, 'root'), grantByPlace(state, { privilege: '*', database: 'd', collection: '*' }, 'root'), grantByObject(state, { object: 'Global', name: '*', privilege: 'All' }, 'root'), grantByPlace(state, { privilege: 'DescribeCollection', database: 'd', collection: 'c' }, 'root')]) {
      state = addGrant(state, 'reader', grant);
    }
    return state;
  })();
  test('makes another server the same', () => {
    expect(restore(INITIAL_STATE, copyOf(source))).toEqual(source);
  });
  test('is put nowhere where any of it is there already', () => {
    for (const there of [addUser(INITIAL_STATE, { name: 'ada', password: PASSWORD }), addRole(INITIAL_STATE, 'reader'), addGroup(INITIAL_STATE, 'searchers')]) expect(() => restore(there, copyOf(source))).toThrow(expect.objectContaining({ code: 'AlreadyExists' }));
  });
  test('does not make a root, take passwords in clear, or grant what could not be granted', () => {
    const copy = copyOf(source);
    expect(() => restore(INITIAL_STATE, { ...copy, users: [{ name: 'root', password: PASSWORD, roles: [] }] })).toThrow(expect.objectContaining({ code: 'AlreadyExists' }));
    expect(() => restore(INITIAL_STATE, { ...copy, users: [{ name: 'eve', password: 'Milvus', roles: [] }] })).toThrow(ill);
    expect(() => restore(INITIAL_STATE, { ...copy, grants: [{ role: 'reader', object: 'Global', name: 'c', database: 'd', privilege: 'CreateOwnership', grantor: 'eve' }] })).toThrow(ill);
  });
});
