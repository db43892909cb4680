// Readers of .fvecs, .bvecs and .ivecs, plain or gzipped: per row an int32 d, then d values, all little-endian.
// Files are streamed and untrusted: a row's d is checked before anything is allocated for it, every row must have
// the d of the first, a file that ends within a row or holds no row is refused, and so are NaN and Infinity.

import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UsageError } from './usage-error.js';

const DIM_MAX = 32_768;
const BYTES_MAX = 16 * 1024 ** 3;

const KINDS = { fvecs: 4, bvecs: 1, ivecs: 4 } as const;
type Kind = keyof typeof KINDS;

export interface VecsFile<Values> {
  readonly n: number;
  readonly d: number;
  readonly values: Values;
}

/** Float vectors of a .fvecs or .bvecs file, at most `rowsMax` of them. Errors: `UsageError`. */
export async function readFloats(path: string, rowsMax?: number): Promise<VecsFile<Float32Array>> {
  const { kind, n, d, bytes } = await readRows(path, ['fvecs', 'bvecs'], rowsMax);
  const values = kind === 'bvecs' ? Float32Array.from(bytes) : new Float32Array(bytes.buffer, 0, n * d);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new UsageError(`${path}: row ${Math.floor(bad / d)}: expected finite values, found ${String(values[bad])}`);
  return { n, d, values };
}

/** Byte rows of a .bvecs file, at most `rowsMax` of them; `d` counts bytes. Errors: `UsageError`. */
export async function readBytes(path: string, rowsMax?: number): Promise<VecsFile<Uint8Array>> {
  const { n, d, bytes } = await readRows(path, ['bvecs'], rowsMax);
  return { n, d, values: bytes };
}

/** Rows of a .ivecs file. Errors: `UsageError`. */
export async function readInts(path: string): Promise<VecsFile<Int32Array>> {
  const { n, d, bytes } = await readRows(path, ['ivecs'], undefined);
  return { n, d, values: new Int32Array(bytes.buffer, 0, n * d) };
}

interface Rows {
  readonly kind: Kind;
  readonly n: number;
  readonly d: number;
  /** The values alone; starts its buffer. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

async function readRows(path: string, kinds: readonly Kind[], rowsMax = Infinity): Promise<Rows> {
  const kind = kinds.find((name) => path.endsWith(`.${name}`) || path.endsWith(`.${name}.gz`));
  if (kind === undefined) throw new UsageError(`${path}: expected a file named .${kinds.join(', .')}, or that with .gz`);
  const sink = new RowSink(path, KINDS[kind], rowsMax);
  try {
    for await (const chunk of openStream(path)) if (!sink.take(chunk as Buffer)) break;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path}: cannot be read: ${(error as Error).message}`);
  }
  return { kind, ...sink.finish() };
}

function openStream(path: string): AsyncIterable<unknown> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (!path.endsWith('.gz')) return file;
  const gunzip = createGunzip({ chunkSize: 1 << 20 });
  // Errors of either end reach the reader of the last stream, which throws them.
  pipeline(file, gunzip, () => undefined);
  return gunzip;
}

/** Gathers rows from chunks that may end anywhere. */
class RowSink {
  private rest: Buffer = Buffer.alloc(0);
  private values: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private used = 0;
  private n = 0;
  private d = 0;

  constructor(
    private readonly path: string,
    private readonly valueBytes: number,
    private readonly rowsMax: number,
  ) {}

  /** False when it has all the rows it wants. */
  take(chunk: Buffer): boolean {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (this.n < this.rowsMax && data.length - at >= 4) {
      const bodyBytes = this.checkDim(data.readInt32LE(at)) * this.valueBytes;
      if (data.length - at < 4 + bodyBytes) break;
      this.push(data.subarray(at + 4, at + 4 + bodyBytes));
      at += 4 + bodyBytes;
    }
    this.rest = data.subarray(at);
    return this.n < this.rowsMax;
  }

  finish(): Omit<Rows, 'kind'> {
    if (this.n < this.rowsMax && this.rest.length > 0) throw new UsageError(`${this.path}: ends within row ${this.n}, ${this.rest.length} bytes after its start: truncated`);
    if (this.n === 0) throw new UsageError(`${this.path}: holds no row`);
    return { n: this.n, d: this.d, bytes: this.values.slice(0, this.used) };
  }

  private checkDim(d: number): number {
    if (d < 1 || d > DIM_MAX) throw new UsageError(`${this.path}: row ${this.n}: expected a dimension from 1 to ${DIM_MAX}, found ${d}`);
    if (this.n > 0 && d !== this.d) throw new UsageError(`${this.path}: row ${this.n}: expected the dimension ${this.d} of the rows before it, found ${d}`);
    return d;
  }

  private push(body: Uint8Array): void {
    if (this.used + body.length > BYTES_MAX) throw new UsageError(`${this.path}: more than ${BYTES_MAX} bytes of values; take fewer with --rows`);
    if (this.used + body.length > this.values.length) {
      const grown = new Uint8Array(Math.max(1 << 16, this.values.length * 2, this.used + body.length));
      grown.set(this.values.subarray(0, this.used));
      this.values = grown;
    }
    this.values.set(body, this.used);
    this.used += body.length;
    this.d = body.length / this.valueBytes;
    this.n++;
  }
}
