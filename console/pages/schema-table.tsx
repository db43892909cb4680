// SchemaTable: the fields of a collection and what each may hold; the functions that make some of them.

import type { JSX } from 'preact';
import type { Field } from '../../src/model/field.js';
import type { Schema } from '../../src/model/schema.js';
import { line } from '../data/format.js';
import { Badge } from '../parts/badge.js';
import { Table } from '../parts/table.js';

export function SchemaTable({ schema }: { readonly schema: Schema }): JSX.Element {
  return (
    <>
      <Table
        caption="Fields"
        quietCaption
        rows={schema.fields}
        keyOf={({ name }) => name}
        columns={[
          { head: 'Field', header: true, cell: ({ name, description = '' }) => <>{name}{description !== '' && <span class="below soft">{description}</span>}</> },
          { head: 'Type', cell: typeOf },
          { head: 'What it is', cell: (field) => <span class="badges">{marksOf(field, schema).map((mark) => <Badge key={mark} text={mark} />)}</span> },
          { head: 'Metric', cell: ({ metric }) => metric ?? '–' },
        ]}
      />
      <p class="soft">{schema.enableDynamicField ? 'Rows may have more keys than these.' : 'Rows have these fields alone.'}</p>
    </>
  );
}

function typeOf({ type, dim, maxLength, elementType, maxCapacity }: Field): string {
  if (type === 'Array') return `Array of ${elementType ?? ''}, at most ${maxCapacity ?? ''}`;
  if (dim !== undefined) return `${type}, ${dim}`;
  return maxLength === undefined ? type : `${type}, at most ${maxLength} bytes`;
}

function marksOf(field: Field, { functions = [] }: Schema): readonly string[] {
  const maker = functions.find(({ outputFieldNames }) => outputFieldNames.includes(field.name));
  return [
    ...(field.primaryKey === true ? ['primary key'] : []),
    ...(field.autoId === true ? ['made by the server'] : []),
    ...(field.partitionKey === true ? ['partition key'] : []),
    ...(field.nullable === true ? ['may be null'] : []),
    ...(field.defaultValue === undefined ? [] : [`default ${line(field.defaultValue)}`]),
    ...(maker === undefined ? [] : [`${maker.type} of ${maker.inputFieldNames.join(', ')}`]),
    ...(field.enableAnalyzer === true ? [`analyzer ${analyzerOf(field)}`] : []),
    ...(field.model === undefined ? [] : [`model ${field.model.name}`]),
  ];
}

function analyzerOf({ analyzerParams }: Field): string {
  const named = analyzerParams?.['type'] ?? analyzerParams?.['tokenizer'] ?? 'standard';
  return typeof named === 'string' ? named : 'of its own';
}
