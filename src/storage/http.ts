// HTTP storage: reads a published database (publish.ts) from any server of files, by ranges where the server has them.
// Which files there are is what index.json said when it was opened, or last looked at. A transfer that breaks off goes on where it broke.

import { decodeFileIndex, FILE_INDEX_BYTES_MAX, FILE_INDEX_KEY, type IndexedFile } from '../format/file-index.js';
import { ElanusError, require, requireIntact } from '../model/errors.js';
import type { ByteRange, ReadStorage } from '../ports/storage.js';
import { GuardedReads, type ReadBackend } from './guard.js';
import { bodyStart } from './http-range.js';
import { rangeWithin } from './range.js';
import { PassingFailure, WebClient, type WebAnswer, type WebClientOptions } from './web-client.js';

export interface HttpOptions {
  /** Of the folder that holds index.json: http or https, without query. */
  readonly url: string;
  /** Sent with every request, e.g. Authorization. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reads the index. Errors: `NotFound` if there is none, `Corrupt`, `Unsupported`, `Network`. */
export async function openHttpStorage({ url, headers = {} }: HttpOptions, web: WebClientOptions = {}): Promise<ReadStorage> {
  require(typeof url === 'string' && /^https?:\/\/[^?#]+$/.test(url) && URL.canParse(url), () => `http storage: expected an http(s) URL without query, found ${JSON.stringify(url)}`);
  const place = { base: `${url.replace(/\/+$/, '')}/`, headers, client: new WebClient(web) };
  const index = await readIndex(place, undefined);
  return new GuardedReads(new HttpBackend(place, index as Index));
}

interface Place {
  /** Ends in "/". */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly client: WebClient;
}

type Files = ReadonlyMap<string, IndexedFile>;

interface Index {
  readonly files: Files;
  readonly etag: string | undefined;
}

class HttpBackend implements ReadBackend {
  readonly kind = 'http';
  private index: Index;
  /** The files of the index before, which may still be read. */
  private before: Files = new Map();

  constructor(private readonly place: Place, index: Index) {
    this.index = index;
  }

  private file(key: string): IndexedFile | undefined {
    return this.index.files.get(key) ?? this.before.get(key);
  }

  async refresh(): Promise<boolean> {
    const { etag, files } = this.index;
    const index = await readIndex(this.place, etag);
    if (index === undefined || sameFiles(index.files, files)) return false;
    this.before = files;
    this.index = index;
    return true;
  }

  async read(key: string, range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const file = this.file(key);
    if (file === undefined) throw new ElanusError('NotFound', `${key}: no such file in the index`, { file: key });
    const within = rangeWithin(key, file.sizeBytes, range);
    if (within.length === 0) return new Uint8Array(0);
    const transfer = new Transfer(this.place, file, within);
    return this.place.client.persist(() => transfer.run());
  }

  async size(key: string): Promise<number | undefined> {
    return this.file(key)?.sizeBytes;
  }

  async list(prefix: string): Promise<string[]> {
    return [...this.index.files.keys()].filter((key) => key.startsWith(prefix));
  }

  async close(): Promise<void> {}

  explain(error: unknown, about: string): ElanusError {
    const code = error instanceof RangeError ? 'OutOfMemory' : 'Network';
    return new ElanusError(code, `${about}: reading over HTTP failed: ${String(error)}`, { cause: error });
  }
}

/** A range on its way, over as many attempts as it takes. */
class Transfer {
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private filled = 0;
  /** Strong entity tag of the file that the first bytes are of. */
  private etag: string | undefined;

  constructor(private readonly place: Place, private readonly file: IndexedFile, private readonly range: ByteRange) {
    this.bytes = new Uint8Array(range.length);
  }

  /** One attempt, which goes on where the last one broke off. */
  async run(): Promise<Uint8Array<ArrayBuffer>> {
    const at = this.range.offset + this.filled;
    const end = this.range.offset + this.range.length;
    const isWhole = at === 0 && end === this.file.sizeBytes;
    const answer = await this.place.client.request(this.place.base + this.file.key, { headers: isWhole ? this.place.headers : this.partHeaders(at, end) });
    const start = await bodyStart(answer, this.file, isWhole ? undefined : at);
    await this.recognise(answer);
    await this.take(answer, start);
    return this.bytes;
  }

  private partHeaders(at: number, end: number): Record<string, string> {
    return { ...this.place.headers, range: `bytes=${at}-${end - 1}`, ...(this.etag === undefined ? {} : { 'if-range': this.etag }) };
  }

  /** What is here already is of this very file, or is thrown away. */
  private async recognise(answer: WebAnswer): Promise<void> {
    const said = answer.header('etag');
    const etag = said?.startsWith('"') ? said : undefined;
    if (this.filled > 0 && etag !== this.etag) {
      this.filled = 0;
      this.etag = undefined;
      if (answer.status === 206) {
        await answer.discard();
        throw new PassingFailure(new ElanusError('Network', `${answer.url}: the file changed while it was read`));
      }
    }
    this.etag = etag;
  }

  /** Takes from a body that begins at byte `start` of the file what is wanted of it. */
  private async take(answer: WebAnswer, start: number): Promise<void> {
    let at = start;
    for await (const part of answer.parts()) {
      const wanted = this.range.offset + this.filled;
      const skipped = Math.min(part.length, Math.max(0, wanted - at));
      const rest = part.subarray(skipped, skipped + this.bytes.length - this.filled);
      this.bytes.set(rest, this.filled);
      this.filled += rest.length;
      at += part.length;
      // A whole file is read to its end, so that a longer one than the index says is seen.
      requireIntact(at <= this.file.sizeBytes, this.file.key, `expected ${this.file.sizeBytes} bytes, as the index says, found more`);
      if (this.filled === this.bytes.length && this.range.offset + this.range.length < this.file.sizeBytes) return;
    }
    if (this.filled === this.bytes.length) return;
    // Where a body has no announced length, one that broke off looks like a short file.
    const message = `${this.file.key}: expected ${this.bytes.length} bytes at ${this.range.offset}, found ${this.filled}`;
    throw new PassingFailure(new ElanusError('Corrupt', message, { file: this.file.key }));
  }
}

function sameFiles(a: Files, b: Files): boolean {
  return a.size === b.size && [...a].every(([key, { sizeBytes }]) => b.get(key)?.sizeBytes === sizeBytes);
}

/** Undefined if it is still the one with the tag `known`. */
async function readIndex({ base, headers, client }: Place, known: string | undefined): Promise<Index | undefined> {
  const url = base + FILE_INDEX_KEY;
  return client.persist(async () => {
    // It changes with every publishing; everything else never does.
    const answer = await client.request(url, { headers: { ...headers, ...(known === undefined ? {} : { 'if-none-match': known }) }, cache: 'no-cache' });
    if (answer.status === 304 && known !== undefined) {
      await answer.discard();
      return undefined;
    }
    if (answer.status === 200) return { files: new Map(decodeFileIndex(await answer.bytes(FILE_INDEX_BYTES_MAX), url).map((file) => [file.key, file])), etag: answer.header('etag') };
    const refusal = await answer.refusal();
    if (answer.status !== 404) throw refusal;
    throw new ElanusError('NotFound', `${url}: no database is published there`, { file: FILE_INDEX_KEY, status: 404 });
  });
}
