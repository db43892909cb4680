// PicturesPage: pick a picture, see the nearest ones with distance and time.

import type { Collection } from 'elanus';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { KINDS, nearest, randomPictures, type Nearest, type Picture } from '../data/pictures.js';
import { picturesTroubleOf, wordsOf, type App } from '../data/use-app.js';
import { PictureButton } from '../parts/picture-button.js';

const PICTURES = 48;
const NEIGHBOURS = 24;

export function PicturesPage({ app }: { readonly app: App }): JSX.Element {
  if (app.pictures !== undefined) return <Pictures pictures={app.pictures} />;
  const trouble = picturesTroubleOf(app);
  return (
    <>
      <h1>Pictures by likeness</h1>
      {trouble === undefined ? <p role="status">The pictures are on their way from the server. The notes can be searched meanwhile.</p> : <p class="trouble" role="alert">There are no pictures here: {trouble}</p>}
    </>
  );
}

function Pictures({ pictures }: { readonly pictures: Collection }): JSX.Element {
  const [some, setSome] = useState<readonly Picture[]>([]);
  const [picked, pick] = useState<Picture>();
  const [kind, setKind] = useState('');
  const [answer, setAnswer] = useState<Nearest>();
  const [trouble, setTrouble] = useState('');
  const said = useRef<HTMLParagraphElement>(null);
  const fail = (error: unknown): void => setTrouble(wordsOf(error));
  const shuffle = (): void => void randomPictures(pictures, PICTURES).then(setSome, fail);
  useEffect(shuffle, [pictures]);
  useEffect(() => {
    if (picked === undefined) return undefined;
    // A slower answer to an earlier pick is not shown over a later one.
    let current = true;
    nearest(pictures, picked, NEIGHBOURS, kind).then((found) => current && setAnswer(found), fail);
    return () => void (current = false);
  }, [pictures, picked, kind]);
  // On a phone the answer is below the pictures.
  useEffect(() => said.current?.scrollIntoView({ block: 'nearest' }), [answer]);
  return (
    <>
      <h1>Pictures by likeness</h1>
      {trouble !== '' && <p class="trouble" role="alert">{trouble}</p>}
      <div class="two">
        <section aria-labelledby="pick-heading">
          <div class="bar">
            <h2 id="pick-heading">Pick a picture</h2>
            <button type="button" onClick={shuffle}>Show others</button>
          </div>
          <ul id="pictures" class="grid">
            {some.map((picture) => <PictureButton key={picture.id} picture={picture} pressed={picked?.id === picture.id} onPick={pick} />)}
          </ul>
        </section>
        <section aria-labelledby="found-heading">
          <div class="bar">
            <h2 id="found-heading">Nearest to it</h2>
            <label>
              only <select id="label" value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
                <option value="">all kinds</option>
                {KINDS.map((name) => <option key={name}>{name}</option>)}
              </select>
            </label>
          </div>
          <p id="answer" ref={said} aria-live="polite" class="soft">
            {picked === undefined || answer === undefined ? 'Pick a picture to see its neighbours.' : saidOf(picked, answer)}
          </p>
          <ol id="found" class="grid">
            {answer?.found.map((hit) => <PictureButton key={hit.id} picture={hit} detail={Math.round(hit.score).toLocaleString('en')} pressed={picked?.id === hit.id} onPick={pick} />)}
          </ol>
        </section>
      </div>
    </>
  );
}

function saidOf({ id, name }: Picture, { found, recall, timeMs }: Nearest): string {
  return `${found.length} nearest to picture ${id} (${name}) in ${timeMs.toFixed(1)} ms, ${recall === 1 ? 'exact' : `expected recall ${recall.toFixed(2)}`}; squared distance below each.`;
}
