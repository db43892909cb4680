// OutboxState: how far a copy's own writes have come on their way to the server. Format: docs/format.md, "Replication".

import { requireIntact } from '../model/errors.js';
import { sameBytes } from './bytes.js';
import { arrayAt, integerAt, objectAt, stringAt } from './checks.js';
import { decodeEnvelope, encodeEnvelope, type JsonObject } from './envelope.js';

/** A batch that the server did not take. */
export interface RefusedWrite {
  readonly lsn: bigint;
  /** Of an `ElanusError`. */
  readonly code: string;
  readonly message: string;
}

export interface OutboxState {
  readonly version: number;
  /** Whom the server knows the copy as: 32 hexadecimal digits. */
  readonly client: string;
  /** The batch behind this LSN is number 1 of that client. */
  readonly base: bigint;
  /** LSN of the last batch that the server has; at least `base`. */
  readonly sent: bigint;
  /** Its chain, 16 hexadecimal digits; zeros at `base`. */
  readonly chain: string;
  /** Up to here all batches are in the pulled segments, or were refused. */
  readonly confirmed: bigint;
  /** Of batches behind `confirmed`, ascending: which are in the segments of manifests from which LSN on. */
  readonly marks: readonly { readonly lsn: bigint; readonly at: bigint }[];
  /** In order of the LSN. */
  readonly refused: readonly RefusedWrite[];
  /** LSNs behind `confirmed` that are passed over although they are not on that list any more. */
  readonly skipped: readonly bigint[];
  /** The greatest time of a stamp that was seen. */
  readonly time: bigint;
}

export const MARKS_MAX = 64;
export const REFUSED_MAX = 1000;
export const SKIPPED_MAX = 10_000;
const BYTES_MAX = 4 * 1024 * 1024;
const TEXT_MAX = 1000;
const NUMBER = /^(?:0|[1-9][0-9]{0,19})$/;

export function encodeOutboxState(state: OutboxState): Uint8Array<ArrayBuffer> {
  const { version, client, base, sent, chain, confirmed, marks, refused, skipped, time } = state;
  const object: JsonObject = {
    version,
    client,
    base: `${base}`,
    sent: `${sent}`,
    chain,
    confirmed: `${confirmed}`,
    marks: marks.map(({ lsn, at }) => ({ lsn: `${lsn}`, at: `${at}` })),
    refused: refused.map(({ lsn, code, message }) => ({ lsn: `${lsn}`, code, message: message.slice(0, TEXT_MAX) })),
    skipped: skipped.map(String),
    time: `${time}`,
  };
  return encodeEnvelope(object, BYTES_MAX, 'outbox');
}

/** Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer format. */
export function decodeOutboxState(bytes: Uint8Array, where: string): OutboxState {
  const object = decodeEnvelope(bytes, BYTES_MAX, where);
  const marks = arrayAt(object['marks'], MARKS_MAX, where, 'marks').map((given, i) => {
    const mark = objectAt(given, where, `marks[${i}]`);
    return { lsn: numberAt(mark['lsn'], where, `marks[${i}].lsn`), at: numberAt(mark['at'], where, `marks[${i}].at`) };
  });
  const refused = arrayAt(object['refused'], REFUSED_MAX, where, 'refused').map((given, i) => {
    const one = objectAt(given, where, `refused[${i}]`);
    return { lsn: numberAt(one['lsn'], where, `refused[${i}].lsn`), code: stringAt(one['code'], where, `refused[${i}].code`), message: stringAt(one['message'], where, `refused[${i}].message`) };
  });
  const skipped = arrayAt(object['skipped'], SKIPPED_MAX, where, 'skipped').map((lsn, i) => numberAt(lsn, where, `skipped[${i}]`));
  const [client, chain] = [stringAt(object['client'], where, 'client'), stringAt(object['chain'], where, 'chain')];
  requireIntact(/^[0-9a-f]{32}$/.test(client) && /^[0-9a-f]{16}$/.test(chain), where, 'expected 32 hexadecimal digits of a client and 16 of a chain');
  const [base, sent, confirmed, time] = ['base', 'sent', 'confirmed', 'time'].map((name) => numberAt(object[name], where, name)) as [bigint, bigint, bigint, bigint];
  requireIntact(base <= sent, where, `expected base ${base} not above sent ${sent}`);
  const state: OutboxState = { version: integerAt(object['version'], 1, Number.MAX_SAFE_INTEGER, where, 'version'), client, base, sent, chain, confirmed, marks, refused, skipped, time };
  requireIntact(sameBytes(encodeOutboxState(state), bytes), where, 'expected canonical JSON without other members');
  return state;
}

function numberAt(value: unknown, where: string, place: string): bigint {
  requireIntact(typeof value === 'string' && NUMBER.test(value), where, `${place}: expected a decimal string`);
  return BigInt(value);
}
