// R2 storage: the files of one folder of a Cloudflare R2 bucket, through the binding that a worker has.

import { ElanusError } from '../model/errors.js';
import type { ByteRange, ReadStorage, Storage } from '../ports/storage.js';
import { GuardedReads, GuardedStorage } from './guard.js';
import { checkFolder, logName, tagName, type ListedObject, type ObjectContent, type ObjectHead, type ObjectMark, type ObjectReader, type ObjectStore } from './object-store.js';
import { ObjectBackend, ObjectReads } from './objects.js';

/** The part of Cloudflare's R2Bucket that reading needs. */
export interface R2Reads {
  head(key: string): Promise<R2Head | null>;
  get(key: string, options?: { readonly range: ByteRange }): Promise<R2Object | null>;
  list(options: { readonly prefix: string; readonly cursor?: string }): Promise<R2Page>;
}

/** The part of Cloudflare's R2Bucket that writing needs. */
export interface R2Bucket extends R2Reads {
  /** Null if `onlyIf` does not hold. */
  put(key: string, bytes: Uint8Array, options: R2PutOptions): Promise<unknown>;
  delete(key: string): Promise<void>;
}

export interface R2PutOptions {
  readonly customMetadata: Record<string, string>;
  readonly onlyIf?: { readonly etagDoesNotMatch: string };
}

export interface R2Head {
  /** Of the whole object, also where a range of it was asked for. */
  readonly size: number;
  readonly customMetadata?: Readonly<Record<string, string>>;
}

export interface R2Object extends R2Head {
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface R2Page {
  readonly objects: readonly { readonly key: string; readonly size: number }[];
  readonly truncated: boolean;
  readonly cursor?: string;
}

/** Opens a folder to read. `prefix` is empty or the path of a folder, ending in "/". */
export function r2Storage(bucket: R2Reads, prefix: string): ReadStorage {
  checkFolder('R2', prefix);
  return new GuardedReads(new ObjectReads(new R2Reader(bucket, prefix)));
}

/** Opens a folder to write. There is no lock: who opens a log takes it over. Errors: `Unsupported`, `Network`. */
export async function openR2Storage(bucket: R2Bucket, prefix: string): Promise<Storage> {
  checkFolder('R2', prefix);
  const backend = new ObjectBackend(new R2Store(bucket, prefix));
  await backend.prove();
  return new GuardedStorage(backend);
}

class R2Reader<B extends R2Reads = R2Reads> implements ObjectReader {
  readonly kind = 'r2';

  constructor(protected readonly bucket: B, protected readonly prefix: string) {}

  async head(name: string): Promise<ObjectHead | undefined> {
    const object = await this.bucket.head(this.prefix + name);
    return object === null ? undefined : headOf(object);
  }

  async get(name: string, range?: ByteRange): Promise<ObjectContent | 'beyond' | undefined> {
    try {
      const object = await (range === undefined ? this.bucket.get(this.prefix + name) : this.bucket.get(this.prefix + name, { range }));
      return object === null ? undefined : { ...headOf(object), bytes: new Uint8Array(await object.arrayBuffer()) };
    } catch (error) {
      // A range that begins beyond the end is an error like any other. The size is asked only then.
      const head = range === undefined ? undefined : await this.head(name);
      if (range !== undefined && head !== undefined && range.offset >= head.sizeBytes) return 'beyond';
      throw error;
    }
  }

  async list(prefix: string): Promise<ListedObject[]> {
    const objects: ListedObject[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.bucket.list({ prefix: this.prefix + prefix, ...(cursor === undefined ? {} : { cursor }) });
      for (const { key, size } of page.objects) objects.push({ name: key.slice(this.prefix.length), sizeBytes: size });
      if (!page.truncated) return objects;
      if (page.cursor === undefined || page.cursor === cursor) throw new ElanusError('Network', `R2 list of ${this.prefix}${prefix}: cut short without a cursor to go on from`);
      cursor = page.cursor;
    }
  }
}

/** A put that failed may have been done: who cares looks for its tag (object-log.ts). The binding tries again by itself. */
class R2Store extends R2Reader<R2Bucket> implements ObjectStore {
  async putNew(name: string, bytes: Uint8Array, mark: ObjectMark): Promise<boolean> {
    const put = await this.bucket.put(this.prefix + name, bytes, { customMetadata: metadataOf(mark), onlyIf: { etagDoesNotMatch: '*' } });
    return put !== null || (await this.head(name))?.tag === mark.tag;
  }

  async put(name: string, bytes: Uint8Array, mark: ObjectMark): Promise<void> {
    await this.bucket.put(this.prefix + name, bytes, { customMetadata: metadataOf(mark) });
  }

  async remove(name: string): Promise<void> {
    await this.bucket.delete(this.prefix + name);
  }
}

function headOf({ size, customMetadata = {} }: R2Head): ObjectHead {
  return { sizeBytes: size, tag: customMetadata[tagName] ?? '', isLog: customMetadata[logName] === '1' };
}

function metadataOf({ tag, isLog }: ObjectMark): Record<string, string> {
  return { [tagName]: tag, ...(isLog ? { [logName]: '1' } : {}) };
}
