// PublishedCollection: searches of one collection of a published folder, as the engine answers them.

import { rank, type SegmentCandidates } from '../engine/search/candidates.js';
import { effortFor } from '../engine/search/effort.js';
import { searchFarAgain } from '../engine/search/far-queries.js';
import type { SearchResult } from '../engine/api/search.js';
import { hasBit, type Bitset } from '../model/bitset.js';
import type { Column } from '../model/columns.js';
import type { Field } from '../model/field.js';
import type { Hit } from '../model/hit.js';
import type { FieldValue, PrimaryKey } from '../model/row.js';
import type { DenseField } from '../model/schema.js';
import { within } from './beyond.js';
import type { PlainManifest } from './plain-manifest.js';
import type { PlainFilter } from './plain-filter.js';
import { plainSearch, type PlainSearch } from './plain-search.js';
import { PublishedSegment, type SearchedVectors, type Source } from './published-segment.js';

type Found = SegmentCandidates<PublishedSegment>;

/** Vectors are read whole before the first search: of collections with larger rows files the engine reads what it needs. */
const ROWS_BYTES_MAX = 32 * 1024 * 1024;

export class PublishedCollection {
  /** As the catalog has it. */
  readonly name: string;
  readonly source: Source;
  readonly #segments: readonly PublishedSegment[];
  readonly #exact: ReadonlySet<string>;

  private constructor(name: string, source: Source, segments: readonly PublishedSegment[], exact: ReadonlySet<string>) {
    this.name = name;
    this.source = source;
    this.#segments = segments;
    this.#exact = exact;
  }

  /** Errors: `Beyond`, those of the files. */
  static async open(name: string, source: Source, { segments, exact }: PlainManifest): Promise<PublishedCollection> {
    within(segments.reduce((sum, { rowsFile }) => sum + rowsFile.sizeBytes, 0) <= ROWS_BYTES_MAX, 'size');
    return new PublishedCollection(name, source, await Promise.all(segments.map((segment) => PublishedSegment.open(source, segment))), exact);
  }

  /** Errors: `Beyond`, those of the files. */
  async search(request: Parameters<typeof plainSearch>[1]): Promise<SearchResult<readonly Hit[] | readonly (readonly Hit[])[]>> {
    const search = plainSearch(this.source.schema, request);
    const filter = search.filter === undefined ? undefined : await (await import('./plain-filter.js')).plainFilter(search.filter, this.source.schema);
    const parts = await Promise.all(
      this.#segments.map(async (segment) => {
        const [vectors, rows] = await Promise.all([segment.vectors(search.field), filter === undefined ? segment.alive : matchingRows(segment, filter)]);
        // Where no row passes none is missed.
        return filter !== undefined && rows?.every((byte) => byte === 0) ? [] : [this.#searchSegment(segment, rows, search, vectors)];
      }),
    );
    const found = parts.flat();
    const hits = await Promise.all(Array.from({ length: search.queryCount }, (_, query) => hitsOf(found, query, search)));
    return { hits: search.single ? (hits[0] as readonly Hit[]) : hits, recall: Math.min(1, ...found.map(({ recall }) => recall)) };
  }

  /** `rows` take part; all of them if undefined. */
  #searchSegment(segment: PublishedSegment, rows: Bitset | undefined, { queries, limit, offset, recall, field }: PlainSearch, { flat, approximate }: SearchedVectors): Found {
    const k = limit + offset;
    const effort = recall === 1 || this.#exact.has(field.name) ? undefined : approximate && effortFor(approximate.calibration, approximate.ann.kind, k, recall, rows !== undefined);
    if (effort === undefined || approximate === undefined) return { segment, candidates: flat.search(queries, k, rows), recall: 1 };
    const candidates = approximate.ann.search(queries, k, effort, rows);
    if (rows === undefined) searchFarAgain(approximate, queries, effort, candidates, field);
    return { segment, candidates, recall: effort.recall };
  }
}

async function matchingRows(segment: PublishedSegment, filter: PlainFilter): Promise<Bitset> {
  const columns = await Promise.all(filter.fields.map(async (field) => [field.name, await segment.column(field)] as const));
  return filter.rows(new Map(columns), segment.rows, segment.alive);
}

async function hitsOf(found: readonly Found[], query: number, { field, offset, limit, key, output }: PlainSearch): Promise<readonly Hit[]> {
  return Promise.all(
    rank(found, query, field.metric, offset, limit).map(async ({ segment, row, score }) => ({
      id: (await valueOf(segment, row, key)) as PrimaryKey,
      score,
      fields: Object.fromEntries(await Promise.all(output.map(async (shown) => [shown.name, await valueOf(segment, row, shown)] as const))),
    })),
  );
}

async function valueOf(segment: PublishedSegment, row: number, field: Field): Promise<FieldValue> {
  if (field.dim !== undefined) return (await segment.vectors(field as DenseField)).flat.read(row, 1) as Float32Array;
  const { valid, values } = (await segment.column(field)) as Extract<Column, { readonly type: 'VarChar' }>;
  if (valid !== undefined && !hasBit(valid, row)) return null;
  const value = values[row] as FieldValue;
  return field.type === 'Bool' ? Boolean(value) : value;
}
