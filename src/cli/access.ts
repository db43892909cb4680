// Access: users, roles and the audit log of a data directory. They are in a folder whose name no database can have, which
// nobody but the owner may look into, and which one process at a time may open.

import { join, resolve } from 'node:path';
import { ElanusError } from '../model/errors.js';
import type { Ambient } from '../ports/ambient.js';
import { openAccess, type Access, type AccessSettings } from '../server/access/access.js';
import type { OidcOptions } from '../server/access/tokens.js';
import { openFsStorage } from '../storage/fs.js';
import { UsageError } from './command.js';
import type { Settings } from './config/options.js';

export const ACCESS_FOLDER = 'server-state';

/** Errors: `Busy` while a server or another command has it. */
export async function openAccessIn(data: string, ambient: Ambient, settings: AccessSettings): Promise<Access> {
  const folder = join(resolve(data), ACCESS_FOLDER);
  const storage = await openFsStorage(folder, { isPrivate: true }).catch((error: unknown) => {
    if (!(error instanceof ElanusError) || error.code !== 'Busy') throw error;
    throw new ElanusError('Busy', `users and roles of ${data} are in use: stop the server that serves it, or ask it by its API (${error.message})`, { cause: error });
  });
  try {
    return await openAccess({ storage, ambient, ...settings });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** Errors: `UsageError`. */
export function accessSettings(given: Settings): AccessSettings {
  const oidc = oidcOptions(given);
  const rootPassword = given['root-password'];
  return {
    authorization: given.auth,
    audit: given.auth || given.audit,
    ...(rootPassword === undefined ? {} : { rootPassword }),
    ...(oidc === undefined ? {} : { oidc }),
  };
}

function oidcOptions(given: Settings): OidcOptions | undefined {
  const issuer = given['oidc-issuer'];
  const audience = given['oidc-audience'];
  if (issuer === undefined) {
    const lone = (['oidc-jwks', 'oidc-audience', 'oidc-algorithms', 'oidc-roles-claim', 'oidc-role', 'oidc-default-role'] as const).find((name) => given[name] !== undefined && given[name].length > 0);
    if (lone !== undefined) throw new UsageError(`--${lone}: expected --oidc-issuer beside it`);
    return undefined;
  }
  if (!given.auth) throw new UsageError('--oidc-issuer: expected --auth beside it');
  if (audience.length === 0) throw new UsageError('--oidc-issuer: expected --oidc-audience beside it: for whom tokens must be');
  const [jwksUrl, rolesClaim] = [given['oidc-jwks'], given['oidc-roles-claim']];
  const algorithms = given['oidc-algorithms'];
  return {
    issuer,
    audience,
    clockSkewSeconds: given['oidc-clock-skew'] / 1000,
    userClaim: given['oidc-user-claim'],
    defaultRoles: given['oidc-default-role'],
    localRoles: given['oidc-local-roles'],
    ...(algorithms.length === 0 ? {} : { algorithms }),
    ...(jwksUrl === undefined ? {} : { jwksUrl }),
    ...(rolesClaim === undefined ? {} : { rolesClaim }),
    ...(given['oidc-role'].length === 0 ? {} : { rolesMap: rolesMap(given['oidc-role']) }),
  };
}

function rolesMap(pairs: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const roles = new Map<string, string[]>();
  for (const pair of pairs) {
    const at = pair.lastIndexOf('=');
    const claim = pair.slice(0, at);
    roles.set(claim, [...(roles.get(claim) ?? []), pair.slice(at + 1)]);
  }
  return Object.fromEntries(roles);
}
