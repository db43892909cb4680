// Line: one event of the audit log as a line of JSON. Each says the SHA-256 of the line before, so that none can be changed,
// taken away or moved without the next one showing it. A line has no rows, no filters, no secrets.

import { createHash } from 'node:crypto';

export interface AuditLine {
  /** 1, 2, 3 and so on, over all files. */
  readonly seq: number;
  /** UTC, ISO 8601 with milliseconds. */
  readonly time: string;
  /** SHA-256 of the bytes of the line before, less its line end; 64 zeros before the first. */
  readonly prev: string;
  /** Path of REST, name of a remote procedure, words of the command line, or of the log itself: `audit.…`. */
  readonly verb: string;
  readonly outcome: AuditOutcome;
  /** Absent if nobody logged in. */
  readonly user?: string;
  readonly from?: string;
  readonly privilege?: string;
  readonly database?: string;
  /** Of collections, users or roles, as the call named them. */
  readonly names?: readonly string[];
  /** Number of the error of a call that failed. */
  readonly code?: number;
  readonly reason?: string;
  /** How many of the same there were that have no line. */
  readonly unwritten?: number;
}

export type AuditOutcome = 'done' | 'failed' | 'refused';

export type AuditContent = Omit<AuditLine, 'seq' | 'time' | 'prev'>;

export const BEGINNING = '0'.repeat(64);
export const LINE_BYTES_MAX = 16_384;
const NAMES_MAX = 16;
const TEXT_LENGTH_MAX = 255;
const REASON_LENGTH_MAX = 500;
const OUTCOMES: readonly unknown[] = ['done', 'failed', 'refused'] satisfies AuditOutcome[];
const HASH = /^[0-9a-f]{64}$/;

const encoder = new TextEncoder();

/** Without the line end. */
export function encodeLine(seq: number, timeMs: number, prev: string, content: AuditContent): Uint8Array {
  const { verb, outcome, user, from, privilege, database, names, code, reason, unwritten } = content;
  const line: AuditLine = {
    seq,
    time: new Date(timeMs).toISOString(),
    prev,
    verb: cut(verb),
    outcome,
    ...(user === undefined ? {} : { user: cut(user) }),
    ...(from === undefined || from === '' ? {} : { from: cut(from) }),
    ...(privilege === undefined ? {} : { privilege }),
    ...(database === undefined ? {} : { database: cut(database) }),
    ...(names === undefined || names.length === 0 ? {} : { names: names.slice(0, NAMES_MAX).map((name) => cut(name)) }),
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason: cut(reason, REASON_LENGTH_MAX) }),
    ...(unwritten === undefined ? {} : { unwritten }),
  };
  return encoder.encode(JSON.stringify(line));
}

function cut(text: string, max = TEXT_LENGTH_MAX): string {
  return text.length <= max ? text : `${text.slice(0, max)}…`;
}

export function hashOf(line: Uint8Array): string {
  return createHash('sha256').update(line).digest('hex');
}

/** Undefined if it is none. */
export function parseLine(bytes: Uint8Array): AuditLine | undefined {
  if (bytes.length > LINE_BYTES_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value !== 'object' || value === null) return undefined;
    const { seq, time, prev, verb, outcome } = value as Readonly<Record<string, unknown>>;
    const fits = Number.isSafeInteger(seq) && (seq as number) >= 1 && typeof time === 'string' && typeof prev === 'string' && HASH.test(prev) && typeof verb === 'string' && OUTCOMES.includes(outcome);
    return fits ? (value as AuditLine) : undefined;
  } catch {
    return undefined;
  }
}
