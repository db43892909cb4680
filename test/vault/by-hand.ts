// Encrypted files opened with node:crypto alone, by what docs/format.md says of them: the oracle of what the engine stores.

import { createDecipheriv, hkdfSync } from 'node:crypto';

const BLOCK = 65_536;
const TAG = 16;

/** AES-256-GCM; throws unless the tag, the last 16 bytes, is right. */
export function gcmOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, authentic: Uint8Array = new Uint8Array(0)): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(authentic);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  return Uint8Array.from(Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG)), decipher.final()]));
}

/** A data key from its 76 stored bytes. */
export function dataKeyByHand(master: Uint8Array, stored: Uint8Array, about: string): Uint8Array {
  if (Buffer.from(stored.subarray(0, 8)).toString() !== 'ELANUSEK') throw new Error('no key');
  return gcmOpen(master, stored.subarray(12, 24), stored.subarray(24, 72), Buffer.from(`elanus key 1\n${about}`));
}

/** The same from the 60 bytes of a catalog's entry. */
export function entryKeyByHand(master: Uint8Array, hex: string, id: string): Uint8Array {
  const bytes = Buffer.from(hex, 'hex');
  return gcmOpen(master, bytes.subarray(0, 12), bytes.subarray(12), Buffer.from(`elanus key 1\n${id}`));
}

export function fileKeyByHand(dataKey: Uint8Array, stored: Uint8Array, about: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', dataKey, stored.subarray(12, 44), Buffer.from(`elanus encryption 1\n${about}`), 32));
}

export function openFileByHand(dataKey: Uint8Array, stored: Uint8Array, about: string): Uint8Array {
  if (Buffer.from(stored.subarray(0, 8)).toString() !== 'ELANUSEF') throw new Error('no encrypted file');
  const key = fileKeyByHand(dataKey, stored, about);
  const parts: Uint8Array[] = [];
  for (let at = 48, number = 0; at < stored.length; number++) {
    const end = Math.min(stored.length, at + BLOCK + TAG);
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32LE(number, 0);
    nonce.writeUInt32LE(end === stored.length ? 1 : 0, 4);
    parts.push(gcmOpen(key, nonce, stored.subarray(at, end)));
    at = end;
  }
  return Uint8Array.from(Buffer.concat(parts));
}

/** A log of frames that hold data alone. */
export function openLogByHand(dataKey: Uint8Array, stored: Uint8Array, about: string): Uint8Array {
  if (Buffer.from(stored.subarray(0, 8)).toString() !== 'ELANUSEL') throw new Error('no encrypted log');
  const key = fileKeyByHand(dataKey, stored, about);
  const bytes = Buffer.from(stored);
  const parts: Uint8Array[] = [];
  for (let at = 48; at < bytes.length; ) {
    const end = at + 48 + bytes.readUInt32LE(at);
    if (bytes.readUInt32LE(at + 4) !== 1) throw new Error('a frame that holds no data');
    parts.push(gcmOpen(key, bytes.subarray(at + 16, at + 28), bytes.subarray(at + 48, end), bytes.subarray(at, at + 44)));
    at = Math.ceil(end / 8) * 8;
  }
  return Uint8Array.from(Buffer.concat(parts));
}
