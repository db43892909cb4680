// Running CMake. A build folder that another generator, checkout or compiler version made is thrown away first,
// since CMake either refuses it or builds too little in it.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { run, which } from '../lib/run.mjs';
import { at, filesUnder, has, root } from '../lib/tree.mjs';

/** The files that the core, its addon and its module are made of. */
export const coreSources = () => filesUnder('native').filter((file) => !/^native\/(test|fuzz|bench)\//.test(file));

const generator = () => (which('ninja') === undefined ? 'Unix Makefiles' : 'Ninja');

function dropForeign(folder, maker) {
  const record = at(folder, 'made-by.txt');
  const made = has(folder, 'made-by.txt') ? readFileSync(record, 'utf8') : '';
  if (made === maker) return;
  rmSync(at(folder), { recursive: true, force: true });
  mkdirSync(at(folder), { recursive: true });
  writeFileSync(record, maker);
}

/**
 * Configures native/ in `folder` and builds `target`, or everything. `compiler` names the compiler's version;
 * `wrapper` is a program to configure through.
 */
export async function cmake(log, folder, { options, target, compiler, wrapper, env }) {
  dropForeign(folder, [generator(), root, compiler].join('\n'));
  const configure = ['cmake', '-S', 'native', '-B', folder, '-G', generator(), ...options];
  const [command, ...args] = wrapper === undefined ? configure : [wrapper, ...configure];
  await run(`${log}-configure`, command, args, { env });
  await run(`${log}-build`, 'cmake', ['--build', folder, '--parallel', ...(target ? ['--target', target] : [])], { env });
}
