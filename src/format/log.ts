// Log: a header, then one record a batch. A record says its LSN, and below which LSN everything was durable when it was
// appended; a clean close appends an end mark. So a reader tells what a crash tore, which nobody was promised, from
// damage to what was durable, and a log that ended from one that was cut.

import { ElanusError, requireIntact } from '../model/errors.js';
import { dataViewOf, encodeText, lengthOf, sameBytes } from './bytes.js';
import { crc32c } from './crc.js';

/** Consecutive LSNs. */
export interface LsnRange {
  readonly first: bigint;
  /** At least 1. */
  readonly count: bigint;
}

export interface LogRecord {
  readonly lsn: bigint;
  readonly payload: Uint8Array;
}

export interface LogContent {
  /** Id of the collection; '' if even the header is torn. */
  readonly id: string;
  /** 0 if even the header is torn. */
  readonly firstLsn: bigint;
  /** What the checks of records start from; 0 if even the header is torn. */
  readonly seed: number;
  /** Intact batches in order of LSN, without those of `lost`. Their payloads view the bytes that were read. */
  readonly records: readonly LogRecord[];
  /** Batches that were durable and are damaged or missing, in order. */
  readonly lost: readonly LsnRange[];
  /** LSN behind the last of `records` and `lost`. */
  readonly nextLsn: bigint;
  /** Up to here the file is read: of a log without `lost`, truncate to this before appending. */
  readonly goodBytes: number;
  /** True if an end mark is the last of it, and nothing is behind it. */
  readonly ended: boolean;
  /** Batches that can be made out behind the good bytes, whole or not: what a crash tore. */
  readonly tornBatches: number;
  /** What was found behind the good bytes; absent if nothing was. */
  readonly damage?: string;
}

export const LOG_HEADER_BYTES = 48;
export const RECORD_HEADER_BYTES = 32;
/** An end mark is the header of a record that has no payload. */
export const END_MARK_BYTES = RECORD_HEADER_BYTES;

const MAGIC = encodeText('ELANUSWL');
const VERSION = 1;
const ALIGNMENT = 8;
const ID_BYTES = 16;
const AT = { version: 8, id: 16, firstLsn: 32, seed: 40, crc: 44 } as const;
const IN_RECORD = { length: 0, payloadCrc: 4, lsn: 8, durableLsn: 16, kind: 24, crc: 28 } as const;
const KIND = { batch: 1, end: 2 } as const;
const RECORD_BYTES_MIN = RECORD_HEADER_BYTES + ALIGNMENT;

/** `seed`: 32 random bits, so that nothing that is stored in a batch can pass for a record. REQUIRES: isCollectionId(id). */
export function encodeLogHeader(id: string, firstLsn: bigint, seed: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(LOG_HEADER_BYTES);
  const view = dataViewOf(header);
  header.set(MAGIC, 0);
  view.setUint32(AT.version, VERSION, true);
  header.set(encodeText(id), AT.id);
  view.setBigUint64(AT.firstLsn, firstLsn, true);
  view.setUint32(AT.seed, seed, true);
  view.setUint32(AT.crc, crc32c(header.subarray(0, AT.crc)), true);
  return header;
}

/** What goes in front of a payload, given in its parts. REQUIRES: a payload whose length is a multiple of 8 and not 0. */
export function encodeRecordHeader(seed: number, lsn: bigint, durableLsn: bigint, ...payload: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let payloadCrc = 0;
  for (const part of payload) payloadCrc = crc32c(part, payloadCrc);
  return encodeMark(seed, { kind: KIND.batch, lsn, durableLsn, length: lengthOf(payload), payloadCrc });
}

/** What a clean close appends, when everything below `nextLsn` is durable. */
export function encodeEndMark(seed: number, nextLsn: bigint): Uint8Array<ArrayBuffer> {
  return encodeMark(seed, { kind: KIND.end, lsn: nextLsn, durableLsn: nextLsn, length: 0, payloadCrc: 0 });
}

interface Mark {
  readonly kind: number;
  readonly lsn: bigint;
  readonly durableLsn: bigint;
  readonly length: number;
  readonly payloadCrc: number;
}

