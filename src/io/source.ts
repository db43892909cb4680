// Source: where an import's bytes come from. Formats that are read from front to back take any source in pieces of any
// size; Parquet is read from its end and takes a source of known size. Pieces are never kept longer than a row needs.

import { concatBytes } from '../format/bytes.js';
import { ElanusError } from '../model/errors.js';
import { ImportPlace } from './place.js';

/** As much of a web `ReadableStream<Uint8Array>` as is used. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** A file that is read in any order. `read` gives `length` bytes from `offset` on, fewer only at the end. */
export interface RandomBytes {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** As much of a web `Blob`, or a `File`, as is used. */
export interface ByteBlob {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export type ByteSource = Uint8Array | ByteBlob | RandomBytes | ByteStream | AsyncIterable<Uint8Array>;

const PIECE_BYTES = 1024 * 1024;

/** The source as one that is read in any order; undefined if it only comes once. */
export function randomBytes(source: ByteSource): RandomBytes | undefined {
  if (source instanceof Uint8Array) return { size: source.length, read: async (offset, length) => plain(source).subarray(offset, offset + length) };
  if ('read' in source && 'size' in source) return { size: source.size, read: async (offset, length) => plain(await source.read(offset, length)) };
  if ('slice' in source && 'size' in source) return { size: source.size, read: async (offset, length) => new Uint8Array(await source.slice(offset, offset + length).arrayBuffer()) };
  return undefined;
}

/** The same memory, without what a subclass makes of it: a slice of Node's Buffer is no copy. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes of the source if it is known. */
export function sizeOf(source: ByteSource): number | undefined {
  return randomBytes(source)?.size;
}

/** The source from front to back, once. Ending early cancels it. Errors: `Closed` once `signal` is aborted, also while nothing comes. */
export async function* piecesOf(source: ByteSource, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const random = randomBytes(source);
  if (random !== undefined) {
    for (let offset = 0; offset < random.size; offset += PIECE_BYTES) yield await random.read(offset, Math.min(PIECE_BYTES, random.size - offset));
    return;
  }
  const { next, cancel } = 'getReader' in source ? ofStream(source) : ofIterable(source as AsyncIterable<Uint8Array>);
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await unlessAborted(next(), signal);
      ended = done === true;
      if (ended) return;
      if (value !== undefined) yield plain(value);
    }
  } finally {
    // What hangs in a read may hang in its end, too.
    if (!ended && signal?.aborted === true) void cancel().catch(() => undefined);
    else if (!ended) await cancel();
  }
}

interface Pieces {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<unknown>;
}

function ofStream(stream: ByteStream): Pieces {
  const reader = stream.getReader();
  return { next: () => reader.read(), cancel: () => reader.cancel() };
}

function ofIterable(iterable: AsyncIterable<Uint8Array>): Pieces {
  const iterator = iterable[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: async () => iterator.return?.() };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(abortedError(signal, 'import'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Takes runs of bytes of a wanted length from a source, for formats of records of known size. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #offset = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#offset;
  }

  /** The next `length` bytes, or as many as are left; what arrives is what is allocated, whatever was asked for. */
  async take(length: number): Promise<Uint8Array> {
    while (this.#heldBytes < length) {
      const { done, value } = await this.#pieces.next();
      if (done === true) break;
      // A copy: the caller may fill its buffer anew.
      this.#held.push(value.slice());
      this.#heldBytes += value.length;
    }
    const all = this.#held.length === 1 ? (this.#held[0] as Uint8Array) : concatBytes(this.#held);
    const taken = all.subarray(0, length);
    const rest = all.subarray(taken.length);
    this.#held = rest.length === 0 ? [] : [rest];
    this.#heldBytes = rest.length;
    this.#offset += taken.length;
    return taken;
  }

  /** As `take`. Errors: `Corrupt` if fewer are left. */
  async takeAll(length: number, file: string, what: string): Promise<Uint8Array> {
    const at = this.#offset;
    const taken = await this.take(length);
    if (taken.length < length) throw new ImportPlace(file, `byte ${at}`).corrupt(`${what}: expected ${length} bytes, found ${taken.length}`);
    return taken;
  }

  /** Cancels the source. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}

/** Throws `Closed` once `signal` is aborted. */
export function checkAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted === true) throw abortedError(signal, what);
}

function abortedError({ reason }: AbortSignal, what: string): ElanusError {
  return new ElanusError('Closed', `the ${what} was aborted`, { cause: reason });
}
