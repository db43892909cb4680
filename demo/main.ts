// The demo page: pick a picture, see the nearest ones with score and time. All of it runs in this tab: the server is
// asked for files that are not here yet, and never for an answer.

import { ElanusError, type Collection, type Database, open } from 'elanus';
import { pictureButton } from './picture-button.js';
import { nearest, openPictures, randomPictures, type Picture } from './pictures.js';

const PICTURES = 48;
const NEIGHBOURS = 24;
const KINDS = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'];

const find = <E extends Element>(selector: string): E => {
  const element = document.querySelector<E>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
};
const status = find<HTMLParagraphElement>('#status');
const progress = find<HTMLProgressElement>('#progress');
const shuffle = find<HTMLButtonElement>('#shuffle');
const label = find<HTMLSelectElement>('#label');
const answer = find<HTMLParagraphElement>('#answer');
const pictureList = find<HTMLUListElement>('#pictures');
const foundList = find<HTMLOListElement>('#found');

let picked: Picture | undefined;

function say(text: string, trouble = false): void {
  status.textContent = text;
  status.classList.toggle('trouble', trouble);
}

async function showPictures(pictures: Collection): Promise<void> {
  const some = await randomPictures(pictures, PICTURES);
  pictureList.replaceChildren(...some.map((picture) => pictureButton(picture, '', (which, button) => pick(pictures, which, button))));
}

function pick(pictures: Collection, picture: Picture, button: HTMLButtonElement): void {
  for (const other of document.querySelectorAll('.picture')) other.ariaPressed = 'false';
  button.ariaPressed = 'true';
  picked = picture;
  // On a phone the answer is below the pictures.
  void showNearest(pictures).then(() => answer.scrollIntoView({ block: 'nearest' }));
}

async function showNearest(pictures: Collection): Promise<void> {
  const picture = picked;
  if (picture === undefined) return;
  const kind = label.value;
  const start = performance.now();
  const { found, recall } = await nearest(pictures, picture, NEIGHBOURS, kind);
  const timeMs = performance.now() - start;
  // A slower answer to an earlier pick is not shown over a later one.
  if (picked !== picture || label.value !== kind) return;
  answer.textContent = `${found.length} nearest to picture ${picture.id} (${picture.name}) in ${timeMs.toFixed(1)} ms, ${recall === 1 ? 'exact' : `expected recall ${recall.toFixed(2)}`}; squared distance below each.`;
  foundList.replaceChildren(...found.map((hit) => pictureButton(hit, Math.round(hit.score).toLocaleString('en'), (which, button) => pick(pictures, which, button))));
}

async function describe(db: Database, pictures: Collection, offline: boolean): Promise<void> {
  const { storage, durable, kernels, warnings } = await db.health();
  const where = durable ? `kept in this browser (${storage})` : 'not kept: this browser offers no storage';
  const how = offline ? 'offline, from this browser alone' : 'up to date';
  say(`${(await pictures.count()).toLocaleString('en')} pictures, ${where}, ${how}; core: WebAssembly ${kernels}.${warnings.map((warning) => ` ${warning}`).join('')}`, !durable);
}

async function start(): Promise<void> {
  if ('serviceWorker' in navigator) await navigator.serviceWorker.register('./sw.js', { type: 'module' });
  const db = await open('demo');
  say('Fetching the pictures…');
  progress.hidden = false;
  const { pictures, offline } = await openPictures(db, (part) => (progress.value = part));
  progress.hidden = true;
  label.append(...KINDS.map((kind) => new Option(kind)));
  label.disabled = false;
  shuffle.disabled = false;
  label.addEventListener('change', () => void showNearest(pictures));
  shuffle.addEventListener('click', () => void showPictures(pictures));
  await showPictures(pictures);
  await describe(db, pictures, offline);
}

start().catch((error: unknown) => {
  progress.hidden = true;
  say(error instanceof ElanusError && error.code === 'Busy' ? 'Another tab has the pictures and does not answer; close that one and reload.' : `Something went wrong: ${String(error)}`, true);
});
