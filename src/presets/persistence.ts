// Persistence: asks the browser, once, not to evict the origin's data. Only a page can ask; some browsers then ask the
// user, so it is asked when there is something to lose. `health().persisted` says what came of it.

export class Persistence {
  readonly warnings: string[] = [];
  #asked = false;

  /** Something was stored in `storage`. */
  wanted(storage: string): void {
    if (this.#asked || (storage !== 'opfs' && storage !== 'idb')) return;
    this.#asked = true;
    // Absent on pages without a secure context.
    const manager = navigator.storage as StorageManager | undefined;
    if (manager?.persist === undefined) return;
    this.#ask(manager).catch((error: unknown) => this.warnings.push(`the browser was not asked to keep the data: ${String(error)}`));
  }

  async #ask(manager: StorageManager): Promise<void> {
    if (!(await manager.persisted())) await manager.persist();
  }
}
