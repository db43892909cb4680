// Explain: what an answer cost and why it went the way it did, segment by segment, in words and numbers.

import type { JSX } from 'preact';
import type { Explain, QueryExplain, SegmentExplain, SegmentWay } from '../../src/engine/api.js';
import { bytes, percent, plural, time, whole } from '../data/format.js';
import { Badge } from './badge.js';
import { Empty } from './notice.js';
import { Table, type Column } from './table.js';

const WAYS: Readonly<Record<SegmentWay, string>> = {
  flat: 'every vector',
  few: 'codes of a few',
  graph: 'graph',
  ivf: 'lists',
  codes: 'codes',
  sparse: 'lists of terms',
  skipped: 'skipped',
  none: 'nothing',
};

type Common = Pick<SegmentExplain, 'segment' | 'rows' | 'liveRows' | 'matching' | 'selectivity' | 'way' | 'why' | 'bytesRead' | 'filterMs' | 'readMs' | 'filterIndexes'>;

/** A query scores nothing. */
const WAYS_OF_QUERY: typeof WAYS = { ...WAYS, flat: 'every row' };

const commonColumns = (ways: typeof WAYS): readonly Column<Common>[] => [
  { head: 'Segment', header: true, cell: ({ segment }) => segment },
  { head: 'Way', class: 'wide', cell: ({ way, why, filterIndexes }) => <><Badge text={ways[way]} /><span class="below soft">{why}{filterIndexes.length > 0 && ` The filter used indexes of ${filterIndexes.join(', ')}.`}</span></> },
  { head: 'Matching rows', numeric: true, cell: ({ matching, liveRows, selectivity }) => <>{whole(matching)}<span class="below soft">of {whole(liveRows)}, {percent(selectivity)}</span></> },
  { head: 'Read', numeric: true, cell: ({ bytesRead, readMs }) => <>{bytes(bytesRead)}<span class="below soft">{time(readMs)}</span></> },
  { head: 'Filter', numeric: true, cell: ({ filterMs }) => time(filterMs) },
];

const OF_QUERY = commonColumns(WAYS_OF_QUERY);

const OF_SEARCH: readonly Column<SegmentExplain>[] = [
  ...commonColumns(WAYS),
  { head: 'Search', numeric: true, cell: ({ searchMs }) => time(searchMs) },
  { head: 'Looked at', class: 'wide', cell: ({ cost }) => lookedAt(cost) },
];

function lookedAt({ vectors, codes, bits, hops, lists }: SegmentExplain['cost']): string {
  const parts = [
    ...(vectors > 0 ? [plural(vectors, 'vector')] : []),
    ...(codes > 0 ? [plural(codes, 'code')] : []),
    ...(bits > 0 ? [plural(bits, '1-bit code')] : []),
    ...(hops > 0 ? [plural(hops, 'hop')] : []),
    ...(lists > 0 ? [plural(lists, 'list')] : []),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

export function SearchExplained({ explain }: { readonly explain: Explain }): JSX.Element {
  return (
    <section aria-labelledby="explain-title">
      <h2 id="explain-title">How it was found</h2>
      <p>
        {time(explain.totalMs)} in the engine, {time(explain.fetchMs)} of it to fetch the fields; {bytes(explain.bytesRead)} read from files.
      </p>
      {explain.searches.map(({ annsField, metric, segments }, at) =>
        segments.length === 0 ? <Empty key={at} title="There was no segment to search" /> : <Table key={at} caption={`Search of ${annsField} by ${metric}, segment by segment`} columns={OF_SEARCH} rows={segments} keyOf={({ segment }, row) => `${segment} ${row}`} />,
      )}
    </section>
  );
}

export function QueryExplained({ explain }: { readonly explain: QueryExplain }): JSX.Element {
  return (
    <section aria-labelledby="explain-title">
      <h2 id="explain-title">How they were found</h2>
      <p>
        {plural(explain.rows, 'row')} in {time(explain.totalMs)}; {bytes(explain.bytesRead)} read from files.
      </p>
      {explain.segments.length === 0 ? <Empty title="There was no segment to look at" /> : <Table caption="Finding the rows, segment by segment" columns={OF_QUERY} rows={explain.segments} keyOf={({ segment }, row) => `${segment} ${row}`} />}
    </section>
  );
}
