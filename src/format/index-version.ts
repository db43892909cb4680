// Index version: the one thing that is said of an index file outside the core, so that a file of a later version is
// told from a damaged one, by its number. Magic, version and checksum stand where they are in every version.

import { ElanusError, requireIntact } from '../model/errors.js';
import { dataViewOf, encodeText, sameBytes } from './bytes.js';
import { crc32c } from './crc.js';

const MAGIC = encodeText('ELANUSIX');
const VERSION = 1;
const HEADER_BYTES = 128;
const AT = { version: 8, crc: 124 } as const;

/** `head`: at least the first 128 bytes of an index file. Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer version. */
export function checkIndexVersion(head: Uint8Array, where: string): void {
  requireIntact(head.length >= HEADER_BYTES && sameBytes(head.subarray(0, MAGIC.length), MAGIC), where, 'header: this is no index file');
  const view = dataViewOf(head);
  requireIntact(view.getUint32(AT.crc, true) === crc32c(head.subarray(0, AT.crc)), where, 'header: checksum does not match');
  const version = view.getUint32(AT.version, true);
  if (version > VERSION) throw new ElanusError('Unsupported', `${where}: index format version ${version} is newer than ${VERSION}, the newest that this release reads`, { file: where });
  requireIntact(version === VERSION, where, `header: expected version ${VERSION}, found ${version}`);
}
