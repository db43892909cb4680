// Keys: the changes of the API keys of users. A key is as good as its user: it has his roles, and ends with him.

import { checkDescription, checkRoom, notAllowed, notFound } from './names.js';
import { makeApiKey, type NewKey } from './api-key.js';
import { ACCESS_LIMITS, type AccessState, type ApiKey } from './state.js';
import { userOf } from './users.js';

export interface KeyRequest {
  readonly user: string;
  readonly nowMs: number;
  readonly expiresMs?: number;
  readonly description?: string;
}

/** Errors: `NotFound` of the user, `InvalidArgument`. */
export function addKey(state: AccessState, request: KeyRequest): { readonly state: AccessState; readonly made: NewKey } {
  const { user, nowMs, expiresMs, description } = request;
  userOf(state, user);
  checkDescription(description);
  if (expiresMs !== undefined && !(Number.isSafeInteger(expiresMs) && expiresMs > nowMs)) throw notAllowed('expiry of an API key: expected a moment that is to come');
  checkRoom('API keys', state.keys.length, ACCESS_LIMITS.keysMax);
  checkRoom(`API keys of user "${user}"`, state.keys.filter((key) => key.user === user).length, ACCESS_LIMITS.keysOfUserMax);
  const made = makeApiKey(request);
  return { state: { ...state, keys: [...state.keys, made.key] }, made };
}

/** What may be shown: all but the hash. */
export function listKeys(state: AccessState, user?: string): readonly Omit<ApiKey, 'hash'>[] {
  return state.keys.filter((key) => user === undefined || key.user === user).map(({ hash: _, ...shown }) => shown);
}

/** Errors: `NotFound`. */
export function dropKey(state: AccessState, id: string): AccessState {
  if (!state.keys.some((key) => key.id === id)) throw notFound('API key', id);
  return { ...state, keys: state.keys.filter((key) => key.id !== id) };
}
