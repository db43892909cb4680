// Imports: the jobs of a server, one after the other. A job is known durably before its number is told, and its end before it is
// told; rows of a job that failed stay, as each batch of rows is an insert of its own.

import type { Collection } from '../../engine/api.js';
import type { Ambient } from '../../ports/ambient.js';
import { mayKnow, type Asker } from '../access/gate.js';
import { failureOf, RefusedRequest, STATUS } from '../status.js';
import { hasEnded, JOB_LIMITS, textLengthMaxOf, type ImportFile, type ImportJob, type ImportTask } from './import-job.js';
import type { ImportSource, OpenedFile } from './import-source.js';
import { jsonlOf } from './json-array.js';

export interface ImportRequest {
  readonly database: string;
  readonly collection: Collection;
  readonly partition?: string;
  readonly files: readonly ImportFile[];
  /** After which it has failed. */
  readonly timeoutMs?: number;
}

const STOPPED = 'the server was stopped before it was done; rows that are in stay';
const ABORTED = 'aborted; rows that are in stay';

export class Imports {
  readonly #source: ImportSource | undefined;
  readonly #log: Ambient['log'];
  readonly #nowMs: () => number;
  readonly #jobs: Map<string, ImportJob>;
  readonly #aborts = new Map<string, AbortController>();
  #tail: Promise<void> = Promise.resolve();
  #keeping: Promise<void> = Promise.resolve();
  #isClosed = false;
  #next: number;

  private constructor(source: ImportSource | undefined, jobs: readonly ImportJob[], log: Ambient['log'], nowMs: () => number) {
    this.#source = source;
    this.#log = log;
    this.#nowMs = nowMs;
    this.#jobs = new Map(jobs.map((job) => [job.id, job]));
    this.#next = nowMs() * 1000;
  }

