// The server as a child process: `elanus serve` on 127.0.0.1, its output in a log file. It leads a process group of
// its own, so that Ctrl-C reaches this script alone, which then stops it in order.

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StepError, tailOf } from '../lib/run.mjs';
import { at, root } from '../lib/tree.mjs';

const startLimitMs = 30_000;
const stopLimitMs = 15_000;
const pollMs = 50;
export const serverLog = 'build/log/server.log';

function launch(port) {
  mkdirSync(at('build/log'), { recursive: true });
  const log = openSync(at(serverLog), 'w');
  const args = ['dist/cli.js', 'serve', '--data', '.elanus/data', '--port', String(port), '--demo', 'dist/demo'];
  try {
    return spawn(process.execPath, args, { cwd: root, detached: true, stdio: ['ignore', log, log] });
  } finally {
    closeSync(log);
  }
}

/** It listens before its database is open. */
async function isReady(url) {
  try {
    return (await fetch(`${url}/ready`)).status === 200;
  } catch {
    return false; // not listening yet
  }
}

/**
 * Starts the server. `exited` resolves when it ends by itself or is stopped; `stop()` ends it and waits.
 * Errors: StepError with the end of its log if it does not come up.
 */
export async function startServer(port) {
  const child = launch(port);
  const exited = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const killNow = () => child.kill('SIGKILL');
  process.once('exit', killNow);
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(killNow, stopLimitMs);
    await exited;
    clearTimeout(late);
    process.off('exit', killNow);
  };
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  while (!(await isReady(url))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() - began > startLimitMs) {
      if (!ended) await stop();
      throw new StepError(`The server did not come up at ${url}. The end of ${serverLog}:\n\n${tailOf(at(serverLog))}`);
    }
    await sleep(pollMs);
  }
  return { url, exited, stop };
}
