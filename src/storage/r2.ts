// R2 storage: reads the files of one folder of a Cloudflare R2 bucket. Keeps nothing open and caches nothing.

import { ElanusError, require } from '../model/errors.js';
import type { ByteRange, ReadStorage } from '../ports/storage.js';
import { GuardedReads, type ReadBackend } from './guard.js';
import { isKey } from './key.js';
import { rangeWithin } from './range.js';

/** The part of Cloudflare's R2Bucket that is used here. */
export interface R2Reads {
  head(key: string): Promise<{ readonly size: number } | null>;
  get(key: string, options?: { readonly range: ByteRange }): Promise<R2Object | null>;
  list(options: { readonly prefix: string; readonly cursor?: string }): Promise<R2Page>;
}

export interface R2Object {
  /** Of the whole object, also where a range of it was asked for. */
  readonly size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface R2Page {
  readonly objects: readonly { readonly key: string }[];
  readonly truncated: boolean;
  readonly cursor?: string;
}

/** `prefix` is empty or the path of a folder, ending in "/". */
export function r2Storage(bucket: R2Reads, prefix: string): ReadStorage {
  const isFolder = prefix.endsWith('/') && isKey(prefix.slice(0, -1));
  require(prefix === '' || isFolder, () => `R2 prefix ${JSON.stringify(prefix)}: expected "" or a folder of the bucket ending in "/"`);
  return new GuardedReads(new R2Backend(bucket, prefix));
}

class R2Backend implements ReadBackend {
  readonly kind = 'r2';

  constructor(private readonly bucket: R2Reads, private readonly prefix: string) {}

  async read(key: string, range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
    // R2 knows no empty range.
    if (range?.length === 0) return this.readNothing(key, range);
    const object = await (range === undefined ? this.bucket.get(this.prefix + key) : this.getRange(key, range));
    if (object === null) throw absent(key);
    // A range that reaches beyond the end comes cut short.
    const { length } = rangeWithin(key, object.size, range);
    const bytes = new Uint8Array(await object.arrayBuffer());
    if (bytes.length !== length) throw new ElanusError('Network', `${key}: expected ${length} bytes from R2, found ${bytes.length}`);
    return bytes;
  }

  async size(key: string): Promise<number | undefined> {
    return (await this.bucket.head(this.prefix + key))?.size;
  }

  async list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.bucket.list({ prefix: this.prefix + prefix, ...(cursor === undefined ? {} : { cursor }) });
      // What others put there under names that are no keys is not ours.
      keys.push(...page.objects.map((object) => object.key.slice(this.prefix.length)).filter(isKey));
      if (!page.truncated) return keys;
      if (page.cursor === undefined || page.cursor === cursor) throw new ElanusError('Network', `R2 list of ${this.prefix}${prefix}: cut short without a cursor to go on from`);
      cursor = page.cursor;
    }
  }

  async close(): Promise<void> {}

  explain(error: unknown, about: string): ElanusError {
    return new ElanusError('Network', `${about}: R2 refused: ${String(error)}`, { cause: error });
  }

  private async getRange(key: string, range: ByteRange): Promise<R2Object | null> {
    try {
      return await this.bucket.get(this.prefix + key, { range });
    } catch (error) {
      // A range that begins beyond the end is an error of R2's own. The size is asked only then.
      const sizeBytes = await this.size(key);
      if (sizeBytes !== undefined) rangeWithin(key, sizeBytes, range);
      throw error;
    }
  }

  private async readNothing(key: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const sizeBytes = await this.size(key);
    if (sizeBytes === undefined) throw absent(key);
    return new Uint8Array(rangeWithin(key, sizeBytes, range).length);
  }
}

function absent(key: string): ElanusError {
  return new ElanusError('NotFound', `${key}: no such object in the R2 bucket`, { file: key });
}
