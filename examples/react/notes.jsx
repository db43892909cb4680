/** @jsxImportSource react */
// Notes found by their words as one types: `vite examples/react`, with elanus and react installed.

import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { open } from 'elanus';
import { useSearch } from 'elanus/react';

const TEXTS = ['A kite hovers over the field', 'Ships carried salt along the coast', 'Kestrels hover, too'];

async function openNotes() {
  const db = await open('notes_example');
  if (await db.hasCollection('notes')) return db.collection('notes');
  const notes = await db.createCollection({
    name: 'notes',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'text', type: 'VarChar', maxLength: 1000, enableAnalyzer: true, analyzerParams: { type: 'english' } },
      { name: 'words', type: 'SparseFloatVector', metric: 'BM25' },
    ],
    functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['words'] }],
  });
  await notes.insert(TEXTS.map((text, id) => ({ id, text })));
  return notes;
}

function Notes() {
  const [notes, setNotes] = useState();
  const [text, setText] = useState('');
  const [failure, setFailure] = useState();
  useEffect(() => void openNotes().then(setNotes, setFailure), []);
  const { hits, error } = useSearch(notes, text === '' ? undefined : { annsField: 'words', data: text, limit: 10, outputFields: ['text'] });
  return (
    <>
      <label>
        Find <input value={text} onChange={({ target }) => setText(target.value)} />
      </label>
      {(failure ?? error) && <p role="alert">{(failure ?? error).message}</p>}
      <ol>
        {hits.map(({ id, fields }) => (
          <li key={String(id)}>{fields.text}</li>
        ))}
      </ol>
    </>
  );
}

createRoot(document.getElementById('root')).render(<Notes />);
