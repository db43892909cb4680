// Pictures: rows of the collection `fashion`. The vector is the picture: 28 x 28 grey values, 0 is background.

import type { Collection, Database, Row } from 'elanus';

export const SIDE = 28;

export interface Picture {
  readonly id: bigint;
  readonly name: string;
  readonly image: Float32Array;
}

export interface Neighbour extends Picture {
  readonly score: number;
}

const OUTPUT = ['name', 'image'];
const RECALL = 0.95;

/** The collection, fetched from the server if it answers, else as it was left here. `offline` if it did not answer. */
export async function openPictures(db: Database, onProgress: (part: number) => void): Promise<{ readonly pictures: Collection; readonly offline: boolean }> {
  try {
    await db.pull(location.origin, 'fashion', { onProgress: ({ bytes, bytesTotal }) => onProgress(bytesTotal === 0 ? 1 : bytes / bytesTotal) });
    return { pictures: await db.collection('fashion'), offline: false };
  } catch (error) {
    if (!(await db.hasCollection('fashion'))) throw error;
    return { pictures: await db.collection('fashion'), offline: true };
  }
}

export async function randomPictures(pictures: Collection, count: number): Promise<readonly Picture[]> {
  const rows = await pictures.count();
  const ids = Array.from({ length: count }, () => Math.floor(Math.random() * rows));
  return (await pictures.get({ ids, outputFields: OUTPUT })).map(pictureOf);
}

export interface Nearest {
  readonly found: readonly Neighbour[];
  /** The share of the true nearest that was found, as expected. */
  readonly recall: number;
}

export async function nearest(pictures: Collection, to: Picture, limit: number, name: string): Promise<Nearest> {
  const filter = name === '' ? {} : { filter: `name == ${JSON.stringify(name)}` };
  const { hits, recall } = await pictures.search({ data: to.image, limit, recall: RECALL, outputFields: ['id', ...OUTPUT], ...filter });
  return { found: hits.map(({ score, fields }) => ({ ...pictureOf(fields), score })), recall };
}

function pictureOf(row: Row): Picture {
  return { id: row['id'] as bigint, name: row['name'] as string, image: row['image'] as Float32Array };
}
