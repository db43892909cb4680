// Table: a caption, heads of columns, and rows; wider than the page it scrolls by itself, also by keyboard.

import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row, at: number) => ComponentChildren;
  /** Numbers stand to the right, in digits of one width. */
  readonly numeric?: boolean;
  /** Names the row. */
  readonly header?: boolean;
  /** For the ear alone. */
  readonly quietHead?: boolean;
  readonly class?: string;
}

interface TableProps<Row> {
  readonly caption: string;
  /** Where a heading above says the same to the eye. */
  readonly quietCaption?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, at: number) => string | number;
}

export function Table<Row>({ caption, quietCaption = false, columns, rows, keyOf }: TableProps<Row>): JSX.Element {
  const id = useId();
  return (
    <div class="scroll" role="group" aria-labelledby={id} tabIndex={0}>
      <table>
        <caption id={id} class={quietCaption ? 'quiet' : ''}>
          {caption}
        </caption>
        <thead>
          <tr>
            {columns.map(({ head, numeric, quietHead }) => (
              <th key={head} scope="col" class={numeric === true ? 'number' : ''}>
                {quietHead === true ? <span class="quiet">{head}</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={keyOf(row, at)}>{columns.map((column) => cellOf(column, row, at))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellOf<Row>({ head, cell, numeric, header, class: own = '' }: Column<Row>, row: Row, at: number): JSX.Element {
  const classes = `${numeric === true ? 'number' : ''} ${own}`.trim();
  return header === true ? (
    <th key={head} scope="row" class={classes}>
      {cell(row, at)}
    </th>
  ) : (
    <td key={head} class={classes}>
      {cell(row, at)}
    </td>
  );
}
