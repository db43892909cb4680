// RowDialog: one row whole, with its vectors, as JSON that can be copied. Escape closes it.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { askRow, type Target } from '../data/api.js';
import { pretty } from '../data/format.js';
import { useAnswer } from '../data/use-answer.js';
import { Trouble, Waiting } from './notice.js';

interface RowDialogProps {
  readonly target: Target;
  readonly id: string;
  readonly onClose: () => void;
}

export function RowDialog({ target, id, onClose }: RowDialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const asked = useAnswer(`${target.dbName}/${target.collectionName}/${id}`, async (signal) => ({ row: await askRow(target, id, signal) }));
  useEffect(() => dialog.current?.showModal(), []);
  const { value, failure, again } = asked;
  return (
    <dialog ref={dialog} aria-labelledby="row-title" onClose={onClose}>
      <div class="bar">
        <h2 id="row-title">Row {id}</h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      {failure !== undefined && <Trouble failure={failure} again={again} />}
      {value === undefined && failure === undefined && <Waiting what="Fetching the row…" />}
      {value !== undefined && (value.row === undefined ? <p>This row is not there any more.</p> : <Json text={pretty(value.row)} />)}
    </dialog>
  );
}

function Json({ text }: { readonly text: string }): JSX.Element {
  const [said, say] = useState('');
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => say('Copied.'),
      () => say('The browser does not let this page copy.'),
    );
  };
  return (
    <>
      <pre class="json" tabIndex={0} role="region" aria-label="The row as JSON">
        {text}
      </pre>
      <div class="bar">
        <button type="button" onClick={copy}>
          Copy
        </button>
        <span role="status">{said}</span>
      </div>
    </>
  );
}
