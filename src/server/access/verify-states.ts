// VerifyStates: every stored state of users and roles, read whole and checked, while nobody has it open.

import type { VerifiedFile } from '../../engine/files/verify.js';
import { ElanusError } from '../../model/errors.js';
import type { ReadStorage } from '../../ports/storage.js';
import { decodeState } from './state-file.js';

const STATE = /^access\/(\d{20})\.json$/;

/** Errors: those of a storage that fails. */
export async function* verifyStates(storage: ReadStorage): AsyncGenerator<VerifiedFile> {
  for (const key of await storage.list('access/')) {
    const version = STATE.exec(key)?.[1];
    if (version === undefined) continue;
    const bytes = await storage.read(key);
    yield { key, sizeBytes: bytes.length, ...checked(bytes, Number(version), key) };
  }
}

function checked(bytes: Uint8Array, version: number, key: string): Pick<VerifiedFile, 'state' | 'message'> {
  try {
    decodeState(bytes, version, key);
    return { state: 'intact' };
  } catch (error) {
    if (error instanceof ElanusError && (error.code === 'Corrupt' || error.code === 'Unsupported')) return { state: 'damaged', message: error.message };
    throw error;
  }
}
