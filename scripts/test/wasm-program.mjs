// wasm-program.mjs PROGRAM ARGS…: runs a WebAssembly program in this process, with all files at hand: one for WASI, or
// the .js that Emscripten put beside it. Relaxed SIMD is enabled where V8 must be told.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';

const [program, ...args] = process.argv.slice(2);

async function runWasi(bytes) {
  const { WASI } = await import('node:wasi');
  const wasi = new WASI({ version: 'preview1', args: [program, ...args], preopens: { '/': '/' } });
  process.exitCode = wasi.start(await WebAssembly.instantiate(await WebAssembly.compile(bytes), wasi.getImportObject()));
}

function runScript() {
  // Emscripten 3.1 would fetch the path of its module; without this it reads the file.
  globalThis.fetch = undefined;
  process.argv = [process.argv[0], program, ...args];
  createRequire(import.meta.url)(program);
}

const bytes = readFileSync(program.replace(/\.js$/, '.wasm'));
if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
if (program.endsWith('.js')) runScript();
else await runWasi(bytes);
