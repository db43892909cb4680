// NoteCard: a note with what was looked for marked in it. Nothing of a note is taken for HTML.

import type { JSX } from 'preact';
import type { Note } from '../data/notes.js';

interface NoteCardProps {
  readonly note: Note;
  readonly onLike: () => void;
  readonly onRemove: () => void;
}

export function NoteCard({ note, onLike, onRemove }: NoteCardProps): JSX.Element {
  return (
    <li class="card note">
      <p class="title">
        {note.title}
        {note.own && <span class="badge">yours</span>}
      </p>
      <p>{note.parts.map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part))}</p>
      <p class="actions">
        <button type="button" class="small" onClick={onLike}>
          More like this
        </button>
        {note.own && (
          <button type="button" class="small" onClick={onRemove}>
            Remove
          </button>
        )}
      </p>
    </li>
  );
}
