// Loads hnswlib-wasm in Node, which its package refuses: the compiled module only looks whether a page is there, so
// it is shown an empty one while it starts. Its file system (IndexedDB) is left out; searching does not use it.

import { readdirSync } from 'node:fs';
import { importPeer, peerFile } from './install.js';

const DIST = 'hnswlib-wasm/dist';

/** The package's compiled module, as its own `loadHnswlib` would give it. */
export async function loadHnswlibWasm(): Promise<unknown> {
  const file = readdirSync(peerFile(DIST)).find((name) => /^hnswlib-[0-9a-f]+\.js$/.test(name));
  if (file === undefined) throw new Error(`${DIST}: expected the compiled module hnswlib-<hash>.js, found none`);
  Object.assign(globalThis, { window: globalThis, document: { currentScript: null, title: '' }, location: { href: `file://${peerFile(DIST)}/` } });
  const { default: create } = (await importPeer(`${DIST}/${file}`)) as { readonly default: () => Promise<unknown> };
  return create();
}
