// ServerPage: how the server is, live; what works in the background; and the collections of a database.

import type { JSX } from 'preact';
import type { CollectionSummary, OverviewAnswer, ServerAnswer } from '../../src/server/console/answers.js';
import { bytes, plural, whole } from '../data/format.js';
import { hashOf } from '../data/place.js';
import type { Asked } from '../data/use-answer.js';
import { Badge, Share } from '../parts/badge.js';
import { Facts, type Fact } from '../parts/facts.js';
import { Heading } from '../parts/heading.js';
import { Empty, Trouble } from '../parts/notice.js';
import { Table, type Column } from '../parts/table.js';
import { LiveMetrics } from './live-metrics.js';

interface ServerPageProps {
  readonly database: string;
  readonly server: Asked<ServerAnswer>;
  readonly overview: Asked<OverviewAnswer>;
}

export function ServerPage({ database, server, overview }: ServerPageProps): JSX.Element {
  return (
    <>
      <Heading title="Server" />
      <LiveMetrics />
      {server.failure !== undefined && <Trouble failure={server.failure} again={server.again} />}
      {server.value !== undefined && <Health answer={server.value} memory={overview.value?.memory} />}
      {overview.failure !== undefined && <Trouble failure={overview.failure} again={overview.again} />}
      {overview.value !== undefined && (
        <>
          <Tasks tasks={overview.value.tasks} />
          <Collections database={database} overview={overview.value} />
        </>
      )}
    </>
  );
}

function Health({ answer: { version, health }, memory }: { readonly answer: ServerAnswer; readonly memory: OverviewAnswer['memory'] | undefined }): JSX.Element {
  const facts: readonly Fact[] = [
    { name: 'Version', value: version },
    { name: 'Core', value: `${health.core === 'native' ? 'native' : 'WebAssembly'}, ${health.kernels}${health.accelerator === undefined ? '' : `, ${health.accelerator}`}` },
    { name: 'Storage', value: <>{health.storage} {health.durable ? <Badge tone="good" text="durable" /> : <Badge tone="bad" text="lost when it stops" />}</> },
    ...(health.usageBytes === undefined ? [] : [{ name: 'Stored', value: `${bytes(health.usageBytes)}${health.quotaBytes === undefined ? '' : ` of ${bytes(health.quotaBytes)}`}` }]),
    ...(memory === undefined ? [] : [{ name: 'Memory for data', value: `${bytes(memory.usedBytes)}${memory.limitBytes === undefined ? ', no limit' : ` of ${bytes(memory.limitBytes)}`}` }]),
  ];
  return (
    <section aria-labelledby="health-title">
      <h2 id="health-title">State</h2>
      <Facts facts={facts} />
      {health.warnings.length > 0 && (
        <div class="notice trouble">
          <p class="title">{plural(health.warnings.length, 'warning')}</p>
          <ul>
            {health.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

const TASKS = { seal: 'Writing rows into a file', index: 'Building an index', compact: 'Merging segments', load: 'Reading into memory' } as const;

function Tasks({ tasks }: { readonly tasks: OverviewAnswer['tasks'] }): JSX.Element | null {
  if (tasks.length === 0) return null;
  return (
    <section aria-labelledby="tasks-title">
      <h2 id="tasks-title">In the background</h2>
      <Table
        caption="Work in the background"
        quietCaption
        rows={tasks}
        keyOf={({ id }) => id}
        columns={[
          { head: 'Work', header: true, cell: ({ task }) => TASKS[task] },
          { head: 'Collection', cell: ({ collection }) => collection },
          { head: 'Rows', cell: ({ task, done, total }) => <Share part={done} of={total} label={`${TASKS[task]}: rows done`} /> },
        ]}
      />
    </section>
  );
}

function Collections({ database, overview }: { readonly database: string; readonly overview: OverviewAnswer }): JSX.Element {
  return (
    <section aria-labelledby="collections-title">
      <h2 id="collections-title">Collections of {database}</h2>
      {overview.collections.length === 0 ? <NoCollections database={database} /> : <Table caption={`Collections of ${database}`} quietCaption columns={columnsOf(database)} rows={overview.collections} keyOf={({ name }) => name} />}
    </section>
  );
}

function columnsOf(database: string): readonly Column<CollectionSummary>[] {
  return [
    { head: 'Name', header: true, cell: ({ name, description }) => <><a href={hashOf({ page: 'collection', database, collection: name, tab: 'overview' })}>{name}</a>{description !== '' && <span class="below soft">{description}</span>}</> },
    { head: 'Rows', numeric: true, cell: ({ rows, trouble }) => (trouble === undefined ? whole(rows) : '–') },
    { head: 'Segments', numeric: true, cell: ({ sealedSegments }) => whole(sealedSegments) },
    { head: 'With index', numeric: true, cell: ({ indexedSegments }) => whole(indexedSegments) },
    { head: 'State', cell: stateOf },
    { head: 'Aliases', cell: ({ aliases }) => (aliases.length === 0 ? '–' : aliases.join(', ')) },
  ];
}

function stateOf({ loadState, origin, trouble }: CollectionSummary): JSX.Element {
  if (trouble !== undefined) return <><Badge tone="bad" text="damaged" /><span class="below soft">{trouble}</span></>;
  return <>{loadState === 'LoadStateLoaded' ? <Badge tone="good" text="loaded" /> : <Badge text="released" />}{origin !== undefined && <> <Badge text={`copy of ${origin}`} /></>}</>;
}

function NoCollections({ database }: { readonly database: string }): JSX.Element {
  const body = JSON.stringify({ ...(database === 'default' ? {} : { dbName: database }), collectionName: 'books', dimension: 384 });
  return (
    <Empty title="There is no collection yet">
      <p>Make one with any client of Milvus, or like this:</p>
      <pre class="json" tabIndex={0} role="region" aria-label="A command that makes a collection">{`curl ${location.origin}/v2/vectordb/collections/create \\\n  -d '${body}'`}</pre>
      <p class="soft">It is shown here a few seconds later.</p>
    </Empty>
  );
}