  /** A server is no less one where what became of its jobs cannot be kept: that is logged, and kept with the next. Errors: those of reading the source. */
  static async open(source: ImportSource, log: Ambient['log'], nowMs: () => number = Date.now): Promise<Imports> {
    const imports = new Imports(source, await source.readJobs(), log, nowMs);
    const begun = [...imports.#jobs.values()].filter((job) => !hasEnded(job));
    for (const job of begun) imports.#jobs.set(job.id, imports.#failed(job, STOPPED));
    imports.#forget();
    if (begun.length > 0) await imports.#keep().catch((error: unknown) => log('error', 'what became of import jobs could not be stored', { error }));
    return imports;
  }

  /** Of a server that has nowhere to import from: every job is refused. */
  static none(log: Ambient['log']): Imports {
    return new Imports(undefined, [], log, Date.now);
  }

  /** Gives its number when the job is kept; it runs when those before have ended. Errors: 10, 8, 2100. */
  async start(request: ImportRequest): Promise<string> {
    const source = this.#source;
    if (source === undefined) throw new RefusedRequest(STATUS.unimplemented, 'import: not supported by this server, which has no directory of imports');
    if (this.#isClosed) throw new RefusedRequest(STATUS.notReady, 'import: the server is stopping', 503);
    if (request.files.length === 0 || request.files.length > JOB_LIMITS.filesMax) throw refused(`files: expected 1 to ${JOB_LIMITS.filesMax} files, found ${request.files.length}`);
    checkPaths(request.files);
    const job = this.#newJob(request, await sizesOf(source, request.files));
    this.#checkRoom(job);
    const abort = new AbortController();
    this.#jobs.set(job.id, job);
    this.#aborts.set(job.id, abort);
    this.#forget();
    try {
      await this.#keep();
    } catch (error) {
      this.#jobs.delete(job.id);
      this.#aborts.delete(job.id);
      throw error;
    }
    this.#tail = this.#tail.then(() => this.#run(job.id, source, request, abort));
    return job.id;
  }

  /** Errors: 2100 for a number that none has of which he who asks may know. */
  describe(id: string, asker: Asker): ImportJob {
    const job = this.#jobs.get(id);
    if (job === undefined || !mayKnow(asker, job)) throw refused(`no import job has the number ${id.slice(0, 32)}`);
    return job;
  }

  /** Those of which he who asks may know, the youngest first. */
  list(asker: Asker, collection?: string): readonly ImportJob[] {
    return [...this.#jobs.values()].filter((job) => mayKnow(asker, job) && (collection === undefined || job.collection === collection)).reverse();
  }

  /** Ends a job that has not ended. Errors: 2100. */
  async abort(id: string, asker: Asker): Promise<void> {
    const job = this.describe(id, asker);
    if (hasEnded(job)) throw refused(`import job ${id} has ended: ${job.state}`);
    this.#aborts.get(id)?.abort(new RefusedRequest(STATUS.importFailed, ABORTED));
    this.#jobs.set(id, this.#failed(job, ABORTED));
    await this.#keep();
  }

  /** Aborts what runs and waits, and waits for it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const abort of this.#aborts.values()) abort.abort(new RefusedRequest(STATUS.importFailed, STOPPED));
    await this.#tail;
    await this.#keeping;
  }

  /** Errors: 8. */
  #checkRoom(job: ImportJob): void {
    if (this.#aborts.size >= JOB_LIMITS.waitingMax) throw new RefusedRequest(STATUS.rateLimited, `import: ${JOB_LIMITS.waitingMax} jobs are waiting already`);
    const length = [...this.#jobs.values()].reduce((sum, other) => (hasEnded(other) ? sum : sum + textLengthMaxOf(other)), textLengthMaxOf(job));
    if (length > JOB_LIMITS.textLengthMax) throw new RefusedRequest(STATUS.rateLimited, 'import: jobs of so many files are waiting already');
  }

  #newJob({ database, collection, partition, files }: ImportRequest, sizes: readonly number[]): ImportJob {
    const tasks = files.map((file, i): ImportTask => ({ file, state: 'Pending', fileBytes: sizes[i] ?? 0, readBytes: 0, rows: 0 }));
    return { id: String(this.#next++), database, collection: collection.name, ...(partition === undefined ? {} : { partition }), state: 'Pending', createdMs: this.#nowMs(), tasks };
  }

  async #run(id: string, source: ImportSource, request: ImportRequest, abort: AbortController): Promise<void> {
    const timer = request.timeoutMs === undefined ? undefined : setTimeout(() => abort.abort(new RefusedRequest(STATUS.importFailed, `not done within ${String(request.timeoutMs)} ms; rows that are in stay`)), request.timeoutMs);
    try {
      abort.signal.throwIfAborted();
      this.#change(id, { state: 'Importing' });
      for (let at = 0; at < request.files.length; at++) await this.#runTask(id, at, source, request, abort.signal);
      this.#change(id, { state: 'Completed', completedMs: this.#nowMs() });
    } catch (error) {
      this.#end(id, abort.signal.aborted ? abort.signal.reason : error);
    } finally {
      clearTimeout(timer);
      this.#aborts.delete(id);
      await this.#keep().catch((error: unknown) => this.#log('error', `import job ${id}: what became of it could not be stored`, { error }));
    }
  }

  async #runTask(id: string, at: number, source: ImportSource, { collection, partition, files }: ImportRequest, signal: AbortSignal): Promise<void> {
    const { path, rest } = files[at] as ImportFile;
    const opened: OpenedFile[] = [];
    const open = async (name: string): Promise<OpenedFile> => {
      const file = await source.open(name);
      opened.push(file);
      return file;
    };
    try {
      const { bytes } = await open(path);
      this.#changeTask(id, at, { state: 'Importing' });
      const { read, format } = jsonlOf(path, bytes);
      const { importRows } = await import('../../io/files.js');
      const result = await importRows(collection, read, {
        name: path, signal, ...(format === undefined ? {} : { format }), ...(partition === undefined ? {} : { partitionName: partition }), ...(rest === undefined ? {} : { rest: (await open(rest)).bytes }),
        onProgress: ({ rows, bytes: readBytes }) => this.#changeTask(id, at, { rows, readBytes }),
      });
      this.#changeTask(id, at, { state: 'Completed', rows: result.rows, readBytes: bytes.size, completedMs: this.#nowMs() });
    } finally {
      await Promise.all(opened.map((file) => file.close()));
    }
  }

  #end(id: string, error: unknown): void {
    const { message, unexpected } = failureOf(error);
    if (unexpected) this.#log('error', `import job ${id} failed`, { error });
    const job = this.#jobs.get(id);
    if (job !== undefined && !hasEnded(job)) this.#jobs.set(id, this.#failed(job, message));
  }

  #failed(job: ImportJob, reason: string): ImportJob {
    const tasks = job.tasks.map((task): ImportTask => (hasEnded(task) ? task : { ...task, state: 'Failed' }));
    return { ...job, state: 'Failed', reason: reason.slice(0, JOB_LIMITS.reasonLengthMax), completedMs: this.#nowMs(), tasks };
  }

  #change(id: string, change: Partial<ImportJob>): void {
    const job = this.#jobs.get(id);
    if (job !== undefined && !hasEnded(job)) this.#jobs.set(id, { ...job, ...change });
  }

  #changeTask(id: string, at: number, change: Partial<ImportTask>): void {
    const job = this.#jobs.get(id);
    if (job !== undefined && !hasEnded(job)) this.#jobs.set(id, { ...job, tasks: job.tasks.map((task, i) => (i === at ? { ...task, ...change } : task)) });
  }

  /** The oldest that have ended, beyond as many, and as long a text, as are remembered. */
  #forget(): void {
    let length = [...this.#jobs.values()].reduce((sum, job) => sum + textLengthMaxOf(job), 0);
    for (const [id, job] of this.#jobs) {
      if (this.#jobs.size <= JOB_LIMITS.jobsMax && length <= JOB_LIMITS.textLengthMax) return;
      if (!hasEnded(job)) continue;
      this.#jobs.delete(id);
      length -= textLengthMaxOf(job);
    }
  }

  /** One after the other, so that the last that is kept is the last that was. */
  #keep(): Promise<void> {
    const kept = this.#keeping.then(async () => this.#source?.keepJobs([...this.#jobs.values()]));
    this.#keeping = kept.then(() => undefined, () => undefined);
    return kept;
  }
}

function checkPaths(files: readonly ImportFile[]): void {
  const length = files.reduce((sum, file) => sum + JSON.stringify(file).length, 0);
  if (length > JOB_LIMITS.pathsLengthMax) throw refused(`files: expected paths of at most ${JOB_LIMITS.pathsLengthMax} characters together, found ${length}`);
}

/** Files that are not there are told of before the job is. */
async function sizesOf(source: ImportSource, files: readonly ImportFile[]): Promise<readonly number[]> {
  const sizes: number[] = [];
  for (const { path, rest } of files) {
    for (const name of rest === undefined ? [path] : [path, rest]) {
      const { bytes, close } = await source.open(name);
      await close();
      if (name === path) sizes.push(bytes.size);
    }
  }
  return sizes;
}

function refused(message: string): RefusedRequest {
  return new RefusedRequest(STATUS.importFailed, message);
}

