// InTime: what a copy of some rows asks for may have to be made first. Who asks waits for a while, then is told to ask again; it is
// made all the same.

import { RefusedRequest, STATUS } from '../status.js';

export const MAKING_MS = 25_000;

/** Errors: those of `work`; `RefusedRequest` if it takes longer. */
export async function inTime<T>(work: Promise<T>, ms = MAKING_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RefusedRequest(STATUS.rateLimited, 'the copy of these rows is being made; ask again later', 503)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