function encodeMark(seed: number, { kind, lsn, durableLsn, length, payloadCrc }: Mark): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(RECORD_HEADER_BYTES);
  const view = dataViewOf(header);
  view.setUint32(IN_RECORD.length, length, true);
  view.setUint32(IN_RECORD.payloadCrc, payloadCrc, true);
  view.setBigUint64(IN_RECORD.lsn, lsn, true);
  view.setBigUint64(IN_RECORD.durableLsn, durableLsn, true);
  view.setUint32(IN_RECORD.kind, kind, true);
  view.setUint32(IN_RECORD.crc, crc32c(header.subarray(0, IN_RECORD.crc), seed), true);
  return header;
}

/**
 * What a log holds. A torn tail is no error, and damage to durable batches is told by `lost`. `durableLsn`: below it
 * everything is known to have been durable, as the log that followed says. Nothing is appended before the header is
 * synced: a file that is shorter, or that is a torn header and no more, was cut off at its creation and holds nothing.
 * Errors: `Corrupt` if the header in front of anything is damaged; `Unsupported` if it is newer.
 */
export function readLog(bytes: Uint8Array, where: string, durableLsn = 0n): LogContent {
  if (bytes.length < LOG_HEADER_BYTES) return tornAtCreation(`expected a header of ${LOG_HEADER_BYTES} bytes, found ${bytes.length}`);
  if (bytes.length === LOG_HEADER_BYTES && !isSealed(bytes)) return tornAtCreation('expected a header, its checksum does not match');
  const header = readHeader(bytes, where);
  return { ...header, ...judge(findRecords(bytes, header), header.firstLsn, durableLsn, bytes) };
}

/** The first LSN in the header of a log; undefined if it is no sound header. `bytes`: the first LOG_HEADER_BYTES. */
export function firstLsnIn(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== LOG_HEADER_BYTES || !isSealed(bytes) || !sameBytes(bytes.subarray(0, MAGIC.length), MAGIC)) return undefined;
  return dataViewOf(bytes).getBigUint64(AT.firstLsn, true);
}

function tornAtCreation(damage: string): LogContent {
  return { id: '', firstLsn: 0n, seed: 0, records: [], lost: [], nextLsn: 0n, goodBytes: 0, ended: false, tornBatches: 0, damage };
}

function isSealed(header: Uint8Array): boolean {
  return dataViewOf(header).getUint32(AT.crc, true) === crc32c(header.subarray(0, AT.crc));
}

interface Header {
  readonly id: string;
  readonly firstLsn: bigint;
  readonly seed: number;
}

function readHeader(bytes: Uint8Array, where: string): Header {
  const view = dataViewOf(bytes);
  requireIntact(sameBytes(bytes.subarray(0, MAGIC.length), MAGIC), where, 'header: this is no log');
  requireIntact(isSealed(bytes.subarray(0, LOG_HEADER_BYTES)), where, 'header: checksum does not match');
  const version = view.getUint32(AT.version, true);
  if (version > VERSION) throw new ElanusError('Unsupported', `${where}: log format version ${version} is newer than ${VERSION}, the newest that this release reads`, { file: where });
  const id = String.fromCharCode(...bytes.subarray(AT.id, AT.id + ID_BYTES));
  const firstLsn = view.getBigUint64(AT.firstLsn, true);
  const seed = view.getUint32(AT.seed, true);
  requireIntact(sameBytes(bytes.subarray(0, LOG_HEADER_BYTES), encodeLogHeader(id, firstLsn, seed)), where, 'header: not as version 1 writes it');
  return { id, firstLsn, seed };
}

/** A record whose header is intact. */
interface Found extends Mark {
  readonly start: number;
  /** May be beyond the file. */
  readonly end: number;
  readonly payload: Uint8Array;
  readonly isWhole: boolean;
}

/** Every record with an intact header, in order of place: each is looked for behind the one before, then at every multiple of 8. */
function findRecords(bytes: Uint8Array, header: Header): readonly Found[] {
  const view = dataViewOf(bytes);
  const found: Found[] = [];
  let at = LOG_HEADER_BYTES;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const record = recordAt(bytes, view, at, header);
    if (record !== undefined) found.push(record);
    at = record?.end ?? at + ALIGNMENT;
  }
  return found;
}

