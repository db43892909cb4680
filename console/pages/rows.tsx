// RowsPage: the rows of a collection by primary key, page by page, all or those for which a filter holds.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Schema } from '../../src/model/schema.js';
import { askRows, type Target } from '../data/api.js';
import { plural, whole } from '../data/format.js';
import { useAnswer } from '../data/use-answer.js';
import { QueryExplained } from '../parts/explain.js';
import { Empty, Trouble, Waiting } from '../parts/notice.js';
import { RowDialog } from '../parts/row-dialog.js';
import { RowTable } from '../parts/row-table.js';

const PAGE_ROWS = 25;
/** The server gives rows up to here; beyond, a filter goes on. */
const REACH_ROWS = 16_384;

interface RowsPageProps {
  readonly target: Target;
  readonly schema: Schema;
  readonly database: string;
}

export function RowsPage({ target, schema, database }: RowsPageProps): JSX.Element {
  const [asked, ask] = useState({ filter: '', offset: 0, explain: false });
  const [opened, setOpened] = useState<string>();
  const question = { ...target, limit: PAGE_ROWS, offset: asked.offset, explain: asked.explain, ...(asked.filter === '' ? {} : { filter: asked.filter }) };
  const { value, failure, loading, again } = useAnswer(JSON.stringify(question), (signal) => askRows(question, signal));
  const total = value?.total ?? 0;
  return (
    <>
      <FilterForm schema={schema} onAsk={(filter, explain) => (ask({ filter, explain, offset: 0 }), again())} />
      <p class="said" role="status">
        {value === undefined ? '' : saidOf(value.rows.length, asked.offset, total, asked.filter)}
      </p>
      {failure !== undefined && <Trouble failure={failure} again={again} />}
      {value === undefined && failure === undefined && <Waiting what="Fetching rows…" />}
      {value !== undefined && value.rows.length === 0 && failure === undefined && <NoRows filtered={asked.filter !== ''} />}
      {value !== undefined && value.rows.length > 0 && (
        <>
          <RowTable caption={`Rows of ${target.collectionName}`} schema={schema} rows={value.rows} onOpen={setOpened} searchFrom={{ database, collection: target.collectionName }} />
          <Pages offset={asked.offset} total={total} busy={loading} onGo={(offset) => ask({ ...asked, offset })} />
        </>
      )}
      {value?.explain !== undefined && <QueryExplained explain={value.explain} />}
      {opened !== undefined && <RowDialog target={target} id={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function saidOf(shown: number, offset: number, total: number, filter: string): string {
  const which = filter === '' ? '' : ' for which the filter holds';
  if (shown === 0) return `No rows${which}.`;
  return `Rows ${whole(offset + 1)} to ${whole(offset + shown)} of ${whole(total)}${which}.`;
}

interface FilterFormProps {
  readonly schema: Schema;
  readonly onAsk: (filter: string, explain: boolean) => void;
}

function FilterForm({ schema, onAsk }: FilterFormProps): JSX.Element {
  const filter = useRef<HTMLInputElement>(null);
  const explain = useRef<HTMLInputElement>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    onAsk(filter.current?.value.trim() ?? '', explain.current?.checked ?? false);
  };
  return (
    <form class="row-form" onSubmit={submit}>
      <label class="field grow">
        Filter
        <input ref={filter} class="code" placeholder={exampleFilter(schema)} autocapitalize="none" spellcheck={false} />
      </label>
      <label class="check">
        <input ref={explain} type="checkbox" /> Explain
      </label>
      <button type="submit" class="main-action">
        Show rows
      </button>
    </form>
  );
}

/** One that fits the schema, so that the language shows itself. */
export function exampleFilter({ fields }: Schema): string {
  const number = fields.find(({ type, primaryKey }) => primaryKey !== true && /^(Int|Float|Double)/.test(type) && !type.endsWith('Vector'));
  const text = fields.find(({ type, primaryKey }) => primaryKey !== true && type === 'VarChar');
  const parts = [...(number === undefined ? [] : [`${number.name} > 10`]), ...(text === undefined ? [] : [`${text.name} like "a%"`])];
  const key = fields.find(({ primaryKey }) => primaryKey === true);
  return `e.g. ${parts.length > 0 ? parts.join(' and ') : key?.type === 'VarChar' ? `${key.name} == "a"` : `${key?.name ?? 'id'} < 100`}`;
}

function NoRows({ filtered }: { readonly filtered: boolean }): JSX.Element {
  return filtered ? <Empty title="No row matches"><p>Change the filter, or leave it empty to see all rows.</p></Empty> : <Empty title="The collection is empty"><p>Rows are shown here once they are inserted.</p></Empty>;
}

interface PagesProps {
  readonly offset: number;
  readonly total: number;
  readonly busy: boolean;
  readonly onGo: (offset: number) => void;
}

function Pages({ offset, total, busy, onGo }: PagesProps): JSX.Element {
  const next = offset + PAGE_ROWS;
  const reached = next + PAGE_ROWS > REACH_ROWS;
  return (
    <nav class="pages" aria-label="Pages of rows">
      <button type="button" disabled={busy || offset === 0} onClick={() => onGo(Math.max(0, offset - PAGE_ROWS))}>
        Previous {PAGE_ROWS}
      </button>
      <button type="button" disabled={busy || next >= total || reached} onClick={() => onGo(next)}>
        Next {PAGE_ROWS}
      </button>
      {reached && next < total && <span class="soft">Pages end at {plural(REACH_ROWS, 'row')}: go on by a filter on the primary key.</span>}
    </nav>
  );
}

