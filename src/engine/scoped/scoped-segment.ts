// ScopedSegment: of a sealed segment the rows that a rule lets through, as a segment of its own where these are not all. Its
// files follow from the rows file and the rule alone, so that the same are made again wherever they are gone.

import type { SegmentEntry, FileEntry, Manifest } from '../../format/manifest.js';
import { encodeDeletions } from '../../format/deletion-vector.js';
import { deletionsName, indexName, rowsName } from '../../format/keys.js';
import { schemaOf } from '../../format/schema-json.js';
import { bitsetOf, setRows } from '../../model/bitset.js';
import { INDEX_FILE_KINDS, type IndexFileKind } from '../../model/index-kind.js';
import type { Schema } from '../../model/schema.js';
import type { CheckedFilter } from '../../query/check.js';
import type { CollectionState } from '../collection/collection-state.js';
import { throwIfAborted } from '../database/background.js';
import type { CollectionFiles } from '../files/collection-files.js';
import { freeBytes } from '../files/free-bytes.js';
import { SegmentFiles } from '../files/segment-files.js';
import { useMatching } from '../read/use-matching.js';
import { buildBytes, buildNeed, buildPart } from '../table/part-index.js';
import { Segment } from '../table/segment.js';
import { INDEX_ROWS_MIN, type IndexWishes } from '../upkeep/indexer.js';
import { encodeMerged, mergedBytes, portionBytes } from '../upkeep/merged-rows.js';
import { versionOf } from '../upkeep/sealer.js';

/** No key names its rows. */
const NO_ORDINAL = -1;

/** What of a segment is in the rule: no row, every one, dead ones included, or some, in files of their own. */
export type Sifted = 'none' | 'all' | SegmentEntry;

/** What making it takes from its surroundings. */
export interface Sifting {
  readonly state: CollectionState;
  /** Where files are put. */
  readonly target: CollectionFiles;
  readonly manifest: Manifest;
  readonly filter: CheckedFilter;
  readonly wishes: IndexWishes;
  readonly signal: AbortSignal;
}

/** Without deletions and indexes. Errors: `Corrupt`, `NotFound`, `OutOfMemory`, `Closed` if aborted, those of the storage. */
export async function siftSegment(entry: SegmentEntry, sifting: Sifting): Promise<Sifted> {
  return withSegment(entry, sifting.state.files, sifting, async (segment, schema) => {
    const rows = await rowsOf(segment, sifting);
    if (rows.length === 0) return 'none';
    if (rows.length === entry.rows) return 'all';
    const { state, signal } = sifting;
    const source = [{ segment, rows }];
    const pause = async (): Promise<void> => {
      await state.environment.ambient.pause();
      throwIfAborted(signal);
    };
    return holding(state, mergedBytes(source) + portionBytes(source), async () => {
      const { bytes, ...found } = await encodeMerged(source, { schema, residency: state.residency, ambient: state.environment.ambient, pause, onRows: () => undefined });
      return { id: entry.id, rows: rows.length, rowsFile: await put(sifting, bytes, rowsName), ...versionOf(schema), ...found, indexes: new Map() };
    });
  });
}

/** The deletions of `base`, of its rows that are in the rule; undefined if there are none. Errors: as above. */
export async function siftDeletions(base: SegmentEntry, sifting: Sifting): Promise<SegmentEntry['deletions']> {
  const dead = await sifting.state.files.readDeletions(base);
  if (dead.length === 0) return undefined;
  const rows = await withSegment(base, sifting.state.files, sifting, (segment) => rowsOf(segment, sifting));
  const places = placesOf(dead, rows);
  if (places.length === 0) return undefined;
  return { ...(await put(sifting, encodeDeletions(places), deletionsName)), count: places.length };
}

/** The index over a field of `sifted`, of the kind that `base` has; undefined if it has none, or there are few rows. Errors: as above. */
export async function siftIndex(field: string, base: SegmentEntry, sifted: SegmentEntry, sifting: Sifting): Promise<FileEntry | undefined> {
  const kind = kindOf(base.indexes.get(field));
  if (kind === undefined) return undefined;
  const { state, target, wishes } = sifting;
  const { residency } = state;
  return withSegment(sifted, target, sifting, async (segment) => {
    const part = segment.partOf(field);
    return residency.use(segment, buildNeed(part), async () => {
      if (part.count < INDEX_ROWS_MIN) return undefined;
      const built = await holding(state, buildBytes(segment, part), () => buildPart(segment, part, { ...wishes.get(field), kind }, state.environment, sifting.signal));
      throwIfAborted(sifting.signal);
      built?.close();
      return built && put(sifting, built.bytes, indexName(built.kind));
    });
  });
}

function kindOf(file: FileEntry | undefined): IndexFileKind | undefined {
  return INDEX_FILE_KINDS.find((kind) => file?.name === indexName(kind)(file?.sha256 ?? ''));
}

async function rowsOf(segment: Segment, { state, filter }: Sifting): Promise<Uint32Array> {
  const { residency, environment } = state;
  return useMatching(residency, segment, { columns: [] }, { filter, predicates: environment.core.predicates, alive: undefined }, (rows) => Uint32Array.from(setRows(rows ?? bitsetOf(segment.rows, true))));
}

/** Where those of `some` that are in `rows` stand there; both ascend. */
function placesOf(some: Uint32Array, rows: Uint32Array): Uint32Array {
  const places: number[] = [];
  let at = 0;
  for (const row of some) {
    while (at < rows.length && (rows[at] as number) < row) at++;
    if (rows[at] === row) places.push(at);
  }
  return Uint32Array.from(places);
}

/** Nothing that a reader of the collection needs is given up for it. */
async function put({ state, target }: Sifting, bytes: Uint8Array, nameOf: (sha256: string) => string): Promise<FileEntry> {
  const file = await target.putAhead(bytes, nameOf, true);
  target.settle(file);
  freeBytes(bytes, state.environment.ambient);
  return file;
}

/** Runs `work` while so many bytes are counted. Errors: `OutOfMemory` if there is no room, those of `work`. */
async function holding<T>({ residency }: CollectionState, bytes: number, work: () => Promise<T>): Promise<T> {
  const holder = {};
  residency.hold(holder, bytes);
  try {
    return await work();
  } finally {
    residency.hold(holder, 0);
  }
}

/** Runs `work` with the segment that `entry` is, which is in no table, and the schema of its file. */
async function withSegment<T>(entry: SegmentEntry, files: CollectionFiles, { state, manifest }: Sifting, work: (segment: Segment, schema: Schema) => Promise<T>): Promise<T> {
  const schema = schemaOf(manifest, entry.schema ?? 0) as Schema;
  const segment = Segment.sealed(NO_ORDINAL, manifest.schema, { entry, files: new SegmentFiles(files, entry, schema, manifest) }, new Uint32Array(0));
  state.residency.watch(segment);
  try {
    return await work(segment, schema);
  } finally {
    state.residency.forget(segment);
    segment.close();
  }
}
