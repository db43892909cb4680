// Manifest: the numbered, immutable list of a collection's sealed segments, with its schema and the first LSN
// that is not in them. Whoever holds a decoded Manifest may trust its names, sizes and extents.

import { requireIntact } from '../model/errors.js';
import type { IndexDefinition } from '../model/index-definition.js';
import type { Statistics } from '../model/column-statistics.js';
import { checkConsistencyLevel, type ConsistencyLevel } from '../model/consistency-level.js';
import { INDEX_KINDS } from '../model/index-kind.js';
import { LIMITS } from '../model/limits.js';
import { vectorFields, type Schema, type VectorField } from '../model/schema.js';
import { sameBytes } from './bytes.js';
import { arrayAt, intact, integerAt, nameAt, objectAt, stringAt, type Unchecked } from './checks.js';
import { decodeEnvelope, encodeEnvelope, type JsonObject } from './envelope.js';
import { decodeExtents, extentsJson, type VectorExtents } from './extents.js';
import { decodeIndexes, indexesJson } from './index-definitions.js';
import { deletionsName, indexName, isCollectionId, isFileName, pushesName, rowsName } from './keys.js';
import { decodePartitions, partitionsJson, type Partitions } from './partitions.js';
import { decodeProperties, type Properties } from './properties.js';
import { decodeMark, markJson, type ScopeMark } from './row-scope.js';
import { decodeSchemas, schemaJson, schemaOf, type Schemas } from './schema-json.js';
import { decodeStatistics, statisticsJson } from './statistics.js';

export interface Manifest {
  readonly formatVersion: 1;
  /** Id of the collection: 16 lower-case hexadecimal digits. */
  readonly collection: string;
  readonly name: string;
  readonly version: number;
  readonly schema: Schema;
  /** Older schemas that segments or logged batches may be of, ascending by version; absent if there are none. */
  readonly schemas?: readonly Schema[];
  /** Batches below this are in the segments; the log goes on from here. */
  readonly nextLsn: bigint;
  readonly segments: readonly SegmentEntry[];
  /** Absent while there is the default one alone. */
  readonly partitions?: Partitions;
  /** What was set by name; absent if nothing was. */
  readonly properties?: Properties;
  /** As it was asked for when the collection was created. */
  readonly consistencyLevel?: ConsistencyLevel;
  /** The indexes that were asked for, in order of the fields; absent if there are none. */
  readonly indexes?: readonly IndexDefinition[];
  /** The greatest time of a stamp, and the file of what is kept of those who push; absent if nobody does. Copies do not have the file, and those of some rows are not told of it. */
  readonly pushes?: { readonly time: bigint; readonly file?: FileEntry };
  /** Which rows it is of, where a copy has not all; absent of the collection itself. */
  readonly scope?: ScopeMark;
}

export interface FileEntry {
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Of an encrypted file: 64 hexadecimal digits that no other file has. */
  readonly salt?: string;
}

export interface SegmentEntry {
  readonly id: number;
  readonly rows: number;
  readonly rowsFile: FileEntry;
  /** Version of the schema that the rows file is of; absent of the first. */
  readonly schema?: number;
  /** Where the vectors lie in the rows file. */
  readonly vectors: VectorExtents;
  readonly deletions?: FileEntry & { readonly count: number };
  /** Of its scalar columns. Without, nothing is known of them. */
  readonly statistics?: Statistics;
  /** Over vectors, by the name of their field. */
  readonly indexes: IndexFiles;
}

export type IndexFiles = ReadonlyMap<string, FileEntry>;

const HEX_64 = /^[0-9a-f]{64}$/;
const LSN = /^(?:0|[1-9][0-9]{0,19})$/;
const LSN_MAX = (1n << 64n) - 1n;

/** Errors: `InvalidArgument` if it is longer than LIMITS.manifestBytesMax. */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  const { collection, name, version, schema, schemas, nextLsn, segments, indexes = [], partitions, properties, consistencyLevel, pushes, scope } = manifest;
  const object: JsonObject = { collection, name, version, schema: schemaJson(schema), schemas: schemas?.map(schemaJson), nextLsn: nextLsn.toString(), segments: segments.map((segment) => segmentJson(segment, schemaOf(manifest, segment.schema ?? 0) ?? schema)), indexes: indexesJson(indexes), partitions: partitions && partitionsJson(partitions), properties: properties && { ...properties }, consistencyLevel, pushes: pushes && { ...(pushes.file && fileJson(pushes.file)), time: pushes.time.toString() }, scope: scope && markJson(scope) };
  return encodeEnvelope(object, LIMITS.manifestBytesMax, 'manifest');
}

/** Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer format. */
export function decodeManifest(bytes: Uint8Array, where: string): Manifest {
  const object = decodeEnvelope(bytes, LIMITS.manifestBytesMax, where);
  const collection = stringAt(object['collection'], where, 'collection');
  requireIntact(isCollectionId(collection), where, 'collection: expected 16 hexadecimal digits');
  const name = nameAt(object['name'], where, 'name');
  const version = integerAt(object['version'], 0, Number.MAX_SAFE_INTEGER, where, 'version');
  const schemas = decodeSchemas(object, where);
  const { schema } = schemas;
  const nextLsn = decodeLsn(object['nextLsn'], where);
  const given = arrayAt(object['segments'], LIMITS.segmentsMax, where, 'segments');
  const segments = given.map((segment, i) => decodeSegment(segment, schemas, where, `segments[${i}]`));
  requireIntact(new Set(segments.map((segment) => segment.id)).size === segments.length, where, 'segments: duplicate id');
  const indexes = decodeIndexes(object['indexes'], schema, where);
  const manifest: Manifest = { formatVersion: 1, collection, name, version, ...schemas, nextLsn, segments, ...(indexes.length === 0 ? {} : { indexes }), ...decodeSettings(object, where) };
  requireIntact(sameBytes(encodeManifest(manifest), bytes), where, 'expected canonical JSON without other members');
  return manifest;
}

function decodeSettings(object: Unchecked, where: string): Pick<Manifest, 'partitions' | 'properties' | 'consistencyLevel' | 'pushes' | 'scope'> {
  const partitions = decodePartitions(object['partitions'], where);
  const properties = decodeProperties(object['properties'], where, 'properties');
  const consistencyLevel = object['consistencyLevel'] === undefined ? undefined : intact(where, () => checkConsistencyLevel(object['consistencyLevel']));
  const scope = decodeMark(object['scope'], where);
  const pushes = object['pushes'] === undefined ? {} : { pushes: decodePushes(objectAt(object['pushes'], where, 'pushes'), scope !== undefined, where) };
  return { ...pushes, ...(scope === undefined ? {} : { scope }), ...(partitions === undefined ? {} : { partitions }), ...(properties === undefined ? {} : { properties }), ...(consistencyLevel === undefined ? {} : { consistencyLevel }) };
}

function decodePushes(entry: Unchecked, isOfSome: boolean, where: string): NonNullable<Manifest['pushes']> {
  const time = stringAt(entry['time'], where, 'pushes.time');
  requireIntact(LSN.test(time) && BigInt(time) < 1n << 63n, where, 'pushes.time: expected a decimal string below 2^63');
  return { ...(isOfSome ? {} : { file: decodeFile(entry, pushesName, where, 'pushes') }), time: BigInt(time) };
}

function segmentJson({ id, rows, rowsFile, schema: schemaVersion, vectors, deletions, indexes, statistics }: SegmentEntry, schema: Schema): JsonObject {
  return {
    id,
    rows,
    rowsFile: fileJson(rowsFile),
    schema: schemaVersion,
    vectors: extentsJson(vectors),
    deletions: deletions === undefined ? undefined : { ...fileJson(deletions), count: deletions.count },
    statistics: statisticsJson(statistics),
    ...indexesOfSegment(indexes, schema),
  };
}

// The only vector's file by itself, those of several by their fields.
function indexesOfSegment(indexes: IndexFiles, schema: Schema): JsonObject {
  const files = vectorFields(schema).flatMap(({ name }) => {
    const file = indexes.get(name);
    return file === undefined ? [] : [[name, fileJson(file)] as const];
  });
  if (vectorFields(schema).length === 1) return { index: files[0]?.[1] };
  return { indexes: files.length === 0 ? undefined : Object.fromEntries(files) };
}

function fileJson({ name, sha256, sizeBytes, salt }: FileEntry): JsonObject {
  return { name, sha256, sizeBytes, salt };
}

