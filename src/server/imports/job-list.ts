// JobList: what is kept of import jobs, as the text of a file. It was stored, so that it is checked before it is believed.

import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { IMPORT_STATES, JOB_LIMITS, textOf, type ImportJob } from './import-job.js';

const FORMAT = 1;

const count = Type.Integer({ minimum: 0 });
const state = Type.Union(IMPORT_STATES.map((name) => Type.Literal(name)));
const completedMs = Type.Optional(count);
const TASK = Type.Object({ file: Type.Object({ path: Type.String(), rest: Type.Optional(Type.String()) }), state, fileBytes: count, readBytes: count, rows: count, completedMs });
const JOB = Type.Object({ id: Type.String(), database: Type.String(), collection: Type.String(), partition: Type.Optional(Type.String()), state, createdMs: count, completedMs, reason: Type.Optional(Type.String()), tasks: Type.Array(TASK, { maxItems: JOB_LIMITS.filesMax }) });
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

export function encodeJobs(jobs: readonly ImportJob[]): string {
  return `{"format":${FORMAT},"jobs":[${jobs.map(textOf).join(',')}]}`;
}
