// RxDB: a database of documents for pages that replicates over whatever its user gives it to ask; here over HTTP, into its free
// storage over IndexedDB (Dexie).

import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { installNpm, peerFile } from '../peers/install.js';

/** Under the folder that pages see as /files/. */
const MODULE = 'rxdb.js';
const ESM = 'rxdb/dist/esm';
/** What a page uses of it, as its documentation says to import it. */
const EXPORTS: Readonly<Record<string, string>> = {
  createRxDatabase: `${ESM}/index.js`,
  getRxStorageDexie: `${ESM}/plugins/storage-dexie/index.js`,
  replicateRxCollection: `${ESM}/plugins/replication/index.js`,
};
const ENTRY = 'rxdb-entry.js';

/** Bundles it for pages into `folder`. Resolves to why it could not be installed, if it could not. */
export async function bundleRxdb(folder: string): Promise<string | undefined> {
  const failed = installNpm('rxdb', false);
  if (failed !== undefined) return failed;
  const code = Object.entries(EXPORTS).map(([name, path]) => `export { ${name} } from ${JSON.stringify(peerFile(path))};`).join('\n');
  const entry = { name: 'entry', resolveId: (id: string) => (id === ENTRY ? id : null), load: (id: string) => (id === ENTRY ? code : null) };
  const build = await rolldown({ input: ENTRY, platform: 'browser', plugins: [entry], logLevel: 'silent' });
  await build.write({ file: join(folder, MODULE), format: 'esm', minify: true, codeSplitting: false });
  await build.close();
  return undefined;
}
