// NotesPage: notes found as one types, by words, by letters or by both; more like one of them; and the visitor's own.

import type { Collection } from 'elanus';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { announce, useStep } from '../data/step.js';
import { addNote, ownNotes, removeNote, someNotes, searchNotes, similarNotes, TEXT_MAX, type Note, type Way } from '../data/notes.js';
import { wordsOf, type App } from '../data/use-app.js';
import { NoteCard } from '../parts/note-card.js';

const SHOWN = 12;
const SOME = 4;
const WAYS: Readonly<Record<Way, string>> = { both: 'words and letters', words: 'words alone', letters: 'letters alone' };
const TRY = ['oxygen in water', 'who ruled the Mongols', 'chloroplst', 'rainfor'];

export function NotesPage({ app }: { readonly app: App }): JSX.Element {
  return (
    <>
      <h1>Notes, found as you type</h1>
      <p class="soft lead">Short passages of Wikipedia, and what you write. They live and are searched in this browser alone.</p>
      {app.notes === undefined ? <p role="status">Opening the notes…</p> : <Notes notes={app.notes} />}
    </>
  );
}

type Asked = { readonly kind: 'text'; readonly text: string; readonly way: Way } | { readonly kind: 'like'; readonly note: Note };

interface Answer {
  readonly asked: Asked;
  readonly found: readonly Note[];
  readonly timeMs: number;
}

function Notes({ notes }: { readonly notes: Collection }): JSX.Element {
  const [asked, ask] = useState<Asked>({ kind: 'text', text: '', way: 'both' });
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<Answer>();
  const [trouble, setTrouble] = useState('');
  useStep(useStable(() => setRound((last) => last + 1)));
  useEffect(() => {
    // A slower answer to earlier letters is not shown over that to later ones.
    let current = true;
    answerTo(notes, asked).then((found) => current && (setAnswer(found), setTrouble('')), (error: unknown) => current && setTrouble(wordsOf(error)));
    return () => void (current = false);
  }, [notes, asked, round]);
  const text = asked.kind === 'text' ? asked.text : '';
  const way = asked.kind === 'text' ? asked.way : 'both';
  const remove = (id: bigint): void => void removeNote(notes, id).then(() => announce('notes'), (error: unknown) => setTrouble(wordsOf(error)));
  return (
    <div class="two wide-first">
      <section aria-labelledby="search-heading">
        <h2 id="search-heading" class="quiet">Search</h2>
        <label class="big">
          <span>Search the notes</span>
          <input id="query" type="search" autocomplete="off" autocapitalize="none" value={text} onInput={(event) => ask({ kind: 'text', text: event.currentTarget.value, way })} />
        </label>
        <fieldset class="choices">
          <legend>by</legend>
          {(Object.keys(WAYS) as Way[]).map((one) => (
            <label key={one}>
              <input type="radio" name="way" checked={one === way} onChange={() => ask({ kind: 'text', text, way: one })} />
              {WAYS[one]}
            </label>
          ))}
        </fieldset>
        {text === '' && asked.kind === 'text' && <Suggestions onTry={(example) => ask({ kind: 'text', text: example, way })} />}
        {trouble !== '' && <p class="trouble" role="alert">{trouble}</p>}
        <p id="answer" role="status" class="soft">{answer !== undefined && saidOf(answer)}</p>
        {asked.kind === 'like' && <button type="button" onClick={() => ask({ kind: 'text', text: '', way })}>Back to the search</button>}
        <ol id="found" class="notes">
          {answer?.found.map((note) => <NoteCard key={note.id} note={note} onLike={() => ask({ kind: 'like', note })} onRemove={() => remove(note.id)} />)}
        </ol>
        <About />
      </section>
      <NewNote notes={notes} />
    </div>
  );
}

async function answerTo(notes: Collection, asked: Asked): Promise<Answer> {
  const begunMs = performance.now();
  const found = asked.kind === 'like' ? await similarNotes(notes, asked.note.id, SHOWN) : asked.text.trim() === '' ? await toBeginWith(notes) : await searchNotes(notes, asked.text, asked.way, SHOWN);
  return { asked, found, timeMs: performance.now() - begunMs };
}

/** One's own, or where there are none some of the others. */
async function toBeginWith(notes: Collection): Promise<readonly Note[]> {
  const own = await ownNotes(notes);
  return own.length > 0 ? own : someNotes(notes, SOME);
}

function saidOf({ asked, found, timeMs }: Answer): string {
  const count = `${found.length} ${found.length === 1 ? 'note' : 'notes'}`;
  if (asked.kind === 'like') return `${count} spelled most like “${asked.note.text.slice(0, 60)}…”, in ${timeMs.toFixed(1)} ms.`;
  if (asked.text.trim() === '') return found[0]?.own === true ? `${count} of your own, the newest first.` : 'Some of the notes, by chance:';
  return found.length === 0 ? `No note is found for “${asked.text}”.` : `${count}, the best first, in ${timeMs.toFixed(1)} ms.`;
}

function Suggestions({ onTry }: { readonly onTry: (text: string) => void }): JSX.Element {
  return (
    <p class="try">
      Try {TRY.map((example) => <button key={example} type="button" class="chip" onClick={() => onTry(example)}>{example}</button>)}
    </p>
  );
}

function About(): JSX.Element {
  return (
    <details>
      <summary>How it searches</summary>
      <p>
        By words: BM25 over stems of English. By letters: a vector of 512 numbers for each note, made from groups of three to five letters of its words, so that half a word or a misspelled one finds its like. Both rankings are fused into one. There is no language model in this page: it finds what is written alike, not
        what means the same. With a model of yours the same collection searches by meaning.
      </p>
    </details>
  );
}

function NewNote({ notes }: { readonly notes: Collection }): JSX.Element {
  const [text, setText] = useState('');
  const [said, say] = useState('');
  const save = (event: Event): void => {
    event.preventDefault();
    if (text.trim() === '') return say('Write something first.');
    addNote(notes, text.trim()).then(
      () => (setText(''), say('Kept, in this browser alone. It is found at once.'), announce('notes')),
      (error: unknown) => say(wordsOf(error)),
    );
  };
  return (
    <section aria-labelledby="new-heading" class="card">
      <h2 id="new-heading">Write a note</h2>
      <form onSubmit={save}>
        <label>
          <span class="quiet">Your note</span>
          <textarea id="note" rows={4} maxLength={TEXT_MAX} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <button type="submit" class="main-action">Keep it</button>
        <p role="status" class="soft">{said}</p>
      </form>
    </section>
  );
}

/** The same function at every drawing, which calls the newest. */
function useStable(work: () => void): () => void {
  const newest = useRef(work);
  newest.current = work;
  return useRef(() => newest.current()).current;
}
