// Turns: work on one key is done in the order it was asked for, one at a time; different keys do not wait for
// each other. A failed work does not stop the next.

export class Turns {
  private readonly lastOf = new Map<string, Promise<unknown>>();

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.lastOf.get(key) ?? Promise.resolve()).then(work);
    // The error goes to the caller by `mine`; the queue only needs to know that the turn is over.
    const over: Promise<void> = mine.then(() => this.end(key, over), () => this.end(key, over));
    this.lastOf.set(key, over);
    return mine;
  }

  private end(key: string, over: Promise<unknown>): void {
    if (this.lastOf.get(key) === over) this.lastOf.delete(key);
  }
}
