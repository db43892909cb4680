// ArrivingFiles: the files of a copy that are on their way, and which segments can be searched in what has come. What a call
// reads goes before what is fetched ahead.

import type { FileEntry, SegmentEntry } from '../../format/manifest.js';
import type { ByteRange } from '../../ports/storage.js';
import { ArrivingFile, type FetchRange } from './arriving-file.js';

export class ArrivingFiles {
  /** By name. */
  readonly #files: Map<string, ArrivingFile>;
  readonly #searchable = new Set<number>();
  #calls = 0;
  #idle: (() => void)[] = [];

  constructor(files: readonly FileEntry[], fetch: FetchRange) {
    this.#files = new Map(files.map((file) => [file.name, new ArrivingFile(file, fetch)]));
  }

  /** One that is on its way. */
  get(name: string): ArrivingFile | undefined {
    return this.#files.get(name);
  }

  /** It is stored. */
  stored(name: string): void {
    this.#files.delete(name);
  }

  /** As `ArrivingFile.read`, for a call. */
  async read(file: ArrivingFile, range: ByteRange, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    this.#calls++;
    try {
      return await file.read(range, room);
    } finally {
      if (--this.#calls === 0) for (const wake of this.#idle.splice(0)) wake();
    }
  }

  /** Resolves when no call waits for bytes. */
  async idle(): Promise<void> {
    while (this.#calls > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** What has come of that segment answers searches. */
  markSearchable({ id }: SegmentEntry): void {
    this.#searchable.add(id);
  }

  isSearchable({ id }: SegmentEntry): boolean {
    return this.#searchable.has(id);
  }
}