function recordAt(bytes: Uint8Array, view: DataView, start: number, { seed, firstLsn }: Header): Found | undefined {
  const kind = view.getUint32(start + IN_RECORD.kind, true);
  const length = view.getUint32(start + IN_RECORD.length, true);
  const isShaped = (kind === KIND.batch && length > 0 && length % ALIGNMENT === 0) || (kind === KIND.end && length === 0);
  if (!isShaped) return undefined;
  const crc = crc32c(bytes.subarray(start, start + IN_RECORD.crc), seed);
  if (crc !== view.getUint32(start + IN_RECORD.crc, true)) return undefined;
  const lsn = view.getBigUint64(start + IN_RECORD.lsn, true);
  const durableLsn = view.getBigUint64(start + IN_RECORD.durableLsn, true);
  // No log has more batches than there is room for.
  const lsnMax = firstLsn + BigInt(Math.floor((start - LOG_HEADER_BYTES) / RECORD_BYTES_MIN));
  if (lsn < firstLsn || lsn > lsnMax || durableLsn > lsn) return undefined;
  const payloadCrc = view.getUint32(start + IN_RECORD.payloadCrc, true);
  const end = start + RECORD_HEADER_BYTES + length;
  const payload = bytes.subarray(start + RECORD_HEADER_BYTES, end);
  const isWhole = payload.length === length && crc32c(payload) === payloadCrc;
  return { kind, lsn, durableLsn, length, payloadCrc, start, end, payload, isWhole };
}

type Judged = Omit<LogContent, 'id' | 'firstLsn' | 'seed'>;

/** What is good, what was durable and is lost, and from where on the rest was torn. */
function judge(found: readonly Found[], firstLsn: bigint, durableElsewhere: bigint, bytes: Uint8Array): Judged {
  const durableFrom = suffixMax(found, durableElsewhere);
  const records: LogRecord[] = [];
  const lost: LsnRange[] = [];
  let nextLsn = firstLsn;
  let goodBytes = LOG_HEADER_BYTES;
  let ended = false;
  let torn = found.length;
  const loseTo = (end: bigint): void => {
    if (end <= nextLsn) return;
    lost.push({ first: nextLsn, count: end - nextLsn });
    nextLsn = end;
  };
  for (const [at, record] of found.entries()) {
    const durable = durableFrom[at] as bigint;
    const isBehindLoss = record.lsn > nextLsn && record.lsn <= durable;
    if (isBehindLoss) loseTo(record.lsn);
    const isNext = record.lsn === nextLsn && (isBehindLoss || record.start === goodBytes);
    if (!isNext || (!record.isWhole && record.lsn >= durable)) {
      torn = at;
      break;
    }
    goodBytes = Math.min(record.end, bytes.length);
    ended = record.kind === KIND.end;
    if (!record.isWhole) loseTo(nextLsn + 1n);
    if (!record.isWhole || ended) continue;
    records.push({ lsn: record.lsn, payload: record.payload });
    nextLsn++;
  }
  loseTo(durableFrom[torn] as bigint);
  ended &&= goodBytes === bytes.length;
  const tornBatches = found.slice(torn).filter(({ kind, lsn }) => kind === KIND.batch && lsn >= nextLsn).length;
  const rest = bytes.length - goodBytes;
  const damage = rest === 0 ? {} : { damage: `record ${records.length} at ${goodBytes}: expected batch ${nextLsn}, found ${describe(found[torn], goodBytes)}; ${rest} bytes from there on are not used` };
  return { records, lost: joined(lost), nextLsn, goodBytes, ended, tornBatches, ...damage };
}

/** For each record, and for the end, the highest durable LSN that is told from there on. */
function suffixMax(found: readonly Found[], durableElsewhere: bigint): readonly bigint[] {
  const result = new Array<bigint>(found.length + 1).fill(durableElsewhere);
  for (let at = found.length - 1; at >= 0; at--) {
    const [own, later] = [(found[at] as Found).durableLsn, result[at + 1] as bigint];
    result[at] = own > later ? own : later;
  }
  return result;
}

function describe(record: Found | undefined, at: number): string {
  if (record === undefined) return 'no record';
  const what = record.kind === KIND.end ? `an end mark for ${record.lsn}` : `batch ${record.lsn}, ${record.isWhole ? 'whole' : 'not whole'}`;
  return record.start === at ? what : `${what}, at ${record.start}`;
}

function joined(ranges: readonly LsnRange[]): readonly LsnRange[] {
  const result: LsnRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last !== undefined && last.first + last.count === range.first) result[result.length - 1] = { first: last.first, count: last.count + range.count };
    else result.push(range);
  }
  return result;
}
