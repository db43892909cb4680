// Chain: reading a part of the audit log from its first line to its last, and the first place where it is not what it was written as.

import { auditFiles, readHead, type AuditPart, type AuditSource, type Head } from './files.js';
import { BEGINNING, hashOf, parseLine, type AuditLine } from './line.js';

export interface AuditProblem {
  readonly file: string;
  /** In the file, from 1; absent of what is about a whole file. */
  readonly line?: number;
  readonly what: string;
}

export interface ChainReport {
  /** The first that is wrong. */
  readonly problem?: AuditProblem;
  /** Bytes at the end that are no whole line: a crash in the middle of a write leaves them, and so does a write under way. */
  readonly tornBytes: number;
  readonly firstSeq: number;
  readonly last: Head;
  readonly lines: number;
}

export interface ChainOptions {
  /** Default: what was done. */
  readonly part?: AuditPart;
  readonly onLine?: (line: AuditLine) => void;
  /** A line that somebody wrote down elsewhere, to be found as it was. */
  readonly expect?: Head;
}

interface Progress {
  seq: number;
  hash: string;
  lines: number;
  firstSeq: number;
  /** Up to which lines were removed for their age, as lines say. */
  readonly prunedSeqs: Set<number>;
  /** Lines up to this one were durable. */
  readonly headSeq: number;
  tornBytes: number;
}

const LINE_END = 0x0a;

/** Errors: those of the storage. */
export async function readChain(source: AuditSource, { part = 'audit', onLine, expect }: ChainOptions = {}): Promise<ChainReport> {
  // The head first: what is written meanwhile can only make the lines more.
  const { heads } = await auditFiles(source, part);
  const head = heads[0] === undefined ? undefined : await readHead(source, heads[0]);
  const { lines: files } = await auditFiles(source, part);
  const at: Progress = { seq: 0, hash: BEGINNING, lines: 0, firstSeq: 0, prunedSeqs: new Set(), headSeq: head?.seq ?? 0, tornBytes: 0 };
  const wanted = new Map([head, expect].flatMap((one) => (one === undefined ? [] : [[one.seq, one.hash]])));
  const check = (line: AuditLine, hash: string): string | undefined => {
    onLine?.(line);
    if (line.verb === 'audit.pruned' && line.names?.[0] !== undefined) at.prunedSeqs.add(Number(line.names[0]));
    const expected = wanted.get(line.seq);
    return expected === undefined || expected === hash ? undefined : 'is not the line that was noted under its number';
  };
  let problem: AuditProblem | undefined;
  for (const [i, file] of files.entries()) {
    problem = readLines(await source.read(file.key), file, i === files.length - 1, at, check);
    if (problem !== undefined) break;
  }
  const last: Head = { seq: at.seq, hash: at.hash };
  problem ??= endProblem(at, files.length > 0, head, heads[0] ?? `${part}/head`, heads.length > 0, expect);
  return { ...(problem === undefined ? {} : { problem }), tornBytes: at.tornBytes, firstSeq: at.firstSeq, last, lines: at.lines };
}

function readLines(bytes: Uint8Array, { key, firstSeq }: { readonly key: string; readonly firstSeq: number }, isLast: boolean, at: Progress, check: (line: AuditLine, hash: string) => string | undefined): AuditProblem | undefined {
  let number = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_END, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    // Behind the head a crash may have left anything.
    if (isLast && at.seq >= at.headSeq && (end < 0 || parseLine(line) === undefined)) {
      at.tornBytes = bytes.length - start;
      return undefined;
    }
    number++;
    if (end < 0) return { file: key, line: number, what: 'is cut off' };
    const what = step(line, number === 1 ? firstSeq : undefined, at, check);
    if (what !== undefined) return { file: key, line: number, what };
    start = end + 1;
  }
  return number === 0 && !isLast ? { file: key, what: 'has no lines' } : undefined;
}

/** What is wrong with the next line. */
function step(bytes: Uint8Array, namedSeq: number | undefined, at: Progress, check: (line: AuditLine, hash: string) => string | undefined): string | undefined {
  const line = parseLine(bytes);
  if (line === undefined) return 'is no line of an audit log';
  if (at.lines === 0) {
    at.firstSeq = line.seq;
    if (line.seq === 1 && line.prev !== BEGINNING) return 'is the first, but names a line before it';
  } else {
    if (line.seq !== at.seq + 1) return `has number ${line.seq}, expected ${at.seq + 1}`;
    if (line.prev !== at.hash) return 'does not name the line before it: one of the two was changed';
  }
  if (namedSeq !== undefined && line.seq !== namedSeq) return `has number ${line.seq}, its file is named by ${namedSeq}`;
  at.seq = line.seq;
  at.hash = hashOf(bytes);
  at.lines++;
  return check(line, at.hash);
}

function endProblem(at: Progress, hasFiles: boolean, head: Head | undefined, headFile: string, hasHead: boolean, expect: Head | undefined): AuditProblem | undefined {
  if (!hasFiles && !hasHead && expect === undefined) return undefined;
  if (head === undefined) return { file: headFile, what: hasHead ? 'is damaged' : 'is missing' };
  for (const { seq } of [head, ...(expect === undefined ? [] : [expect])]) {
    if (seq > at.seq) return { file: headFile, what: `there was a line ${seq}; the last that is left is ${at.seq}` };
    if (seq > 0 && seq < at.firstSeq) return { file: headFile, what: `there was a line ${seq}; the first that is left is ${at.firstSeq}` };
  }
  if (at.firstSeq > 1 && !at.prunedSeqs.has(at.firstSeq - 1)) return { file: headFile, what: `lines before ${at.firstSeq} are missing, and no line says that they were removed for their age` };
  return undefined;
}
