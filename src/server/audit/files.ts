// Files: where the two parts of the audit log are in a storage (docs/format.md, 15): lines in files named by their first number, and
// beside them the head: the number and the hash of a line that was durable, so that lines cut off at the end are missed.

import { decodeText } from '../../format/bytes.js';
import type { ReadStorage } from '../../ports/storage.js';

export type AuditSource = Pick<ReadStorage, 'list' | 'read'>;

/** What was done, and what was refused: each is a chain of its own, so that however much is refused takes away no line of a change. */
export const AUDIT_PARTS = ['audit', 'refusals'] as const;
export type AuditPart = (typeof AUDIT_PARTS)[number];

const LINES = /^[a-z]+\/(\d{20})\.jsonl$/;
const HEAD = /^[a-z]+\/head-(\d{20})\.json$/;
const HEAD_BYTES_MAX = 1_024;

const digits = (number: number): string => String(number).padStart(20, '0');
export const linesKey = (part: AuditPart, firstSeq: number): string => `${part}/${digits(firstSeq)}.jsonl`;
export const headKey = (part: AuditPart, seq: number): string => `${part}/head-${digits(seq)}.json`;

export interface Head {
  /** 0: no line yet. */
  readonly seq: number;
  readonly hash: string;
}

export interface AuditFiles {
  /** Keys, by the number of their first line, in its order. */
  readonly lines: readonly { readonly key: string; readonly firstSeq: number }[];
  /** Keys of heads, the newest first. */
  readonly heads: readonly string[];
}

export async function auditFiles(source: AuditSource, part: AuditPart): Promise<AuditFiles> {
  const keys = await source.list(`${part}/`);
  const lines = keys.flatMap((key) => {
    const found = LINES.exec(key)?.[1];
    return found === undefined ? [] : [{ key, firstSeq: Number(found) }];
  });
  return { lines: lines.sort((a, b) => a.firstSeq - b.firstSeq), heads: keys.filter((key) => HEAD.test(key)).sort().reverse() };
}

export function encodeHead({ seq, hash }: Head): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify({ seq, hash })}\n`);
}

/** Undefined if it is damaged. */
export async function readHead(source: AuditSource, key: string): Promise<Head | undefined> {
  const bytes = await source.read(key);
  if (bytes.length > HEAD_BYTES_MAX) return undefined;
  try {
    const { seq, hash } = JSON.parse(decodeText(bytes, key, 'JSON')) as Partial<Head>;
    const named = Number(HEAD.exec(key)?.[1]);
    return seq === named && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) ? { seq, hash } : undefined;
  } catch {
    return undefined;
  }
}
