// PushState: what a server keeps of those who push to a collection: of each client its last batch, and of each deleted key
// when that was. Format: docs/format.md, section 4.

import { requireIntact } from '../model/errors.js';
import type { Field } from '../model/field.js';
import type { PrimaryKey } from '../model/row.js';
import type { Stamps } from './batch.js';
import { concatBytes, dataViewOf, encodeText, hexOf } from './bytes.js';
import { columnOf, decodeColumn, encodeColumn } from './column-bytes.js';
import { crc32c } from './crc.js';

export interface ClientState {
  /** 16 bytes. */
  readonly client: Uint8Array;
  /** 8 bytes: of the SHA-256 of whom it is bound to. */
  readonly subject: Uint8Array;
  /** Number of its last batch. */
  readonly id: bigint;
  /** 8 bytes: chain of that batch. */
  readonly chain: Uint8Array;
  /** When it was last heard of. */
  readonly seenMs: number;
}

export interface PushState {
  /** The greatest stamp that was seen. */
  readonly time: bigint;
  /** All rows were removed at that time: what is not later changes nothing. */
  readonly floor: bigint;
  /** In order of their numbers. */
  readonly clients: readonly ClientState[];
  /** Keys that were deleted, and when. */
  readonly keys: BigInt64Array | readonly string[];
  readonly stamps: Stamps;
}

export const CLIENTS_MAX = 1_000_000;
export const TOMBSTONES_MAX = 10_000_000;

const MAGIC = encodeText('ELANUSPS');
const VERSION = 1;
const HEADER_BYTES = 48;
const CLIENT_BYTES = 48;
const CRC_BYTES = 4;
const TIMES: Field = { name: 'times', type: 'Int64' };
const KEYS = 'keys';

/** `key`: the primary key's field. */
export function encodePushState({ time, floor, clients, keys, stamps }: PushState, key: Field): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_BYTES);
  const view = dataViewOf(header);
  header.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, clients.length, true);
  view.setUint32(16, keys.length, true);
  view.setBigInt64(24, time, true);
  view.setBigInt64(32, floor, true);
  const column = encodeColumn(keys instanceof BigInt64Array ? { type: 'Int64', values: keys } : { type: 'VarChar', values: keys });
  view.setUint32(40, column.length, true);
  view.setUint32(44, key.type === 'Int64' ? 1 : 0, true);
  const times = [stamps.times, stamps.clients].map((values) => encodeColumn({ type: 'Int64', values }));
  const content = concatBytes([header, ...clients.map(encodeClient), ...times, column]);
  return concatBytes([content, new Uint8Array(Uint32Array.of(crc32c(content)).buffer)]);
}

function encodeClient({ client, subject, id, chain, seenMs }: ClientState): Uint8Array {
  const bytes = new Uint8Array(CLIENT_BYTES);
  const view = dataViewOf(bytes);
  bytes.set(client);
  bytes.set(subject, 16);
  view.setBigUint64(24, id, true);
  bytes.set(chain, 32);
  view.setBigUint64(40, BigInt(Math.floor(seenMs)), true);
  return bytes;
}

/** Errors: `Corrupt`, naming `where`. */
export function decodePushState(bytes: Uint8Array, key: Field, where: string): PushState {
  requireIntact(bytes.length >= HEADER_BYTES + CRC_BYTES && MAGIC.every((byte, at) => bytes[at] === byte), where, 'expected the state of pushes');
  const content = bytes.subarray(0, bytes.length - CRC_BYTES);
  const view = dataViewOf(bytes);
  requireIntact(view.getUint32(content.length, true) === crc32c(content), where, 'checksum does not match');
  requireIntact(view.getUint32(8, true) === VERSION, where, `expected version ${VERSION}, found ${view.getUint32(8, true)}`);
  const [clients, rows, keyBytes] = [12, 16, 40].map((at) => view.getUint32(at, true)) as [number, number, number];
  requireIntact(clients <= CLIENTS_MAX && rows <= TOMBSTONES_MAX, where, `at most ${CLIENTS_MAX} clients and ${TOMBSTONES_MAX} keys, found ${clients} and ${rows}`);
  requireIntact(view.getUint32(44, true) === (key.type === 'Int64' ? 1 : 0) && view.getUint32(20, true) === 0, where, `expected keys of type ${key.type}`);
  const times = HEADER_BYTES + clients * CLIENT_BYTES;
  const keysAt = times + 2 * 8 * rows;
  requireIntact(keysAt + keyBytes === content.length, where, `expected ${keysAt + keyBytes} bytes, found ${content.length}`);
  const column = (from: number, length: number, field: Field): BigInt64Array | readonly string[] => {
    const read = decodeColumn(content.subarray(from, from + length), field, rows, false, where);
    return columnOf({ rows, byName: new Map([[field.name, read]]) }, field).values as BigInt64Array | readonly string[];
  };
  return {
    time: view.getBigInt64(24, true),
    floor: view.getBigInt64(32, true),
    clients: decodeClients(bytes.subarray(HEADER_BYTES, times), where),
    keys: column(keysAt, keyBytes, { ...key, name: KEYS }),
    stamps: { times: column(times, 8 * rows, TIMES) as BigInt64Array, clients: column(times + 8 * rows, 8 * rows, TIMES) as BigInt64Array },
  };
}

function decodeClients(bytes: Uint8Array, where: string): readonly ClientState[] {
  const view = dataViewOf(bytes);
  const clients = Array.from({ length: bytes.length / CLIENT_BYTES }, (_, at): ClientState => {
    const first = at * CLIENT_BYTES;
    const seenMs = view.getBigUint64(first + 40, true);
    requireIntact(seenMs <= BigInt(Number.MAX_SAFE_INTEGER), where, `client ${at}: expected a time, found ${seenMs}`);
    return { client: bytes.slice(first, first + 16), subject: bytes.slice(first + 16, first + 24), id: view.getBigUint64(first + 24, true), chain: bytes.slice(first + 32, first + 40), seenMs: Number(seenMs) };
  });
  clients.forEach(({ client }, at) => {
    const before = clients[at - 1];
    requireIntact(before === undefined || hexOf(before.client) < hexOf(client), where, `client ${at}: out of order, or twice`);
  });
  return clients;
}

/** The keys and their stamps as `PushState` has them, in order of the keys. */
export function sortedTombstones(of: ReadonlyMap<PrimaryKey, { readonly time: bigint; readonly client: bigint }>, key: Field): Pick<PushState, 'keys' | 'stamps'> {
  const sorted = [...of].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const keys = sorted.map(([value]) => value);
  return {
    keys: key.type === 'Int64' ? BigInt64Array.from(keys as readonly bigint[]) : (keys as readonly string[]),
    stamps: { times: BigInt64Array.from(sorted, ([, { time }]) => time), clients: BigInt64Array.from(sorted, ([, { client }]) => client) },
  };
}
