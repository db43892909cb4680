// Lanes: the same work several times at once, of which nothing goes on behind who waits for it.

/** Runs `lane` so many times at once. `failed` is called at the first error, with which it rejects when all are over. */
export async function inLanes(count: number, lane: () => Promise<void>, failed: () => void): Promise<void> {
  const errors: unknown[] = [];
  const guarded = async (): Promise<void> => {
    try {
      await lane();
    } catch (error) {
      if (errors.push(error) === 1) failed();
    }
  };
  await Promise.all(Array.from({ length: count }, guarded));
  if (errors.length > 0) throw errors[0];
}
