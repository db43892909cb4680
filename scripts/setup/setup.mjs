// Everything that must be there before a build: each step looks first and does nothing where nothing is missing.

import { say, step } from '../lib/log.mjs';
import { setUpEmscripten } from './emscripten.mjs';
import { checkNode } from './node.mjs';
import { setUpNodeModules } from './node-modules.mjs';
import { setUpRelaxed } from './relaxed.mjs';
import { setUpSystemPackages } from './system-packages.mjs';

const toBuild = ['cmake', 'a C++ compiler', 'ninja or make'];

/** Installs what is missing to build, and the further system packages named (keys of `tools` there). */
export async function setUp(furtherTools = []) {
  say('Set-up');
  await step('node', checkNode);
  await step('npm packages', setUpNodeModules);
  await step('system packages', () => setUpSystemPackages([...toBuild, ...furtherTools]));
  await step('emscripten', setUpEmscripten);
  await step('relaxed SIMD', setUpRelaxed);
}