function decodeLsn(value: unknown, where: string): bigint {
  requireIntact(typeof value === 'string' && LSN.test(value), where, 'nextLsn: expected a decimal string');
  const lsn = BigInt(value);
  requireIntact(lsn <= LSN_MAX, where, `nextLsn: at most ${LSN_MAX}, found ${lsn}`);
  return lsn;
}

function decodeSegment(value: unknown, schemas: Schemas, where: string, place: string): SegmentEntry {
  const segment = objectAt(value, where, place);
  const id = integerAt(segment['id'], 0, Number.MAX_SAFE_INTEGER, where, `${place}.id`);
  const rows = integerAt(segment['rows'], 0, LIMITS.rowsPerSegmentMax, where, `${place}.rows`);
  const rowsFile = decodeFile(objectAt(segment['rowsFile'], where, `${place}.rowsFile`), rowsName, where, `${place}.rowsFile`);
  const version = segment['schema'] === undefined ? 0 : integerAt(segment['schema'], 1, Number.MAX_SAFE_INTEGER, where, `${place}.schema`);
  const schema = schemaOf(schemas, version);
  requireIntact(schema !== undefined, where, `${place}.schema: no schema of version ${version}`);
  const vectors = decodeExtents(segment['vectors'], schema, rows, rowsFile.sizeBytes, where, `${place}.vectors`);
  const deletions = segment['deletions'] === undefined ? {} : { deletions: decodeDeletions(segment['deletions'], rows, where, `${place}.deletions`) };
  const statistics = segment['statistics'] === undefined ? {} : { statistics: decodeStatistics(segment['statistics'], schema, rows, where, `${place}.statistics`) };
  return { id, rows, rowsFile, ...(version === 0 ? {} : { schema: version }), vectors, ...deletions, ...statistics, indexes: decodeIndexFiles(segment, schema, where, place) };
}

function decodeDeletions(value: unknown, rows: number, where: string, place: string): FileEntry & { readonly count: number } {
  const entry = objectAt(value, where, place);
  return { ...decodeFile(entry, deletionsName, where, place), count: integerAt(entry['count'], 1, rows, where, `${place}.count`) };
}

function decodeIndexFiles({ index, indexes }: Unchecked, schema: Schema, where: string, place: string): IndexFiles {
  const fields = vectorFields(schema);
  const [only] = fields;
  if (fields.length === 1 && only !== undefined) return new Map(index === undefined ? [] : [[only.name, decodeIndex(index, only, where, `${place}.index`)]]);
  if (indexes === undefined) return new Map();
  const given = objectAt(indexes, where, `${place}.indexes`);
  return new Map(fields.flatMap((field) => (Object.hasOwn(given, field.name) ? [[field.name, decodeIndex(given[field.name], field, where, `${place}.indexes.${field.name}`)] as const] : [])));
}

function decodeIndex(value: unknown, { type }: VectorField, where: string, place: string): FileEntry {
  const entry = objectAt(value, where, place);
  const names = (type === 'SparseFloatVector' ? (['sparse'] as const) : INDEX_KINDS).map(indexName);
  return decodeFile(entry, (sha256) => names.map((nameOf) => nameOf(sha256)).find((name) => name === entry['name']) ?? (names[0] as (typeof names)[number])(sha256), where, place);
}

function decodeFile(file: Unchecked, nameOf: (sha256: string) => string, where: string, place: string): FileEntry {
  const sha256 = hexAt(file['sha256'], where, `${place}.sha256`);
  const name = stringAt(file['name'], where, `${place}.name`);
  requireIntact(isFileName(name) && name === nameOf(sha256), where, `${place}.name: expected ${nameOf(sha256)}, found ${JSON.stringify(name)}`);
  const sizeBytes = integerAt(file['sizeBytes'], 1, Number.MAX_SAFE_INTEGER, where, `${place}.sizeBytes`);
  return { name, sha256, sizeBytes, ...(file['salt'] === undefined ? {} : { salt: hexAt(file['salt'], where, `${place}.salt`) }) };
}

function hexAt(value: unknown, where: string, place: string): string {
  const hex = stringAt(value, where, place);
  requireIntact(HEX_64.test(hex), where, `${place}: expected 64 hexadecimal digits`);
  return hex;
}
