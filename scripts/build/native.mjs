// The core for this machine: the Node addon, and GoogleTest's binary of its tests, plain, with the address and
// undefined-behaviour sanitizers, and of those that use several threads with the thread sanitizer. CMake does the work; it is not even started while nothing changed.

import { unlessDone } from '../lib/stamp.mjs';
import { cmake, coreSources } from './cmake.mjs';
import { install } from './install.mjs';

const addonInputs = () => [...coreSources(), 'package-lock.json'];
const testInputs = () => [...addonInputs(), 'native/test'];
const words = [process.version];
const compiler = `the system's, for Node ${process.version}`;

/** dist/elanus.node. */
export function buildAddon() {
  return unlessDone('addon', { inputs: addonInputs(), words, outputs: ['dist/elanus.node'] }, async () => {
    const options = ['-DCMAKE_BUILD_TYPE=Release', '-DELANUS_TESTS=OFF'];
    await cmake('addon', 'build/native', { options, compiler, target: 'addon' });
    install('build/native/elanus.node', 'dist/elanus.node');
  });
}

/** build/native/elanus_tests. */
export function buildNativeTests() {
  return unlessDone('native-tests', { inputs: testInputs(), words, outputs: ['build/native/elanus_tests'] }, () => {
    const options = ['-DCMAKE_BUILD_TYPE=Release', '-DELANUS_TESTS=ON'];
    return cmake('native-tests', 'build/native', { options, compiler, target: 'elanus_tests' });
  });
}

/** build/asan/elanus_tests. */
export function buildSanitizedTests() {
  return unlessDone('sanitized-tests', { inputs: testInputs(), words, outputs: ['build/asan/elanus_tests'] }, () => {
    const options = ['-DELANUS_TESTS=ON', '-DELANUS_SANITIZE=ON'];
    return cmake('sanitized-tests', 'build/asan', { options, compiler, target: 'elanus_tests' });
  });
}

/** build/tsan/elanus_thread_tests. */
export function buildThreadSanitizedTests() {
  return unlessDone('thread-sanitized-tests', { inputs: testInputs(), words, outputs: ['build/tsan/elanus_thread_tests'] }, () => {
    const options = ['-DCMAKE_BUILD_TYPE=Release', '-DELANUS_TESTS=ON', '-DELANUS_SANITIZE_THREADS=ON'];
    return cmake('thread-sanitized-tests', 'build/tsan', { options, compiler, target: 'elanus_thread_tests' });
  });
}
