// Log: a header, then one record a batch, each with its own checksum and the LSN that follows the one before.
// What a crash tears is at the end: reading stops at the last good record and says what it found behind it.

import { ElanusError, requireIntact } from '../model/errors.js';
import { concatBytes, dataViewOf, encodeText, paddingFor, sameBytes } from './bytes.js';
import { crc32c } from './crc.js';

export interface LogContent {
  /** Id of the collection; '' if even the header is torn. */
  readonly id: string;
  /** 0 if even the header is torn. */
  readonly firstLsn: bigint;
  /** Their payloads view the bytes that were read. */
  readonly records: readonly LogRecord[];
  /** Up to here the file is good: truncate to this before appending. */
  readonly goodBytes: number;
  /** What was found behind the good bytes; absent if nothing was. */
  readonly damage?: string;
}

export interface LogRecord {
  readonly lsn: bigint;
  readonly payload: Uint8Array;
}

export const LOG_HEADER_BYTES = 48;

const MAGIC = encodeText('ELANUSWL');
const VERSION = 1;
const RECORD_HEADER_BYTES = 16;
const ALIGNMENT = 8;
const ID_BYTES = 16;
const AT = { version: 8, id: 16, firstLsn: 32, crc: 44 } as const;

/** REQUIRES: isCollectionId(id). */
export function encodeLogHeader(id: string, firstLsn: bigint): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(LOG_HEADER_BYTES);
  const view = dataViewOf(header);
  header.set(MAGIC, 0);
  view.setUint32(AT.version, VERSION, true);
  header.set(encodeText(id), AT.id);
  view.setBigUint64(AT.firstLsn, firstLsn, true);
  view.setUint32(AT.crc, crc32c(header.subarray(0, AT.crc)), true);
  return header;
}

export function encodeLogRecord(lsn: bigint, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = concatBytes([new Uint8Array(RECORD_HEADER_BYTES), payload, new Uint8Array(paddingFor(payload.length, ALIGNMENT))]);
  const view = dataViewOf(record);
  view.setUint32(0, payload.length, true);
  view.setBigUint64(8, lsn, true);
  view.setUint32(4, crc32c(record.subarray(8, RECORD_HEADER_BYTES + payload.length)), true);
  return record;
}

/**
 * Every good record from the start on. A torn or damaged tail is no error. Nothing is appended before the header is
 * synced: a file that is shorter, or that is a torn header and no more, was cut off at its creation and holds nothing.
 * Errors: `Corrupt` if the header in front of anything is damaged; `Unsupported` if it is newer.
 */
export function readLog(bytes: Uint8Array, where: string): LogContent {
  if (bytes.length < LOG_HEADER_BYTES) return tornAtCreation(`${where}: expected a header of ${LOG_HEADER_BYTES} bytes, found ${bytes.length}`);
  if (bytes.length === LOG_HEADER_BYTES && !isSealed(bytes)) return tornAtCreation(`${where}: expected a header, its checksum does not match`);
  const { id, firstLsn } = readHeader(bytes, where);
  const records: LogRecord[] = [];
  let goodBytes = LOG_HEADER_BYTES;
  while (goodBytes < bytes.length) {
    const next = readRecord(bytes, goodBytes, firstLsn + BigInt(records.length));
    if (typeof next === 'string') {
      const damage = `${where}: record ${records.length} at ${goodBytes}: ${next}; ${bytes.length - goodBytes} bytes from there on are not used`;
      return { id, firstLsn, records, goodBytes, damage };
    }
    records.push(next.record);
    goodBytes = next.end;
  }
  return { id, firstLsn, records, goodBytes };
}

function tornAtCreation(damage: string): LogContent {
  return { id: '', firstLsn: 0n, records: [], goodBytes: 0, damage };
}

function isSealed(header: Uint8Array): boolean {
  return dataViewOf(header).getUint32(AT.crc, true) === crc32c(header.subarray(0, AT.crc));
}

function readHeader(bytes: Uint8Array, where: string): { id: string; firstLsn: bigint } {
  const view = dataViewOf(bytes);
  requireIntact(sameBytes(bytes.subarray(0, MAGIC.length), MAGIC), where, 'header: this is no log');
  requireIntact(isSealed(bytes), where, 'header: checksum does not match');
  const version = view.getUint32(AT.version, true);
  if (version > VERSION) throw new ElanusError('Unsupported', `${where}: log format version ${version} is newer than ${VERSION}, the newest that this release reads`, { file: where });
  const id = String.fromCharCode(...bytes.subarray(AT.id, AT.id + ID_BYTES));
  const firstLsn = view.getBigUint64(AT.firstLsn, true);
  requireIntact(sameBytes(bytes.subarray(0, LOG_HEADER_BYTES), encodeLogHeader(id, firstLsn)), where, 'header: not as version 1 writes it');
  return { id, firstLsn };
}

/** The record at `start`, or why there is no good one. */
function readRecord(bytes: Uint8Array, start: number, lsn: bigint): { record: LogRecord; end: number } | string {
  const view = dataViewOf(bytes);
  const payloadStart = start + RECORD_HEADER_BYTES;
  if (payloadStart > bytes.length) return `expected a record header of ${RECORD_HEADER_BYTES} bytes, found ${bytes.length - start}`;
  const length = view.getUint32(start, true);
  const end = payloadStart + length + paddingFor(length, ALIGNMENT);
  if (end > bytes.length) return `expected ${end - start} bytes, found ${bytes.length - start}`;
  const crc = crc32c(bytes.subarray(start + 8, payloadStart + length));
  if (crc !== view.getUint32(start + 4, true)) return 'checksum does not match';
  if (view.getBigUint64(start + 8, true) !== lsn) return `expected LSN ${lsn}, found ${view.getBigUint64(start + 8, true)}`;
  if (bytes.subarray(payloadStart + length, end).some((byte) => byte !== 0)) return 'expected zero padding';
  return { record: { lsn, payload: bytes.subarray(payloadStart, payloadStart + length) }, end };
}
