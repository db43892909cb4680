// The compiler of core-relaxed.wasm: Emscripten if it can, else a clang. Which one can is found by compiling a small
// program, never by comparing versions. There may be none: the module is an extra, its absence is no error.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runToLog } from '../lib/run.mjs';
import { at, has } from '../lib/tree.mjs';
import { clangs, setUpClang } from './clang.mjs';
import { emscripten } from './emscripten.mjs';

const common = ['scripts/setup/relaxed-probe.cc', '-O2', '-std=c++20', '-fno-exceptions', '-fno-rtti', '-msimd128', '-mrelaxed-simd'];

function candidates() {
  const { version, compiler, emcmake, env } = emscripten();
  const byEmscripten = {
    name: `em++ ${version}`,
    compiler,
    env,
    args: ['-sSTANDALONE_WASM', '--no-entry', '-sEXPORTED_FUNCTIONS=_probe'],
    cmake: { wrapper: emcmake, env, options: [] },
  };
  const byClang = clangs().map((clang) => ({
    ...clang,
    cmake: { options: [`-DCMAKE_TOOLCHAIN_FILE=${at('native/wasi.cmake')}`, `-DELANUS_CLANG=${clang.compiler}`] },
  }));
  return [byEmscripten, ...byClang];
}

/** Whether V8 accepts the module. That of Node 20 must be told to know relaxed SIMD; a later one knows no such flag. */
export function accepted(bytes) {
  if (WebAssembly.validate(bytes)) return true;
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(bytes);
}

async function serves({ name, compiler, args, env }) {
  const slug = `relaxed-probe-${name.split(' ')[0]}`;
  const built = `build/relaxed/${slug}-${process.pid}.wasm`;
  mkdirSync(at('build/relaxed'), { recursive: true });
  try {
    const { code } = await runToLog(slug, compiler, [...common, ...args, '-o', built], { env });
    return code === 0 && has(built) && accepted(readFileSync(at(built)));
  } finally {
    rmSync(at(built), { force: true });
  }
}

async function find() {
  const tried = candidates();
  for (const candidate of tried) {
    if (await serves(candidate)) return candidate;
  }
  return { reason: `no relaxed SIMD from ${tried.map(({ name }) => name).join(', ')}` };
}

let known;

/** `name` of the compiler and `cmake`, how to configure with it; or `reason` why there is none. */
export function relaxedCompiler() {
  known ??= find();
  return known;
}

/** Sees to it that there is a compiler, if that can be. Returns a note for the step's line. */
export async function setUpRelaxed() {
  const found = await relaxedCompiler();
  if (found.reason === undefined) return `by ${found.name}`;
  const absence = await setUpClang();
  known = undefined;
  const then = await relaxedCompiler();
  return then.reason === undefined ? `by ${then.name}, installed` : `none: ${[then.reason, absence].filter(Boolean).join('; ')}`;
}
