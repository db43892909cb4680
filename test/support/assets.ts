// The built WebAssembly modules, for tests in Node and in a browser alike. The builds are made before the tests;
// a missing one fails with the path where it was expected.

const paths = {
  'core.wasm': 'build/wasm/core.wasm',
  'core-relaxed.wasm': 'dist/core-relaxed.wasm',
  'core-relaxed.json': 'build/core-relaxed.json',
  'filter.wasm': 'build/wasm-filter/filter.wasm',
} as const;

// Apart, for Vite rewrites `new URL(…, import.meta.url)` at build time.
const here = import.meta.url;

export type AssetName = keyof typeof paths;

export async function compileAsset(name: AssetName): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readAsset(name));
}

export async function readAsset(name: AssetName): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`../../${paths[name]}`, here);
  return url.protocol === 'file:' ? readFromDisk(url) : readFromServer(url);
}

async function readFromDisk(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const { readFile } = await import('node:fs/promises');
  return new Uint8Array(await readFile(url));
}

async function readFromServer(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  const type = response.headers.get('content-type') ?? '';
  // Vite answers an unknown path with its index page, so the status alone proves nothing.
  if (!response.ok || type.includes('text/html')) throw new Error(`${url.pathname}: HTTP ${response.status}, ${type || 'no type'}; is it built?`);
  return new Uint8Array(await response.arrayBuffer());
}
