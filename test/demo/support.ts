// What the tests of the demo share: a server with the built page and some of the sample pictures.

import { readFileSync } from 'node:fs';
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Database } from '../../src/engine/api.js';
import { open } from '../../src/presets/node.js';
import { startServer } from '../../src/server/index.js';

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const NAMES = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'];
const DIM = 784;
export const PICTURES = 400;

export interface DemoServer {
  readonly url: string;
  /** One more on the server. */
  addPicture(id: number): Promise<void>;
  /** Serves another version of the page from now on. */
  changePage(): Promise<void>;
  close(): Promise<void>;
}

export async function startDemo(): Promise<DemoServer> {
  const directory = await mkdtemp(join(tmpdir(), 'elanus-demo-'));
  const page = join(directory, 'page');
  await cp(here('dist/demo'), page, { recursive: true });
  const database = await open('default', { directory });
  await fillPictures(database);
  const server = await startServer({ database, host: '127.0.0.1', port: 0, log: () => undefined, demoDirectory: page });
  return {
    url: `${server.url}/demo/`,
    addPicture: async (id) => {
      const pictures = await database.collection('fashion');
      await pictures.insert([{ id, label: 0, name: 'Bag', image: new Float32Array(DIM).fill(id % 256) }]);
      await pictures.flush();
    },
    changePage: () => appendFile(join(page, 'sw.js'), '\n// Another version.\n'),
    close: async () => {
      await server.close();
      await database.close();
      await rm(directory, { recursive: true });
    },
  };
}

async function fillPictures(database: Database): Promise<void> {
  const images = gunzipSync(readFileSync(here('data/fashion-mnist.base.bvecs.gz')));
  const labels = gunzipSync(readFileSync(here('data/fashion-mnist.base.labels.txt.gz'))).toString().trim().split('\n').map(Number);
  const collection = await database.createCollection({
    name: 'fashion',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'label', type: 'Int8' },
      { name: 'name', type: 'VarChar', maxLength: 20 },
      { name: 'image', type: 'FloatVector', dim: DIM, metric: 'L2' },
    ],
  });
  const image = (row: number): Float32Array => Float32Array.from(images.subarray(row * (DIM + 4) + 4, (row + 1) * (DIM + 4)));
  await collection.insert(Array.from({ length: PICTURES }, (_, id) => ({ id, label: labels[id] as number, name: NAMES[labels[id] as number] as string, image: image(id) })));
  await collection.flush();
}
