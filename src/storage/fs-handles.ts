// Open files of which parts are read, so that a range is one call of the system and not four. Their content never
// changes; the longest unused is closed for the next. One that is removed is closed when its last reader is done.

import type { FileHandle } from 'node:fs/promises';

const openMax = 64;

interface OpenFile {
  readonly file: Promise<FileHandle>;
  users: number;
  isDropped: boolean;
}

export class FsHandles {
  /** In order of last use. */
  private readonly files = new Map<string, OpenFile>();

  constructor(private readonly open: (key: string) => Promise<FileHandle>) {}

  async use<T>(key: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
    const opened = this.take(key);
    opened.users++;
    try {
      return await work(await opened.file);
    } catch (error) {
      // Whoever asks next looks again what is there.
      this.drop(key);
      throw error;
    } finally {
      opened.users--;
      await closeUnused(opened);
    }
  }

  /** Its file is opened anew by the next who asks. */
  drop(key: string): void {
    const opened = this.files.get(key);
    if (opened === undefined) return;
    this.files.delete(key);
    opened.isDropped = true;
    void closeUnused(opened);
  }

  /** REQUIRES: nobody uses one. */
  async close(): Promise<void> {
    const all = [...this.files.values()];
    this.files.clear();
    await Promise.all(all.map(({ file }) => file.then((handle) => handle.close(), () => undefined)));
  }

  private take(key: string): OpenFile {
    const opened = this.files.get(key) ?? { file: this.open(key), users: 0, isDropped: false };
    this.files.delete(key);
    this.files.set(key, opened);
    const [oldest] = this.files.keys();
    if (this.files.size > openMax && oldest !== undefined) this.drop(oldest);
    return opened;
  }
}

async function closeUnused({ file, users, isDropped }: OpenFile): Promise<void> {
  if (!isDropped || users > 0) return;
  await file.then((handle) => handle.close(), () => undefined);
}
