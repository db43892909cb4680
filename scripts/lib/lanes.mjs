// Lanes: several pieces of work beside each other, but never more than there are lanes for.

/** Begins `jobs` (functions that give promises) in their order, `lanes` of them at a time. Errors: the first of a job. */
export async function inLanes(lanes, jobs) {
  const waiting = [...jobs];
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
