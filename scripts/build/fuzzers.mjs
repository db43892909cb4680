// The fuzzers of the core, build/fuzz/<name>_fuzz: libFuzzer's, with the address and undefined-behaviour sanitizers, by
// the Clang that the set-up sees to.

import { unlessDone } from '../lib/stamp.mjs';
import { outputOf, StepError } from '../lib/run.mjs';
import { filesUnder } from '../lib/tree.mjs';
import { fuzzingClang } from '../setup/system-packages.mjs';
import { cmake, coreSources } from './cmake.mjs';

/** Their names, each that of a file native/fuzz/<name>_fuzz.cc. */
export const fuzzers = () => filesUnder('native/fuzz').flatMap((file) => /^native\/fuzz\/(\w+)_fuzz\.cc$/.exec(file)?.[1] ?? []);

export const fuzzerPath = (name) => `build/fuzz/${name}_fuzz`;

export function buildFuzzers() {
  const clang = fuzzingClang();
  if (clang === undefined) throw new StepError('No Clang with libFuzzer was found on PATH; Debian has both as clang and libclang-rt-dev.');
  const compiler = `${clang}, ${outputOf(clang, ['--version'])}`;
  const inputs = [...coreSources(), ...filesUnder('native/fuzz').filter((file) => !file.startsWith('native/fuzz/corpus/')), 'native/test/sanitizers.cc'];
  return unlessDone('fuzzers', { inputs, words: [compiler], outputs: fuzzers().map(fuzzerPath) }, () => {
    const options = ['-DCMAKE_BUILD_TYPE=Release', '-DCMAKE_CXX_FLAGS_RELEASE=-O1', '-DELANUS_FUZZ=ON', `-DCMAKE_CXX_COMPILER=${clang}`];
    return cmake('fuzzers', 'build/fuzz', { options, compiler });
  });
}
