// What the tests of access share: an Access over memory with cheap passwords and a clock of its own, and what it logged.

import { addUser, addUserToRole } from '../../../src/server/access/users.js';
import { addGrant, addRole, grantByPlace } from '../../../src/server/access/roles.js';
import { openAccess, type Access, type AccessOptions } from '../../../src/server/access/access.js';
import { memoryStorage, type MemoryFiles } from '../../../src/storage/memory.js';

/** What a test can afford; the same code as for the real one. */
export const CHEAP = { logN: 4, r: 1, p: 1 } as const;

export interface TestAccess extends Access {
  readonly files: MemoryFiles;
  readonly clock: { ms: number };
  /** Whatever was logged, as text. */
  readonly logged: string[];
  /** `CollectionReadOnly@db.coll`: a privilege or group on a place. */
  user(name: string, ...grants: readonly string[]): Promise<void>;
}

export async function testAccess(options: Partial<AccessOptions> = {}, files: MemoryFiles = new Map()): Promise<TestAccess> {
  const clock = { ms: Date.UTC(2026, 0, 1) };
  const logged: string[] = [];
  const access = await openAccess({
    storage: memoryStorage(files),
    authorization: true,
    passwordCost: CHEAP,
    ambient: { nowMs: () => clock.ms, log: (level, message, fields) => void logged.push(JSON.stringify([level, message, fields])) },
    ...options,
  });
  return {
    ...access,
    files,
    clock,
    logged,
    user: async (name, ...grants) => {
      const password = await access.passwords.encode(passwordOf(name));
      await access.change((state) => {
        const role = `role_${name}`;
        const made = addUserToRole(addRole(addUser(state, { name, password }), role), name, role);
        return grants.reduce((next, text) => {
          const [, privilege = '', database = '', collection = ''] = /^(.+)@(.+)\.(.+)$/.exec(text) ?? [];
          return addGrant(next, role, grantByPlace(next, { privilege, database, collection }, 'root'));
        }, made);
      });
    },
  };
}

export const passwordOf = (name: string): string => `secret-of-${name}`;
export const basic = (name: string, password = passwordOf(name)): string => `${name}:${password}`;

/** The HTTP status and the code that a call is refused with; undefined if it is not. */
export async function refusal(work: Promise<unknown>): Promise<{ readonly http: number; readonly code: number; readonly message: string } | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { http = 0, status, milvusCode } = error as { readonly http?: number; readonly status?: number; readonly milvusCode?: number };
    return { http, code: status ?? milvusCode ?? -1, message: error.message };
  }
}

export function textOf(files: MemoryFiles): string {
  return [...files.values()].map(({ bytes, sizeBytes }) => new TextDecoder().decode(bytes.subarray(0, sizeBytes))).join('\n');
}
