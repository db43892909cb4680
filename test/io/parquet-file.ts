// A Parquet file of one column, made by hand so that it can lie: each member of `Lies` says something else than what is.

import { i32, i64, list, struct, text, thriftBytes, type Encoded } from '../../src/format/thrift.js';
import { utf8 } from './support.js';

export interface Lies {
  readonly rows?: number;
  readonly values?: number;
  readonly pageValues?: number;
  readonly plainBytes?: number;
  readonly offset?: number;
  readonly codec?: number;
  readonly size?: number;
  readonly crc?: number;
  readonly encoding?: number;
  /** The page's bytes as they are in the file. Default: the int64 1 and 2. */
  readonly body?: Uint8Array;
  /** Elements of the schema below the root. Default: a required INT64 `id`. */
  readonly elements?: readonly Encoded[];
  readonly path?: readonly string[];
  /** Members of the root. */
  readonly members?: number;
}

export function parquet(lies: Lies = {}): Uint8Array {
  const body = lies.body ?? new Uint8Array(BigInt64Array.of(1n, 2n).buffer);
  const plain = lies.plainBytes ?? body.length;
  const crc = lies.crc === undefined ? undefined : i32(lies.crc);
  const header = thriftBytes(struct({ 1: i32(0), 2: i32(plain), 3: i32(body.length), 4: crc, 5: struct({ 1: i32(lies.pageValues ?? lies.values ?? 2), 2: i32(lies.encoding ?? 0), 3: i32(3), 4: i32(3) }) }));
  const chunkBytes = lies.size ?? header.length + body.length;
  const path = lies.path ?? ['id'];
  const meta = struct({ 1: i32(2), 2: list([i32(0)]), 3: list(path.map(text)), 4: i32(lies.codec ?? 0), 5: i64(lies.values ?? 2), 6: i64(header.length + plain), 7: i64(chunkBytes), 9: i64(lies.offset ?? 4) });
  const elements = [struct({ 4: text('schema'), 5: i32(lies.members ?? 1) }), ...(lies.elements ?? [struct({ 1: i32(2), 3: i32(0), 4: text('id') })])];
  const group = struct({ 1: list([struct({ 2: i64(4), 3: meta })]), 2: i64(100), 3: i64(lies.rows ?? 2) });
  const footer = thriftBytes(struct({ 1: i32(1), 2: list(elements), 3: i64(lies.rows ?? 2), 4: list([group]) }));
  return Buffer.concat([utf8('PAR1'), header, body, footer, new Uint8Array(Uint32Array.of(footer.length).buffer), utf8('PAR1')]);
}
