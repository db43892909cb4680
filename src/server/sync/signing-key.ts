// SigningKey: the key that a server signs its heads with, in a file that only it can read, made when it is first needed.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOfHex } from '../../format/bytes.js';
import { SIGNING_KEY_BYTES } from '../../ports/cipher.js';

const NAME = 'sync-signing.key';
const HEX = /^[0-9a-f]{64}\n?$/;

/** The seed of the key in that folder. Errors: if the file is there and is none, as a new key would make every copy distrust the server. */
export async function signingKeyIn(folder: string): Promise<Uint8Array> {
  const path = join(folder, NAME);
  const made = randomBytes(SIGNING_KEY_BYTES).toString('hex');
  try {
    await writeFile(path, `${made}\n`, { mode: 0o600, flag: 'wx' });
    return bytesOfHex(made);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const text = await readFile(path, 'utf8');
  if (!HEX.test(text)) throw new Error(`${path}: expected ${SIGNING_KEY_BYTES * 2} hexadecimal digits; copies trust the key that was there: bring it back`);
  return bytesOfHex(text.trim());
}
