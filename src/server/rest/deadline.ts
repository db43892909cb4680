// Deadline: how long a caller waits, as the header Request-Timeout says, in seconds. When it has passed the caller is told so;
// what was begun goes on: of a write it is then not known whether it was done.

import { RefusedRequest, STATUS } from '../status.js';

export const DEADLINE_HEADER = 'request-timeout';
const SECONDS_MAX = 86_400;

/** Milliseconds; undefined if the header is absent. Errors: 1801 if it is no number of seconds. */
export function deadlineMs(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= SECONDS_MAX) return seconds * 1000;
  throw new RefusedRequest(STATUS.malformedRequest, `header Request-Timeout: expected seconds, above 0 and at most ${SECONDS_MAX}, found ${JSON.stringify(header.slice(0, 32))}`);
}

/** What `work` gives. Errors: those of `work`; 10001 with HTTP 408 if it takes longer. */
export async function withinDeadline<T>(ms: number | undefined, work: (signal?: AbortSignal) => Promise<T>): Promise<T> {
  if (ms === undefined) return work();
  const passed = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new RefusedRequest(STATUS.timedOut, `request timeout: no answer within ${ms} ms; a write may still be done`, 408);
      passed.abort(error);
      reject(error);
    }, ms);
  });
  try {
    return await Promise.race([work(passed.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
