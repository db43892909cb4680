// SearchForm: what to look for and among which rows. What does not fit the field is said beside it, before anything is sent.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { functionOf, primaryField, vectorFields, type Schema, type VectorField } from '../../src/model/schema.js';
import { askRows, type SearchQuestion, type Target } from '../data/api.js';
import { failureOf } from '../data/failure.js';
import { expected, readVector } from '../data/vector-input.js';
import { exampleFilter } from './rows.js';

type Way = 'text' | 'vector' | 'row';

const LIMIT = 10;
const LIMIT_MAX = 1000;
const RECALL = 0.95;
const NAMES: Readonly<Record<Way, string>> = { text: 'a text', vector: 'a vector', row: 'a row that is there' };

interface SearchFormProps {
  readonly target: Target;
  readonly schema: Schema;
  readonly busy: boolean;
  readonly id?: string;
  readonly onSearch: (question: SearchQuestion) => void;
}

export function SearchForm({ target, schema, busy, id, onSearch }: SearchFormProps): JSX.Element {
  const fields = vectorFields(schema);
  const [fieldName, setFieldName] = useState(() => (id === undefined ? (fields[0]?.name ?? '') : (plainField(schema)?.name ?? '')));
  const field = fields.find(({ name }) => name === fieldName) as VectorField;
  const ways: readonly Way[] = functionOf(schema, fieldName) === undefined ? ['vector', 'row'] : ['text'];
  const [chosen, choose] = useState<Way>(id === undefined ? 'vector' : 'row');
  const way = ways.includes(chosen) ? chosen : (ways[0] as Way);
  const form = useRef<HTMLFormElement>(null);
  const [trouble, setTrouble] = useState('');
  const submit = (event?: Event): void => {
    event?.preventDefault();
    if (form.current === null) return;
    const read = readForm(new FormData(form.current), target, field, way);
    setTrouble('trouble' in read ? read.trouble : '');
    if ('trouble' in read) form.current.querySelector<HTMLElement>('[name=sought]')?.focus();
    else onSearch(read);
  };
  useEffect(() => {
    if (id !== undefined) submit();
  }, []);
  const change = (next: Way): void => (choose(next), setTrouble(''));
  return (
    <form ref={form} class="search-form" onSubmit={submit} noValidate>
      <div class="line">
        <label class="field">
          Vector field
          <select name="field" value={fieldName} onChange={(event) => (setFieldName(event.currentTarget.value), setTrouble(''))}>
            {fields.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <fieldset class="choices">
          <legend>Nearest to</legend>
          {ways.map((one) => (
            <label key={one}>
              <input type="radio" name="way" checked={one === way} onChange={() => change(one)} />
              {NAMES[one]}
            </label>
          ))}
        </fieldset>
      </div>
      <Sought key={`${fieldName} ${way}`} way={way} field={field} target={target} schema={schema} trouble={trouble} onTrouble={setTrouble} {...(id === undefined ? {} : { id })} />
      <label class="field">
        Filter
        <input name="filter" class="code" placeholder={exampleFilter(schema)} autocapitalize="none" spellcheck={false} />
      </label>
      <div class="line">
        <label class="field short">
          Hits
          <input name="limit" type="number" min={1} max={LIMIT_MAX} defaultValue={String(LIMIT)} />
        </label>
        <label class="field short">
          Recall
          <input name="recall" type="number" min={0.5} max={1} step={0.01} defaultValue={String(RECALL)} />
        </label>
        <label class="check">
          <input name="explain" type="checkbox" defaultChecked /> Explain
        </label>
        <button type="submit" class="main-action" disabled={busy}>
          {busy ? 'Searching…' : 'Search'}
        </button>
      </div>
    </form>
  );
}

interface SoughtProps {
  readonly way: Way;
  readonly field: VectorField;
  readonly target: Target;
  readonly schema: Schema;
  readonly trouble: string;
  readonly id?: string;
  readonly onTrouble: (trouble: string) => void;
}

function Sought({ way, field, target, schema, trouble, id, onTrouble }: SoughtProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const said = { name: 'sought', 'aria-describedby': 'sought-hint', 'aria-invalid': trouble !== '', autocapitalize: 'none', spellcheck: false } as const;
  const takeFirst = async (): Promise<void> => {
    const { rows } = await askRows({ ...target, limit: 1, offset: 0, explain: false });
    const key = rows[0]?.[primaryField(schema).name];
    if (key === undefined) onTrouble('There is no row yet.');
    else if (input.current !== null) input.current.value = String(key);
  };
  return (
    <div class="field">
      <label for="sought">{way === 'text' ? 'Text' : way === 'row' ? `Its ${primaryField(schema).name}` : 'Vector'}</label>
      {way === 'vector' && <textarea {...said} id="sought" class="code" rows={3} placeholder={field.type === 'SparseFloatVector' ? '{"7": 0.5, "42": 1.2}' : '[0.12, -0.03, …]'} />}
      {way === 'text' && <input {...said} id="sought" type="search" />}
      {way === 'row' && (
        <span class="with-button">
          <input {...said} ref={input} id="sought" class="code" defaultValue={id ?? ''} />
          <button type="button" onClick={() => void takeFirst().catch((error: unknown) => onTrouble(failureOf(error).message))}>
            Take the first row
          </button>
        </span>
      )}
      <p id="sought-hint" class={trouble === '' ? 'hint' : 'hint wrong'} role={trouble === '' ? undefined : 'alert'}>
        {trouble === '' ? hintOf(way, field, schema) : trouble}
      </p>
    </div>
  );
}

function hintOf(way: Way, field: VectorField, schema: Schema): string {
  if (way === 'vector') return `${field.type}: ${expected(field)}.`;
  if (way === 'row') return 'What is near to the vector of this row, itself among it.';
  return `Rows with these words in ${functionOf(schema, field.name)?.inputFieldNames.join(', ') ?? ''}, the best first by BM25.`;
}

/** The first vector that rows are given: a text cannot be compared with a row. */
function plainField(schema: Schema): VectorField | undefined {
  return vectorFields(schema).find(({ name }) => functionOf(schema, name) === undefined);
}

function readForm(data: FormData, target: Target, field: VectorField, way: Way): SearchQuestion | { readonly trouble: string } {
  const text = (name: string): string => String(data.get(name) ?? '').trim();
  const limit = Number(text('limit'));
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) return { trouble: `Hits: expected 1 to ${LIMIT_MAX}.` };
  const recall = Number(text('recall'));
  if (!(recall >= 0.5 && recall <= 1)) return { trouble: 'Recall: expected 0.5 to 1.' };
  const sought = text('sought');
  const common = { ...target, annsField: field.name, limit, recall, explain: data.has('explain'), ...(text('filter') === '' ? {} : { filter: text('filter') }) };
  if (way === 'vector') {
    const { vector, trouble } = readVector(sought, field);
    return vector === undefined ? { trouble: trouble ?? '' } : { ...common, data: [vector] };
  }
  if (sought === '') return { trouble: way === 'row' ? 'Type the primary key of a row.' : 'Type a word or more.' };
  return way === 'row' ? { ...common, ids: [sought] } : { ...common, data: [sought] };
}
