// AuditLog: the one writer of a part of the audit log. An event is put into the chain at once and is durable within SYNC_MS; the head follows
// within HEAD_MS. A file that is full is followed by the next, with the chain going on. What a crash left at the end is cut off, what
// nobody but a stranger could have left is kept as it is and said in the next line.

import { ElanusError } from '../../model/errors.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Log, Storage } from '../../ports/storage.js';
import { readChain, type ChainReport } from './chain.js';
import { auditFiles, encodeHead, headKey, linesKey, type AuditPart, type Head } from './files.js';
import { encodeLine, hashOf, type AuditContent } from './line.js';

export type { AuditContent, AuditOutcome } from './line.js';

export const SYNC_MS = 100;
export const HEAD_MS = 1_000;
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Older ones are removed, and a line says so. */
const FILES_MAX = 64;
const WAITING_LINES_MAX = 100_000;
const LINE_END = Uint8Array.of(0x0a);
const SEQ_MAX = 2 ** 50;

export interface AuditEvent extends Omit<AuditContent, 'user'> {
  readonly user: string | undefined;
}

export interface AuditLog {
  record(event: AuditEvent): void;
}

export interface AuditOptions {
  /** Default: what was done. */
  readonly part?: AuditPart;
  readonly nowMs: () => number;
  readonly log: Ambient['log'];
  /** For tests. */
  readonly fileBytesMax?: number;
  readonly filesMax?: number;
}

export class StoredAuditLog implements AuditLog {
  readonly #storage: Storage;
  readonly #options: AuditOptions;
  readonly #part: AuditPart;
  #head: Head;
  #file: { readonly log: Log; firstSeq: number } | undefined;
  #waiting: Uint8Array[] = [];
  /** Events without a line, because too many were waiting. */
  #unwritten = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #headMs = -Infinity;
  /** Files to remove once the line of that number, which says so, is durable. */
  #pruning: { readonly keys: readonly string[]; readonly seq: number } | undefined;
  #storedHead = -1;
  #closed = false;

  private constructor(storage: Storage, options: AuditOptions, head: Head) {
    this.#storage = storage;
    this.#options = options;
    this.#part = options.part ?? 'audit';
    this.#head = head;
  }

  /** Errors: those of the storage. A chain that is broken is no error: the log goes on, and says so. */
  static async open(storage: Storage, options: AuditOptions): Promise<StoredAuditLog> {
    const { part = 'audit' } = options;
    const report = await readChain(storage, { part });
    const { lines: files, heads } = await auditFiles(storage, part);
    const newest = files.at(-1);
    const noted = Number(/(\d{20})/.exec(heads[0] ?? '')?.[1] ?? 0);
    const goesOnAt = Math.max(noted <= SEQ_MAX ? noted : 0, report.last.seq, newest?.firstSeq ?? 0);
    const audit = new StoredAuditLog(storage, options, report.problem === undefined ? report.last : { seq: goesOnAt, hash: report.last.hash });
    if (report.problem === undefined && newest !== undefined) await audit.#continue(newest.key, newest.firstSeq, report);
    audit.#tellOpening(report);
    await audit.flush();
    return audit;
  }

  /** Number and hash of the last line. */
  get head(): Head {
    return this.#head;
  }

  record(event: AuditEvent): void {
    if (this.#closed) return;
    if (this.#waiting.length >= WAITING_LINES_MAX) {
      this.#unwritten++;
      return;
    }
    const { user, ...content } = event;
    const unwritten = (event.unwritten ?? 0) + this.#unwritten;
    this.#unwritten = 0;
    this.#add({ ...content, ...(user === undefined ? {} : { user }), ...(unwritten === 0 ? {} : { unwritten }) });
  }

