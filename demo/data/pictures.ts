// Pictures: rows of the collection `fashion`, copied live from the server. The vector is the picture: 28 x 28 grey values, 0 is
// background.

import type { Collection, Database, Row, SessionStatus, SyncSession } from 'elanus';

export const SIDE = 28;
export const KINDS = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'];

export interface Picture {
  readonly id: bigint;
  readonly name: string;
  readonly image: Float32Array;
}

export interface Neighbour extends Picture {
  /** Squared distance. */
  readonly score: number;
}

export const NAME = 'fashion';
const OUTPUT = ['name', 'image'];
const RECALL = 0.95;

/** They come and stay as the server has them, as long as a tab is open; one session does so for all tabs. */
export async function followPictures(db: Database, onStatus: (status: SessionStatus) => void): Promise<SyncSession> {
  return db.syncSession({ url: location.origin, collections: [NAME], mode: 'pull', onStatus });
}

export async function randomPictures(pictures: Collection, count: number): Promise<readonly Picture[]> {
  const rows = await pictures.count();
  const ids = Array.from({ length: count }, () => Math.floor(Math.random() * rows));
  return (await pictures.get({ ids: [...new Set(ids)], outputFields: OUTPUT })).map(pictureOf);
}

export interface Nearest {
  readonly found: readonly Neighbour[];
  /** The share of the true nearest that was found, as expected. */
  readonly recall: number;
  readonly timeMs: number;
}

/** `name`: only of that kind; '' of all. */
export async function nearest(pictures: Collection, to: Picture, limit: number, name: string): Promise<Nearest> {
  const filter = name === '' ? {} : { filter: `name == ${JSON.stringify(name)}` };
  const begunMs = performance.now();
  const { hits, recall } = await pictures.search({ data: to.image, limit, recall: RECALL, outputFields: ['id', ...OUTPUT], ...filter });
  const timeMs = performance.now() - begunMs;
  return { found: hits.map(({ score, fields }) => ({ ...pictureOf(fields), score })), recall, timeMs };
}

function pictureOf(row: Row): Picture {
  return { id: row['id'] as bigint, name: row['name'] as string, image: row['image'] as Float32Array };
}
