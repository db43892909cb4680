// Clang with the libraries for wasm32, which Debian has for some of its versions. It builds the relaxed-SIMD module where
// Emscripten is too old for that.

import { outputOf, StepError, which } from '../lib/run.mjs';
import { setUpSystemPackages } from './system-packages.mjs';

/** Best first: the names that scripts/setup/system-packages.mjs has packages for. */
const versions = [22, 19];

/** What compiles and links for wasm32; native/wasi.cmake and native/wasm.cmake say why. */
const forWasm = ['--target=wasm32-wasi', '-Wno-deprecated', '-mexec-model=reactor', '-O0'];

/** Those on PATH, best first. */
export function clangs() {
  return versions.flatMap((version) => {
    const compiler = which(`clang++-${version}`);
    if (compiler === undefined) return [];
    const exact = /\b(\d+\.\d+\.\d+)/.exec(outputOf(compiler, ['--version']) ?? '')?.[1] ?? 'of no version';
    return [{ name: `clang++-${version} ${exact}`, compiler, args: [...forWasm, '-Wl,--export=probe'] }];
  });
}

const isOffered = (version) => /Candidate: \d/.test(outputOf('apt-cache', ['policy', `libclang-rt-${version}-dev-wasm32`]) ?? '');

/** Installs the best one that apt-get offers. Returns why there is none, else undefined: nothing depends on it. */
export async function setUpClang() {
  const version = versions.find(isOffered);
  if (version === undefined) return `apt-get offers neither clang-${versions.join(' nor clang-')} with the libraries for wasm32`;
  try {
    await setUpSystemPackages([`Clang ${version} for wasm32`]);
    return undefined;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return error.message.split('\n')[0];
  }
}
