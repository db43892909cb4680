// A small S3 server in memory: signatures checked, conditional puts decided one after another, lists in pages, ranges,
// metadata. It fails as it is told to: refuses, hangs up before or after doing what was asked, or does it late.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, serveLocally, type LocalServer } from './local-server.js';
import { refusedSignature, type Secret } from './s3-signature.js';

export interface StoredObject {
  readonly bytes: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What goes wrong with the next request of a method whose path matches. */
export interface Fault {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  readonly path?: RegExp;
  readonly how:
    | { readonly status: number; readonly code: string }
    | 'hang' // no answer ever, nothing done
    | 'drop' // the connection ends, nothing done
    | 'applied' // done, then the connection ends
    | 'late' // the connection ends, and it is done when `arrive` is called
    | 'cut'; // half of the body, then the connection ends
  /** Default 1. */
  readonly times?: number;
}

export interface S3ServerOptions {
  readonly pageSize?: number;
  /** As servers that never heard of conditional puts. */
  readonly ignoresConditions?: boolean;
}

export interface S3Server extends LocalServer {
  readonly objects: Map<string, StoredObject>;
  /** Methods and paths, as they came. */
  readonly requests: string[];
  fail(...faults: readonly Fault[]): void;
  /** What was sent with the fault 'late' is done now, under its conditions. */
  arrive(): void;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer;
}

export const secret: Secret = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
export const bucket = 'test-bucket';

export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const store = new Store(options);
  const requests: string[] = [];
  const faults: { fault: Fault; left: number }[] = [];
  const late: (() => void)[] = [];

  function faultFor(method: string, path: string): Fault | undefined {
    const found = faults.find(({ fault, left }) => left > 0 && fault.method === method && (fault.path === undefined || fault.path.test(path)));
    if (found !== undefined) found.left--;
    return found?.fault;
  }

  const server = await serveLocally(async (request, response) => {
    const body = await bodyOf(request);
    const path = decodeURIComponent(request.url ?? '/');
    requests.push(`${request.method} ${path}`);
    const how = faultFor(request.method ?? '', path)?.how;
    if (how === 'hang') return;
    if (how === 'drop') return void response.destroy();
    const refused = refusedSignature(request, body, secret);
    const perform = (): Answer => (refused === undefined ? store.perform(request, body) : refusal(403, refused));
    if (how === 'late') {
      late.push(perform);
      return void response.destroy();
    }
    if (how === 'applied') {
      perform();
      return void response.destroy();
    }
    send(response, typeof how === 'object' ? refusal(how.status, how.code) : perform(), how === 'cut', request.method === 'HEAD');
  });
  return {
    ...server,
    objects: store.objects,
    requests,
    fail: (...more) => faults.push(...more.map((fault) => ({ fault, left: fault.times ?? 1 }))),
    arrive: () => late.splice(0).forEach((perform) => perform()),
  };
}

class Store {
  readonly objects = new Map<string, StoredObject>();

  constructor(private readonly options: S3ServerOptions) {}

  perform(request: IncomingMessage, body: Buffer): Answer {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, named = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
    if (named !== bucket) return refusal(404, 'NoSuchBucket');
    const name = rest.join('/');
    if (name === '') return request.method === 'GET' && url.searchParams.get('list-type') === '2' ? this.list(url.searchParams) : refusal(400, 'InvalidRequest');
    if (request.method === 'PUT') return this.put(name, body, request);
    if (request.method === 'DELETE') return this.remove(name);
    return this.get(name, request.headers.range);
  }

  private put(name: string, body: Buffer, { headers }: IncomingMessage): Answer {
    if (headers['if-none-match'] === '*' && this.objects.has(name) && this.options.ignoresConditions !== true) return refusal(412, 'PreconditionFailed');
    const metadata = Object.fromEntries(Object.entries(headers).filter(([header]) => header.startsWith('x-amz-meta-'))) as Record<string, string>;
    this.objects.set(name, { bytes: body, metadata });
    return { status: 200 };
  }

  private remove(name: string): Answer {
    this.objects.delete(name);
    return { status: 204 };
  }

  private get(name: string, range: string | undefined): Answer {
    const object = this.objects.get(name);
    if (object === undefined) return refusal(404, 'NoSuchKey');
    const { bytes, metadata } = object;
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (first === undefined) return { status: 200, headers: metadata, body: bytes };
    const start = Number(first);
    if (start >= bytes.length) return refusal(416, 'InvalidRange');
    const end = Math.min(Number(last) + 1, bytes.length);
    return { status: 206, headers: { ...metadata, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }, body: bytes.subarray(start, end) };
  }

  /** A token is the last name of the page before, in a form that must be escaped twice. */
  private list(query: URLSearchParams): Answer {
    const after = query.get('continuation-token')?.replace(/^<&/, '') ?? '';
    const names = [...this.objects.keys()].filter((name) => name.startsWith(query.get('prefix') ?? '') && name > after).sort();
    const page = names.slice(0, this.options.pageSize ?? 1_000);
    const entries = page.map((name) => `<Contents><Key>${escape(name)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>${this.objects.get(name)?.bytes.length}</Size></Contents>`);
    const more = page.length < names.length ? `<NextContinuationToken>${escape(`<&${page.at(-1)}`)}</NextContinuationToken>` : '';
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${more !== ''}</IsTruncated>${more}${entries.join('')}</ListBucketResult>`;
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) };
  }
}

function send(response: ServerResponse, { status, headers = {}, body = Buffer.alloc(0) }: Answer, cut: boolean, headOnly: boolean): void {
  // 204 has no body, not even an empty one.
  response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': body.length });
  if (cut) response.write(body.subarray(0, body.length >> 1), () => response.destroy());
  else response.end(headOnly ? undefined : body);
}

function refusal(status: number, code: string): Answer {
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>as it was told to</Message></Error>`) };
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
