// ImportJob: files that are being put into a collection, or were, as Milvus tells of it (`ImportJobState`). Plain data, kept
// across a restart; a job that was under way then has failed, as nothing goes on with it.

/** By Milvus' names. */
export const IMPORT_STATES = ['Pending', 'Importing', 'Completed', 'Failed'] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

export interface ImportFile {
  /** Below the directory of imports. */
  readonly path: string;
  /** JSONL with the other fields of each row, of a file that holds vectors alone. */
  readonly rest?: string;
}

/** One file of a job. */
export interface ImportTask {
  readonly file: ImportFile;
  readonly state: ImportState;
  readonly fileBytes: number;
  readonly readBytes: number;
  readonly rows: number;
  /** Of one that is completed; what failed did so with its job. */
  readonly completedMs?: number;
}

export interface ImportJob {
  /** Digits of an Int64. */
  readonly id: string;
  readonly database: string;
  readonly collection: string;
  readonly partition?: string;
  readonly state: ImportState;
  readonly createdMs: number;
  readonly completedMs?: number;
  /** Why it failed, and what it had not completed of its tasks with it. */
  readonly reason?: string;
  readonly tasks: readonly ImportTask[];
}

export const JOB_LIMITS = {
  /** Jobs that are remembered. */
  jobsMax: 1024,
  /** Jobs that have not ended. */
  waitingMax: 256,
  filesMax: 1024,
  pathLengthMax: 1024,
  /** Of all paths of a job. */
  pathsLengthMax: 128 * 1024,
  reasonLengthMax: 1024,
  /** Of the jobs that are remembered, as they are kept. */
  textLengthMax: 8 * 1024 * 1024,
} as const;

const CHARACTER_LENGTH_MAX = '\\u0000'.length;
/** What a job adds to its text until it has ended, less its reason; what each of its tasks adds: numbers and a time. */
const JOB_GROWTH = 128;
const TASK_GROWTH = 80;

const texts = new WeakMap<ImportJob, string>();

/** As it is kept; made once, as a job is never changed. */
export function textOf(job: ImportJob): string {
  const text = texts.get(job) ?? JSON.stringify(job);
  texts.set(job, text);
  return text;
}

/** The longest text that it may yet have. */
export function textLengthMaxOf(job: ImportJob): number {
  const { length } = textOf(job);
  return hasEnded(job) ? length : length + JOB_GROWTH + JOB_LIMITS.reasonLengthMax * CHARACTER_LENGTH_MAX + job.tasks.length * TASK_GROWTH;
}

export function hasEnded({ state }: { readonly state: ImportState }): boolean {
  return state === 'Completed' || state === 'Failed';
}

/** 0 to 100, and 100 only when it is completed. */
export function progressOf({ state, tasks }: Pick<ImportJob, 'state' | 'tasks'>): number {
  if (state === 'Completed') return 100;
  const total = tasks.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  const read = tasks.reduce((sum, { readBytes }) => sum + readBytes, 0);
  return total === 0 ? 0 : Math.min(99, Math.floor((read / total) * 100));
}

export function rowsOf({ tasks }: Pick<ImportJob, 'tasks'>): number {
  return tasks.reduce((sum, { rows }) => sum + rows, 0);
}
