// SearchPage: a search by a pasted vector, by a row that is there, or by a text where a field takes texts; with a filter,
// and with what it cost.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { functionOf, type Schema } from '../../src/model/schema.js';
import type { SearchAnswer } from '../../src/server/console/answers.js';
import { askSearch, type SearchQuestion, type Target } from '../data/api.js';
import { failureOf, type Failure } from '../data/failure.js';
import { plural, score, time } from '../data/format.js';
import { SearchExplained } from '../parts/explain.js';
import { Empty, Trouble } from '../parts/notice.js';
import { RowDialog } from '../parts/row-dialog.js';
import { RowTable } from '../parts/row-table.js';
import { SearchForm } from './search-form.js';

interface SearchPageProps {
  readonly target: Target;
  readonly schema: Schema;
  /** Searches at once for what is like this row. */
  readonly id?: string;
}

interface Found {
  readonly question: SearchQuestion;
  readonly answer: SearchAnswer;
}

export function SearchPage({ target, schema, id }: SearchPageProps): JSX.Element {
  const [found, setFound] = useState<Found>();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const [opened, setOpened] = useState<string>();
  const running = useRef<AbortController | undefined>(undefined);
  const search = async (question: SearchQuestion): Promise<void> => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    setBusy(true);
    try {
      const answer = await askSearch(question, own.signal);
      if (own.signal.aborted) return;
      setFound({ question, answer });
      setFailure(undefined);
    } catch (error) {
      if (own.signal.aborted) return;
      setFailure(failureOf(error));
    }
    setBusy(false);
  };
  useEffect(() => () => running.current?.abort(), []);
  return (
    <>
      <SearchForm target={target} schema={schema} busy={busy} onSearch={(question) => void search(question)} {...(id === undefined ? {} : { id })} />
      <p class="said" role="status">
        {failure === undefined && found !== undefined && saidOf(found.answer)}
      </p>
      {failure !== undefined && <Trouble failure={failure} />}
      {failure === undefined && found !== undefined && <Hits target={target} schema={schema} found={found} onOpen={setOpened} />}
      {found === undefined && failure === undefined && <Empty title="Nothing searched yet"><p>Say above what to look for. The nearest rows are shown here, with their scores.</p></Empty>}
      {opened !== undefined && <RowDialog target={target} id={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function saidOf({ hits, recall, tookMs }: SearchAnswer): string {
  const sure = recall === 1 ? 'exact' : `expected recall ${recall.toFixed(3)}`;
  return `${plural(hits.length, 'hit')} in ${time(tookMs)} on the server, ${sure}.`;
}

interface HitsProps {
  readonly target: Target;
  readonly schema: Schema;
  readonly found: Found;
  readonly onOpen: (id: string) => void;
}

function Hits({ target, schema, found: { question, answer }, onOpen }: HitsProps): JSX.Element {
  const key = schema.fields.find(({ primaryKey }) => primaryKey === true)?.name ?? 'id';
  const rows = answer.hits.map(({ id, fields }) => ({ ...fields, [key]: id }));
  const metric = schema.fields.find(({ name }) => name === question.annsField)?.metric ?? '';
  return (
    <>
      {answer.missing.length > 0 && (
        <div class="notice trouble">
          <p class="title">The answer lacks rows</p>
          <ul>{answer.missing.map((text) => <li key={text}>{text}</li>)}</ul>
        </div>
      )}
      {rows.length === 0 ? (
        <Empty title="No row was found">{functionOf(schema, question.annsField) === undefined ? <p>No row with a vector matches the filter.</p> : <p>No row that matches has any of these words.</p>}</Empty>
      ) : (
        <RowTable
          caption={`Nearest rows of ${target.collectionName}`}
          schema={schema}
          rows={rows}
          first={[
            { head: '#', numeric: true, class: 'tight', cell: (_, at) => at + 1 },
            { head: SCORES[metric] ?? 'Score', numeric: true, class: 'tight', cell: (_, at) => score(answer.hits[at]?.score ?? 0) },
          ]}
          onOpen={onOpen}
          searchFrom={{ database: target.dbName, collection: target.collectionName }}
        />
      )}
      {answer.explain !== undefined && <SearchExplained explain={answer.explain} />}
    </>
  );
}

const SCORES: Readonly<Record<string, string>> = { L2: 'Squared distance', COSINE: 'Cosine', IP: 'Inner product', HAMMING: 'Hamming distance', JACCARD: 'Jaccard distance', BM25: 'BM25' };
