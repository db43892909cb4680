// Type checking, as a test for each configuration: the whole tree, and the floors that may name neither DOM nor Node.

import { runToLog, tailOf } from '../lib/run.mjs';
import { failed, passed } from './outcomes.mjs';

export async function checkTypes(config) {
  const name = `types: ${config}`;
  const { code, logPath } = await runToLog(`tsc-${config}`, process.execPath, ['node_modules/typescript/bin/tsc', '-p', config, '--noEmit']);
  return [code === 0 ? passed(name) : failed(name, tailOf(logPath))];
}