  /** All that was recorded is durable when this resolves. Errors: those of the storage; then it is tried again later. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const done = this.#flushing.then(() => this.#write());
    this.#flushing = done.catch(() => undefined);
    await done;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#headMs = -Infinity;
    await this.flush();
    await this.#file?.log.close();
  }

  #add(content: AuditContent): void {
    const seq = this.#head.seq + 1;
    const line = encodeLine(seq, this.#options.nowMs(), this.#head.hash, content);
    this.#head = { seq, hash: hashOf(line) };
    this.#waiting.push(line);
    this.#timer ??= setTimeout(() => void this.flush().catch((error: unknown) => this.#options.log('error', 'the audit log could not be written; it is tried again', { error })), SYNC_MS).unref();
  }

  async #continue(key: string, firstSeq: number, { tornBytes }: ChainReport): Promise<void> {
    const log = await this.#storage.openLog(key);
    if (tornBytes > 0) await log.truncate(log.sizeBytes - tornBytes);
    this.#file = { log, firstSeq };
  }

  #tellOpening({ problem, tornBytes }: ChainReport): void {
    if (problem !== undefined) {
      const place = `${problem.file}${problem.line === undefined ? '' : `, line ${problem.line}`}`;
      this.#options.log('error', 'the audit log is not what it was written as', { place, what: problem.what });
      this.#add({ verb: 'audit.broken', outcome: 'failed', reason: `${place}: ${problem.what}` });
      return;
    }
    if (tornBytes > 0) this.#options.log('warn', 'a crash tore the last line of the audit log', { tornBytes });
    this.#add({ verb: 'audit.opened', outcome: 'done', ...(tornBytes > 0 ? { reason: `${tornBytes} bytes of a torn line were cut off` } : {}) });
  }

  async #write(): Promise<void> {
    const lines = this.#waiting;
    const head = this.#head;
    if (lines.length === 0 && this.#storedHead === head.seq) return;
    this.#waiting = [];
    try {
      if (lines.length > 0) await this.#append(lines, head.seq - lines.length + 1);
    } catch (error) {
      this.#waiting = [...lines, ...this.#waiting];
      this.#again();
      throw error;
    }
    await this.#noteHead(head);
    await this.#removePruned(head.seq);
  }

  #again(): void {
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), HEAD_MS).unref();
  }

  async #append(lines: readonly Uint8Array[], firstSeq: number): Promise<void> {
    const file = (this.#file ??= await this.#newFile(firstSeq));
    const { sizeBytes } = file.log;
    try {
      await file.log.append(...lines.flatMap((line) => [line, LINE_END]));
      await file.log.sync();
    } catch (error) {
      await file.log.truncate(sizeBytes).catch(() => undefined);
      throw error;
    }
    if (file.log.sizeBytes >= (this.#options.fileBytesMax ?? FILE_BYTES_MAX)) {
      this.#file = undefined;
      await file.log.close();
    }
  }

  async #newFile(firstSeq: number): Promise<{ readonly log: Log; firstSeq: number }> {
    const key = linesKey(this.#part, firstSeq);
    const log = await this.#storage.openLog(key);
    if (log.sizeBytes > 0) throw new ElanusError('Corrupt', `${key}: expected no such file yet`, { file: key });
    await this.#prune();
    return { log, firstSeq };
  }

  async #prune(): Promise<void> {
    const { lines } = await auditFiles(this.#storage, this.#part);
    const kept = lines[lines.length - (this.#options.filesMax ?? FILES_MAX)];
    const keys = lines.filter(({ firstSeq }) => kept !== undefined && firstSeq < kept.firstSeq).map(({ key }) => key);
    if (kept === undefined || keys.length === 0) return;
    this.#add({ verb: 'audit.pruned', outcome: 'done', names: [String(kept.firstSeq - 1)] });
    this.#pruning = { keys, seq: this.#head.seq };
  }

  async #removePruned(durableSeq: number): Promise<void> {
    const pruning = this.#pruning;
    if (pruning === undefined || durableSeq < pruning.seq) return;
    for (const key of pruning.keys) await this.#storage.remove(key);
    this.#pruning = undefined;
  }

  async #noteHead(head: Head): Promise<void> {
    const nowMs = this.#options.nowMs();
    if (nowMs - this.#headMs < HEAD_MS) {
      this.#again();
      return;
    }
    const { heads } = await auditFiles(this.#storage, this.#part);
    await this.#storage.create(headKey(this.#part, head.seq), encodeHead(head));
    this.#headMs = nowMs;
    this.#storedHead = head.seq;
    for (const key of heads) if (key !== headKey(this.#part, head.seq)) await this.#storage.remove(key);
  }
}
