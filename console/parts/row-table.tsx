// RowTable: rows, or hits with their scores, by their fields, without vectors. Each can be opened whole, and searched from.

import type { JSX } from 'preact';
import { primaryField, vectorFields, type Schema } from '../../src/model/schema.js';
import { line } from '../data/format.js';
import { hashOf } from '../data/place.js';
import { Table, type Column } from './table.js';

/** Wider than this no table is read. */
const COLUMNS_MAX = 24;

type Row = Readonly<Record<string, unknown>>;

interface RowTableProps<R extends Row> {
  readonly caption: string;
  readonly schema: Schema;
  readonly rows: readonly R[];
  /** Before the fields. */
  readonly first?: readonly Column<R>[];
  readonly onOpen: (id: string) => void;
  readonly searchFrom: { readonly database: string; readonly collection: string };
}

export function RowTable<R extends Row>({ caption, schema, rows, first = [], onOpen, searchFrom }: RowTableProps<R>): JSX.Element {
  const key = primaryField(schema).name;
  const columns: readonly Column<R>[] = [
    ...first,
    { head: key, header: true, class: 'digits', cell: (row) => line(row[key]) },
    ...namesOf(schema, rows).map((name) => ({ head: name, cell: (row: R) => <Value value={row[name]} /> })),
    { head: 'Actions', quietHead: true, class: 'actions', cell: (row) => <Actions id={String(row[key])} onOpen={onOpen} searchFrom={searchFrom} /> },
  ];
  return <Table caption={caption} quietCaption columns={columns} rows={rows} keyOf={(row) => String(row[key])} />;
}

/** Fields in order of the schema, then keys that no field names. */
function namesOf(schema: Schema, rows: readonly Row[]): readonly string[] {
  const key = primaryField(schema).name;
  const vectors = new Set(vectorFields(schema).map(({ name }) => name));
  const names = new Set(schema.fields.map(({ name }) => name).filter((name) => name !== key && !vectors.has(name)));
  for (const row of rows) for (const name of Object.keys(row)) if (name !== key && !vectors.has(name)) names.add(name);
  return [...names].slice(0, COLUMNS_MAX);
}

function Value({ value }: { readonly value: unknown }): JSX.Element {
  if (value === undefined) return <span class="quiet">none</span>;
  if (value === null) return <span class="null">null</span>;
  return <span class={typeof value === 'string' ? 'text' : 'code'}>{line(value)}</span>;
}

interface ActionsProps {
  readonly id: string;
  readonly onOpen: (id: string) => void;
  readonly searchFrom: RowTableProps<Row>['searchFrom'];
}

function Actions({ id, onOpen, searchFrom }: ActionsProps): JSX.Element {
  return (
    <>
      <button type="button" class="small" onClick={() => onOpen(id)}>
        Details<span class="quiet"> of row {id}</span>
      </button>
      <a class="small button" href={hashOf({ page: 'collection', ...searchFrom, tab: 'search', id })}>
        Similar<span class="quiet"> to row {id}</span>
      </a>
    </>
  );
}
