// PushState: what a server keeps of those who push to a collection: of each client its last batch, and which were refused, and
// of each deleted key when that was. Format: docs/format.md, section 4.

import { requireIntact } from '../model/errors.js';
import type { Field } from '../model/field.js';
import type { PrimaryKey } from '../model/row.js';
import type { Stamps } from './batch.js';
import { decodeBatchRefusal, encodeBatchRefusal, type BatchRefusal } from './batch-refusal.js';
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
  /** Batches that were refused, up to the last, of which it does not know; in order of their numbers. */
  readonly refused: readonly KnownRefusal[];
  /** Number of the last refused batch that it knows of; else 0. */
  readonly told: bigint;
}

export interface KnownRefusal extends BatchRefusal {
  /** Number of the batch. */
  readonly id: bigint;
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

/** Of one client. */
export const CLIENT_REFUSALS_MAX = 100;

const MAGIC = encodeText('ELANUSPS');
const VERSION = 2;
const HEADER_BYTES = 48;
const CLIENT_BYTES = 56;
/** Of a refusal, before what it says. */
const REFUSAL_BYTES = 16;
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
  view.setUint32(20, clients.reduce((sum, { refused }) => sum + refused.length, 0), true);
  view.setBigInt64(24, time, true);
  view.setBigInt64(32, floor, true);
  const column = encodeColumn(keys instanceof BigInt64Array ? { type: 'Int64', values: keys } : { type: 'VarChar', values: keys });
  view.setUint32(40, column.length, true);
  view.setUint32(44, key.type === 'Int64' ? 1 : 0, true);
  const times = [stamps.times, stamps.clients].map((values) => encodeColumn({ type: 'Int64', values }));
  const content = concatBytes([header, ...clients.map(encodeClient), ...times, column, ...clients.flatMap(encodeRefusals)]);
  return concatBytes([content, new Uint8Array(Uint32Array.of(crc32c(content)).buffer)]);
}

function encodeClient({ client, subject, id, chain, seenMs, told }: ClientState): Uint8Array {
  const bytes = new Uint8Array(CLIENT_BYTES);
  const view = dataViewOf(bytes);
  bytes.set(client);
  bytes.set(subject, 16);
  view.setBigUint64(24, id, true);
  bytes.set(chain, 32);
  view.setBigUint64(40, BigInt(Math.floor(seenMs)), true);
  view.setBigUint64(48, told, true);
  return bytes;
}

function encodeRefusals({ refused }: ClientState, client: number): readonly Uint8Array[] {
  return refused.flatMap(({ id, ...refusal }) => {
    const bytes = new Uint8Array(REFUSAL_BYTES);
    dataViewOf(bytes).setUint32(0, client, true);
    dataViewOf(bytes).setBigUint64(8, id, true);
    return [bytes, encodeBatchRefusal(refusal)];
  });
}

/** Errors: `Corrupt`, naming `where`. */
export function decodePushState(bytes: Uint8Array, key: Field, where: string): PushState {
  requireIntact(bytes.length >= HEADER_BYTES + CRC_BYTES && MAGIC.every((byte, at) => bytes[at] === byte), where, 'expected the state of pushes');
  const content = bytes.subarray(0, bytes.length - CRC_BYTES);
  const view = dataViewOf(bytes);
  requireIntact(view.getUint32(content.length, true) === crc32c(content), where, 'checksum does not match');
  requireIntact(view.getUint32(8, true) === VERSION, where, `expected version ${VERSION}, found ${view.getUint32(8, true)}`);
  const [clients, rows, refusals, keyBytes] = [12, 16, 20, 40].map((at) => view.getUint32(at, true)) as [number, number, number, number];
  requireIntact(view.getUint32(44, true) === (key.type === 'Int64' ? 1 : 0), where, `expected keys of type ${key.type}`);
  const times = HEADER_BYTES + clients * CLIENT_BYTES;
  const keysAt = times + 2 * 8 * rows;
  requireIntact(keysAt + keyBytes <= content.length, where, `expected ${keysAt + keyBytes} bytes and more, found ${content.length}`);
  const column = (from: number, length: number, field: Field): BigInt64Array | readonly string[] => {
    const read = decodeColumn(content.subarray(from, from + length), field, rows, false, where);
    return columnOf({ rows, byName: new Map([[field.name, read]]) }, field).values as BigInt64Array | readonly string[];
  };
  return {
    time: view.getBigInt64(24, true),
    floor: view.getBigInt64(32, true),
    clients: decodeClients(bytes.subarray(HEADER_BYTES, times), decodeRefusals(content.subarray(keysAt + keyBytes), refusals, where), where),
    keys: column(keysAt, keyBytes, { ...key, name: KEYS }),
    stamps: { times: column(times, 8 * rows, TIMES) as BigInt64Array, clients: column(times + 8 * rows, 8 * rows, TIMES) as BigInt64Array },
  };
}

function decodeClients(bytes: Uint8Array, refusals: ReadonlyMap<number, readonly KnownRefusal[]>, where: string): readonly ClientState[] {
  const view = dataViewOf(bytes);
  const count = bytes.length / CLIENT_BYTES;
  const clients = Array.from({ length: count }, (_, at): ClientState => {
    const first = at * CLIENT_BYTES;
    const [id, seenMs, told] = [24, 40, 48].map((place) => view.getBigUint64(first + place, true)) as [bigint, bigint, bigint];
    requireIntact(seenMs <= BigInt(Number.MAX_SAFE_INTEGER), where, `client ${at}: expected a time, found ${seenMs}`);
    const refused = refusals.get(at) ?? [];
    const ids = [told, ...refused.map((one) => one.id)];
    requireIntact(refused.length <= CLIENT_REFUSALS_MAX && ids.every((one, place) => one <= id && (place === 0 || one > (ids[place - 1] as bigint))), where, `client ${at}: expected at most ${CLIENT_REFUSALS_MAX} refusals in order`);
    return { client: bytes.slice(first, first + 16), subject: bytes.slice(first + 16, first + 24), id, chain: bytes.slice(first + 32, first + 40), seenMs: Number(seenMs), refused, told };
  });
  clients.forEach(({ client }, at) => {
    const before = clients[at - 1];
    requireIntact(before === undefined || hexOf(before.client) < hexOf(client), where, `client ${at}: out of order, or twice`);
  });
  requireIntact([...refusals.keys()].every((at) => at < count), where, `expected refusals of ${count} clients`);
  return clients;
}

/** By the place of the client. */
function decodeRefusals(bytes: Uint8Array, count: number, where: string): ReadonlyMap<number, readonly KnownRefusal[]> {
  const view = dataViewOf(bytes);
  const found = new Map<number, KnownRefusal[]>();
  let [at, last] = [0, 0];
  for (let number = 0; number < count; number++) {
    requireIntact(at + REFUSAL_BYTES <= bytes.length, where, `refusal ${number}: cut off`);
    const client = view.getUint32(at, true);
    requireIntact(client >= last && view.getUint32(at + 4, true) === 0, where, `refusal ${number}: out of order`);
    const { sizeBytes, ...refusal } = decodeBatchRefusal(bytes.subarray(at + REFUSAL_BYTES), where);
    found.set(client, [...(found.get(client) ?? []), { id: view.getBigUint64(at + 8, true), ...refusal }]);
    last = client;
    at += REFUSAL_BYTES + sizeBytes;
  }
  requireIntact(at === bytes.length, where, `${bytes.length - at} bytes behind the last refusal`);
  return found;
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
