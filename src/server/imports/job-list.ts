// JobList: what is kept of import jobs, as the text of a file. It was stored, so that it is checked before it is believed.

import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { RefusedRequest, STATUS } from '../status.js';
import { IMPORT_STATES, JOB_LIMITS, type ImportJob } from './import-job.js';

const FORMAT = 1;
const BYTES_MAX = 64 * 1024 * 1024;

const count = Type.Integer({ minimum: 0 });
const state = Type.Union(IMPORT_STATES.map((name) => Type.Literal(name)));
const ended = { completedMs: Type.Optional(count), reason: Type.Optional(Type.String()) };
const TASK = Type.Object({ file: Type.Object({ path: Type.String(), rest: Type.Optional(Type.String()) }), state, fileBytes: count, readBytes: count, rows: count, ...ended });
const JOB = Type.Object({ id: Type.String(), database: Type.String(), collection: Type.String(), partition: Type.Optional(Type.String()), state, createdMs: count, ...ended, tasks: Type.Array(TASK, { maxItems: JOB_LIMITS.filesMax }) });
const KEPT = Type.Object({ format: Type.Literal(FORMAT), jobs: Type.Array(JOB, { maxItems: JOB_LIMITS.jobsMax + JOB_LIMITS.waitingMax }) });

const kept = Compile(KEPT);

/** Undefined if the text is no such list. */
export function decodeJobs(text: string): readonly ImportJob[] | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined; // no JSON, as little as another list
  }
  return kept.Check(content) ? ((content as Static<typeof KEPT>).jobs as readonly ImportJob[]) : undefined;
}

/** Errors: 2100 if it is longer than a list may be. */
export function encodeJobs(jobs: readonly ImportJob[]): string {
  const text = JSON.stringify({ format: FORMAT, jobs });
  if (text.length > BYTES_MAX) throw new RefusedRequest(STATUS.importFailed, `the list of import jobs: at most ${BYTES_MAX} bytes`);
  return text;
}
