// Push: numbered batches of one client on their way to a server. Format: docs/format.md, "Replication". The batches
// themselves are not looked into here.

import { ElanusError, require, requireIntact } from '../model/errors.js';
import { concatBytes, dataViewOf, encodeText, lengthOf } from './bytes.js';
import { crc32c } from './crc.js';

/** Of a push with more than one batch. */
export const PUSH_BYTES_MAX = 1024 * 1024;
/** Of one that is one batch. */
export const PUSH_ONE_BYTES_MAX = 16 * 1024 * 1024;
export const PUSH_BATCHES_MAX = 1000;
export const CLIENT_BYTES = 16;
export const CHAIN_BYTES = 8;
export const PUSH_HEADER_BYTES = 48;
export const PUSH_FRAME_BYTES = 8;

/** Kinds of batches that delete, and where one has the number of its rows: as of `batch`. */
const DELETING: ReadonlySet<number> = new Set([2, 4]);
const ROWS_AT = 4;
const MAGIC = encodeText('ELANUSPU');
const VERSION = 1;
const ALIGNMENT = 8;

export interface Push {
  /** 16 bytes. */
  readonly client: Uint8Array;
  /** Number and chain of the batch before the first. */
  readonly after: { readonly id: bigint; readonly chain: Uint8Array };
  readonly batches: readonly Uint8Array[];
}

/** Errors: `InvalidArgument` if it would be longer than a server takes. */
export function encodePush({ client, after, batches }: Push): Uint8Array<ArrayBuffer> {
  require(client.length === CLIENT_BYTES && after.chain.length === CHAIN_BYTES, () => 'push: a client has 16 bytes, a chain 8');
  require(batches.length >= 1 && batches.length <= PUSH_BATCHES_MAX, () => `push: expected 1 to ${PUSH_BATCHES_MAX} batches, found ${batches.length}`);
  const header = new Uint8Array(PUSH_HEADER_BYTES);
  const view = dataViewOf(header);
  header.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, batches.length, true);
  header.set(client, 16);
  view.setBigUint64(32, after.id, true);
  header.set(after.chain, 40);
  const parts = [header, ...batches.flatMap((batch) => [frameOf(batch), batch])];
  const sizeBytes = lengthOf(parts);
  requireSize(sizeBytes, batches.length, (why) => new ElanusError('InvalidArgument', `push: ${why}`));
  return concatBytes(parts);
}

function frameOf(batch: Uint8Array): Uint8Array {
  require(batch.length % ALIGNMENT === 0, () => `push: the length of a batch is a multiple of ${ALIGNMENT}, found ${batch.length}`);
  const frame = new Uint8Array(PUSH_FRAME_BYTES);
  dataViewOf(frame).setUint32(0, batch.length, true);
  dataViewOf(frame).setUint32(4, crc32c(batch), true);
  return frame;
}

function requireSize(sizeBytes: number, batches: number, refuse: (why: string) => ElanusError): void {
  const max = batches === 1 ? PUSH_ONE_BYTES_MAX : PUSH_BYTES_MAX;
  if (sizeBytes > max) throw refuse(`at most ${max} bytes with ${batches} batches, found ${sizeBytes}`);
}

/** The batches view `bytes`. Errors: `Corrupt`; `Unsupported` if it is of a newer version. */
export function decodePush(bytes: Uint8Array, where: string): Push {
  requireIntact(bytes.length >= PUSH_HEADER_BYTES && MAGIC.every((byte, at) => bytes[at] === byte), where, 'expected a push');
  const view = dataViewOf(bytes);
  const version = view.getUint32(8, true);
  if (version !== VERSION) throw new ElanusError('Unsupported', `${where}: push of version ${version}, expected ${VERSION}`, { file: where });
  const count = view.getUint32(12, true);
  requireIntact(count >= 1 && count <= PUSH_BATCHES_MAX, where, `expected 1 to ${PUSH_BATCHES_MAX} batches, found ${count}`);
  requireSize(bytes.length, count, (why) => new ElanusError('Corrupt', `${where}: ${why}`, { file: where }));
  const batches: Uint8Array[] = [];
  let at = PUSH_HEADER_BYTES;
  for (let number = 0; number < count; number++) {
    requireIntact(at + PUSH_FRAME_BYTES <= bytes.length, where, `batch ${number}: cut off`);
    const length = view.getUint32(at, true);
    const crc = view.getUint32(at + 4, true);
    at += PUSH_FRAME_BYTES;
    requireIntact(length % ALIGNMENT === 0 && length > 0 && length <= bytes.length - at, where, `batch ${number}: length ${length} of ${bytes.length - at} bytes that are left`);
    const batch = bytes.subarray(at, at + length);
    requireIntact(crc32c(batch) === crc, where, `batch ${number}: checksum does not match`);
    batches.push(batch);
    at += length;
  }
  requireIntact(at === bytes.length, where, `${bytes.length - at} bytes behind the last batch`);
  return { client: bytes.subarray(16, 32), after: { id: view.getBigUint64(32, true), chain: bytes.subarray(40, 48) }, batches };
}

/** Whether a batch of it says, in its header, that it deletes, and more than no row; it is not looked into further. */
export function hasDeletions({ batches }: Push): boolean {
  return batches.some((batch) => DELETING.has(batch[0] ?? 0) && dataViewOf(batch).getUint32(ROWS_AT, true) > 0);
}

/** The chain of a batch, from that of the one before. */
export async function chainOf(before: Uint8Array, batch: Uint8Array, sha256: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<Uint8Array> {
  return (await sha256(concatBytes([before, batch]))).slice(0, CHAIN_BYTES);
}
