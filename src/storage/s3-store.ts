// Objects in S3, or in what speaks its language: REST with path-style addresses, SigV4 by aws4fetch, SHA-256 of every
// body in its signature so that the server refuses what was damaged on its way. A put that got no answer is tried
// again; that the name is then taken is no defeat if the tag there is ours.

import { AwsV4Signer } from 'aws4fetch';
import { ElanusError } from '../model/errors.js';
import type { ByteRange } from '../ports/storage.js';
import { logName, tagName, type ListedObject, type ObjectContent, type ObjectHead, type ObjectMark, type ObjectStore } from './object-store.js';
import type { S3Folder } from './s3.js';
import { parseError, parsePage } from './s3-xml.js';
import { PassingFailure, type WebAnswer, type WebClient } from './web-client.js';

interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Of an object, or '' for the bucket. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Statuses that are an answer; others are refusals. */
  readonly expected: readonly number[];
}

/** A page of a list has at most 1,000 objects. */
const pageBytesMax = 16 * 1024 * 1024;

export class S3Store implements ObjectStore {
  readonly kind = 's3';
  private readonly signingKeys = new Map<string, ArrayBuffer>();

  constructor(private readonly place: S3Folder, private readonly client: WebClient) {}

  head(name: string): Promise<ObjectHead | undefined> {
    return this.client.persist(async () => {
      const answer = await this.send({ method: 'HEAD', path: this.pathOf(name), expected: [200, 404] });
      await answer.discard();
      return answer.status === 404 ? undefined : headOf(answer, contentLength(answer));
    });
  }

  get(name: string, range?: ByteRange): Promise<ObjectContent | 'beyond' | undefined> {
    const headers = range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    return this.client.persist(async () => {
      const answer = await this.send({ method: 'GET', path: this.pathOf(name), headers, expected: [200, 206, 404, 416] });
      if (answer.status === 200 || answer.status === 206) return readContent(answer, range);
      await answer.discard();
      return answer.status === 416 ? 'beyond' : undefined;
    });
  }

  putNew(name: string, bytes: Uint8Array, mark: ObjectMark): Promise<boolean> {
    const headers = { ...headersOf(mark), 'if-none-match': '*' };
    return this.client.persist(async () => {
      const answer = await this.send({ method: 'PUT', path: this.pathOf(name), headers, body: bytes as Uint8Array<ArrayBuffer>, expected: [200, 412] });
      await answer.discard();
      // An earlier attempt that got no answer may have put it.
      return answer.status === 200 || (await this.head(name))?.tag === mark.tag;
    });
  }

  async put(name: string, bytes: Uint8Array, mark: ObjectMark): Promise<void> {
    await this.client.persist(async () => {
      const answer = await this.send({ method: 'PUT', path: this.pathOf(name), headers: headersOf(mark), body: bytes as Uint8Array<ArrayBuffer>, expected: [200] });
      await answer.discard();
    });
  }

  async remove(name: string): Promise<void> {
    await this.client.persist(async () => {
      const answer = await this.send({ method: 'DELETE', path: this.pathOf(name), expected: [200, 204, 404] });
      await answer.discard();
    });
  }

  async list(prefix: string): Promise<ListedObject[]> {
    const { prefix: folder } = this.place;
    const objects: ListedObject[] = [];
    for (let token: string | undefined; ; ) {
      const query = { 'list-type': '2', prefix: folder + prefix, ...(token === undefined ? {} : { 'continuation-token': token }) };
      const page = await this.client.persist(async () => {
        const answer = await this.send({ method: 'GET', path: '', query, expected: [200] });
        return parsePage(new TextDecoder().decode(await answer.bytes(pageBytesMax)), `list of ${query.prefix}`);
      });
      for (const { name, sizeBytes } of page.objects) if (name.startsWith(query.prefix)) objects.push({ name: name.slice(folder.length), sizeBytes });
      if (page.next === undefined) return objects;
      if (page.next === token) throw new ElanusError('Network', `list of ${query.prefix}: goes on from where it was`);
      token = page.next;
    }
  }

  private pathOf(name: string): string {
    return `/${this.place.prefix}${name}`;
  }

  private async send({ method, path, query = {}, headers = {}, body, expected }: S3Request): Promise<WebAnswer> {
    const { endpoint, bucket } = this.place;
    const url = `${endpoint}/${bucket}${path}${path === '' ? `?${new URLSearchParams(query).toString()}` : ''}`;
    const signed = await this.sign(method, url, { ...headers, 'x-amz-content-sha256': await sha256Hex(body ?? new Uint8Array(0)) });
    const answer = await this.client.request(signed.url.toString(), { method, headers: signed.headers, ...(body === undefined ? {} : { body }) });
    if (expected.includes(answer.status)) return answer;
    throw await refusalOf(method, answer);
  }

  /** Anew for each attempt: a signature holds for some minutes only. */
  private sign(method: string, url: string, headers: Record<string, string>): Promise<{ readonly url: URL; readonly headers: Headers }> {
    const { region, credentials } = this.place;
    return new AwsV4Signer({ method, url, headers, service: 's3', region, cache: this.signingKeys, ...credentials }).sign();
  }
}

function headersOf({ tag, isLog }: ObjectMark): Record<string, string> {
  return { 'content-type': 'application/octet-stream', [`x-amz-meta-${tagName}`]: tag, ...(isLog ? { [`x-amz-meta-${logName}`]: '1' } : {}) };
}

function headOf(answer: WebAnswer, sizeBytes: number): ObjectHead {
  return { sizeBytes, tag: answer.header(`x-amz-meta-${tagName}`) ?? '', isLog: answer.header(`x-amz-meta-${logName}`) === '1' };
}

async function readContent(answer: WebAnswer, range: ByteRange | undefined): Promise<ObjectContent> {
  const announced = contentLength(answer);
  const bytes = await answer.bytes(announced);
  if (bytes.length < announced) throw new PassingFailure(new ElanusError('Network', `${answer.url}: expected ${announced} bytes, found ${bytes.length}`));
  if (answer.status === 200) {
    // Whole, also where a range was asked for.
    if (range !== undefined && range.offset >= bytes.length) return { ...headOf(answer, bytes.length), bytes: new Uint8Array(0) };
    return { ...headOf(answer, bytes.length), bytes: range === undefined ? bytes : bytes.slice(range.offset, range.offset + range.length) };
  }
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.header('content-range') ?? '') ?? [];
  if (range === undefined || Number(first) !== range.offset) throw new ElanusError('Network', `${answer.url}: expected the range from ${range?.offset}, found ${String(answer.header('content-range'))}`);
  return { ...headOf(answer, Number(total)), bytes };
}

function contentLength(answer: WebAnswer): number {
  const length = Number(answer.header('content-length') ?? NaN);
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw new ElanusError('Network', `${answer.url}: expected a Content-Length, found ${String(answer.header('content-length'))}`);
}

async function refusalOf(method: string, answer: WebAnswer): Promise<ElanusError | PassingFailure> {
  const { status, url } = answer;
  const { code, message } = parseError(await answer.complaint());
  const said = `${method} ${url}: S3 answered with status ${status} ${code} ${message}`.trimEnd();
  // Two that put one name at once; who comes later gets 412 or wins.
  if (status === 409) return new PassingFailure(new ElanusError('Network', said, { status }));
  if (status === 507 || code === 'QuotaExceeded') return new ElanusError('QuotaExceeded', said, { status });
  if (code === 'RequestTimeout') return new PassingFailure(new ElanusError('Network', said, { status }));
  return new ElanusError(status === 404 ? 'NotFound' : 'Network', said, { status });
}

async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
