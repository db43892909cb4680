// PlainManifest: what a reader takes from a manifest: the schema, the segments and the fields whose index is exact. It is
// taken as far as it is plain; the engine decodes whole ones.

import { decodeEnvelope } from '../format/envelope.js';
import { isFileName } from '../format/keys.js';
import { LIMITS } from '../model/limits.js';
import type { Schema } from '../model/schema.js';
import { within } from './beyond.js';
import { plainSchema } from './plain-schema.js';

export interface PlainFile {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface PlainSegment {
  readonly rows: number;
  readonly rowsFile: PlainFile;
  readonly deletions: (PlainFile & { readonly count: number }) | undefined;
  /** Index files by the name of their field. */
  readonly indexes: ReadonlyMap<string, PlainFile>;
}

export interface PlainManifest {
  readonly schema: Schema;
  readonly segments: readonly PlainSegment[];
  /** Fields whose rows are all looked at, as FLAT asks for it. */
  readonly exact: ReadonlySet<string>;
}

type Members = Readonly<Record<string, unknown>>;

/** Errors: `Beyond`; `Corrupt`, `Unsupported` of the envelope. */
export function plainManifest(bytes: Uint8Array, collection: string, where: string): PlainManifest {
  const { schema: given, segments, schemas, indexes = [], properties, collection: id } = decodeEnvelope(bytes, LIMITS.manifestBytesMax, where);
  within(id === collection && schemas === undefined && properties === undefined && Array.isArray(segments) && Array.isArray(indexes), where);
  const schema = plainSchema(given);
  const vectors = schema.fields.filter(({ dim }) => dim !== undefined).map(({ name }) => name);
  return { schema, segments: segments.map((segment: Members) => plainSegment(segment, vectors)), exact: exactFields(indexes) };
}

function plainSegment({ rows, rowsFile, schema, deletions, index, indexes }: Members, vectors: readonly string[]): PlainSegment {
  within(isCount(rows) && rows <= LIMITS.rowsPerSegmentMax && schema === undefined, 'segment');
  const files = index === undefined ? ((indexes ?? {}) as Members) : { [vectors[0] ?? '']: index };
  const { count } = (deletions ?? {}) as Members;
  return {
    rows,
    rowsFile: plainFile(rowsFile),
    deletions: deletions === undefined ? undefined : { ...plainFile(deletions), count: Number(count) },
    indexes: new Map(vectors.flatMap((name) => (Object.hasOwn(files, name) ? [[name, plainFile(files[name])] as const] : []))),
  };
}

function plainFile(given: unknown): PlainFile {
  const { name, sizeBytes, salt } = given as Members;
  within(typeof name === 'string' && isFileName(name) && isCount(sizeBytes) && salt === undefined, 'file');
  return { name, sizeBytes };
}

function exactFields(indexes: readonly Members[]): ReadonlySet<string> {
  // Others have efforts of their own.
  within(indexes.every(({ indexType }) => indexType === 'FLAT' || indexType === 'AUTOINDEX'), 'index');
  return new Set(indexes.flatMap(({ indexType, fieldName }) => (indexType === 'FLAT' ? [String(fieldName)] : [])));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
