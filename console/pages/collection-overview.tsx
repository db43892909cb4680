// CollectionOverview: the schema of a collection, its indexes and how far they are, its segments, partitions and settings.

import type { JSX } from 'preact';
import type { IndexDescription, SegmentStats } from '../../src/engine/api.js';
import type { CollectionAnswer } from '../../src/server/console/answers.js';
import { bytes, plural, whole } from '../data/format.js';
import { Badge, Share } from '../parts/badge.js';
import { Facts, type Fact } from '../parts/facts.js';
import { Empty } from '../parts/notice.js';
import { Table } from '../parts/table.js';
import { SchemaTable } from './schema-table.js';

export function CollectionOverview({ answer }: { readonly answer: CollectionAnswer }): JSX.Element {
  const { description, stats, indexes } = answer;
  return (
    <>
      <section aria-label="Figures">
        <Facts facts={factsOf(answer)} />
        {stats.missing.length > 0 && (
          <div class="notice trouble">
            <p class="title">Answers lack rows</p>
            <ul>{stats.missing.map(({ file, reason, rows }) => <li key={file}>{plural(rows, 'row')}: {file} is {reason}.</li>)}</ul>
          </div>
        )}
      </section>
      <section aria-labelledby="schema-title">
        <h2 id="schema-title">Schema</h2>
        <SchemaTable schema={description.schema} />
      </section>
      <section aria-labelledby="indexes-title">
        <h2 id="indexes-title">Indexes</h2>
        {indexes.length === 0 ? <Empty title="No field has an index" /> : <IndexTable indexes={indexes} />}
      </section>
      <section aria-labelledby="segments-title">
        <h2 id="segments-title">Segments</h2>
        {stats.segmentList.length === 0 ? <Empty title="No segment yet"><p>Rows come into the first one when they are inserted.</p></Empty> : <SegmentTable segments={stats.segmentList} />}
      </section>
      {Object.keys(stats.partitions).length > 1 && <Partitions partitions={stats.partitions} />}
      <Properties answer={answer} />
    </>
  );
}

function factsOf({ description, stats }: CollectionAnswer): readonly Fact[] {
  const { files, memory, rows } = stats;
  const inFiles = files.rows + files.index + files.deletions + files.logs;
  const inMemory = memory.vectors + memory.indexes + memory.columns + memory.keys;
  return [
    { name: 'Rows', value: <>{whole(rows.live)}{rows.growing > 0 && <span class="soft"> ({whole(rows.growing)} still growing)</span>}</> },
    { name: 'Deleted, not yet dropped', value: whole(rows.deleted) },
    { name: 'On disk', value: <>{bytes(inFiles)} <span class="soft">rows {bytes(files.rows)}, indexes {bytes(files.index)}, log {bytes(files.logs)}</span></> },
    { name: 'In memory', value: <>{bytes(inMemory)} <span class="soft">vectors {bytes(memory.vectors)}, indexes {bytes(memory.indexes)}</span></> },
    { name: 'Consistency', value: description.consistencyLevel },
    ...(description.aliases.length === 0 ? [] : [{ name: 'Aliases', value: description.aliases.join(', ') }]),
  ];
}

function IndexTable({ indexes }: { readonly indexes: readonly IndexDescription[] }): JSX.Element {
  return (
    <Table
      caption="Indexes"
      quietCaption
      rows={indexes}
      keyOf={({ indexName }) => indexName}
      columns={[
        { head: 'Name', header: true, cell: ({ indexName }) => indexName },
        { head: 'Field', cell: ({ fieldName }) => fieldName },
        { head: 'Type', cell: ({ indexType, params }) => <>{indexType}{Object.keys(params).length > 0 && <span class="below soft">{Object.entries(params).map(([name, value]) => `${name} ${String(value)}`).join(', ')}</span>}</> },
        { head: 'Metric', cell: ({ metricType }) => metricType ?? '–' },
        { head: 'State', cell: ({ state }) => (state === 'Finished' ? <Badge tone="good" text="finished" /> : <Badge tone="busy" text="in progress" />) },
        { head: 'Sealed rows done', cell: ({ fieldName, indexedRows, pendingRows }) => <Share part={indexedRows} of={indexedRows + pendingRows} label={`Index of ${fieldName}: sealed rows done`} /> },
      ]}
    />
  );
}

const TONES = { Sealed: 'good', Sealing: 'busy', Growing: 'plain' } as const;

function SegmentTable({ segments }: { readonly segments: readonly SegmentStats[] }): JSX.Element {
  return (
    <Table
      caption="Segments, in order of insertion"
      quietCaption
      rows={segments}
      keyOf={({ segment }, at) => `${segment} ${at}`}
      columns={[
        { head: 'Segment', header: true, cell: ({ segment }) => (segment === 'growing' ? '–' : segment) },
        { head: 'State', cell: ({ state, damage }) => (damage === undefined ? <Badge tone={TONES[state]} text={state.toLowerCase()} /> : <><Badge tone="bad" text="damaged" /><span class="below soft">{damage}</span></>) },
        { head: 'Live rows', numeric: true, cell: ({ liveRows }) => whole(liveRows) },
        { head: 'Deleted', numeric: true, cell: ({ rows, liveRows }) => whole(rows - liveRows) },
        { head: 'Indexes', cell: indexesOf },
        { head: 'In files', numeric: true, cell: ({ fileBytes }) => (fileBytes === 0 ? '–' : bytes(fileBytes)) },
        { head: 'In memory', numeric: true, cell: ({ memoryBytes }) => bytes(memoryBytes) },
      ]}
    />
  );
}

const KINDS = { graph: 'graph', ivf: 'lists', sparse: 'terms', none: 'row by row' } as const;

function indexesOf({ vectors }: SegmentStats): JSX.Element {
  return (
    <ul class="inline">
      {vectors.map(({ field, index, indexBytes }) => (
        <li key={field}>
          {field}: {KINDS[index]}
          {indexBytes > 0 && <span class="soft"> {bytes(indexBytes)}</span>}
        </li>
      ))}
    </ul>
  );
}

function Partitions({ partitions }: { readonly partitions: Readonly<Record<string, number>> }): JSX.Element {
  return (
    <section aria-labelledby="partitions-title">
      <h2 id="partitions-title">Partitions</h2>
      <Table
        caption="Partitions"
        quietCaption
        rows={Object.entries(partitions)}
        keyOf={([name]) => name}
        columns={[
          { head: 'Name', header: true, cell: ([name]) => name },
          { head: 'Rows', numeric: true, cell: ([, rows]) => whole(rows) },
        ]}
      />
    </section>
  );
}

function Properties({ answer: { description } }: { readonly answer: CollectionAnswer }): JSX.Element | null {
  const entries = Object.entries(description.properties);
  if (entries.length === 0) return null;
  return (
    <section aria-labelledby="properties-title">
      <h2 id="properties-title">Properties</h2>
      <Facts facts={entries.map(([name, value]) => ({ name, value }))} />
    </section>
  );
}
