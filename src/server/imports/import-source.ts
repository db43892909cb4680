// ImportSource: where a server finds the files that it is asked to import, and keeps what became of them. What fills it names a
// platform; jobs do not.

import type { RandomBytes } from '../../io/source.js';
import type { ImportJob } from './import-job.js';

export interface OpenedFile {
  readonly bytes: RandomBytes;
  close(): Promise<void>;
}

export interface ImportSource {
  /** Errors: `RefusedRequest` (2100) for a path that leads out of the directory, or to no file. */
  open(path: string): Promise<OpenedFile>;
  /** As they were last kept. */
  readJobs(): Promise<readonly ImportJob[]>;
  /** All of them; durable when it resolves. */
  keepJobs(jobs: readonly ImportJob[]): Promise<void>;
}
