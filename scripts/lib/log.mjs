// What a person sees of a script: one line a step, with its time. All of it goes to one stream, standard output
// unless a script keeps that for its result and says so with `logToStderr`.

import { Writable } from 'node:stream';

let out = process.stdout;

export function logToStderr() {
  out = process.stderr;
}

/** Nothing more is shown: what still fails was told to stop. */
export function hush() {
  out = new Writable({ write: (_chunk, _encoding, done) => done() });
}

export const isTerminal = () => out.isTTY === true;

export function say(line = '') {
  out.write(`${line}\n`);
}

/** Overwrites the current line of a terminal. */
export function sayInPlace(line) {
  out.write(`\r\x1b[K${line}`);
}

const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** The line of a step that is over. */
export function sayStep(good, name, beganMs, note) {
  const head = `  ${good ? 'ok  ' : 'FAIL'}  ${name.padEnd(22)} ${seconds(beganMs).padStart(7)}`;
  say(note ? `${head}  ${note}` : head);
}

/**
 * Runs `work` and prints a line with its name, how long it took and the note that it returned, if any. A step that
 * threw is named before the error goes on.
 */
export async function step(name, work) {
  const began = performance.now();
  try {
    const note = await work();
    sayStep(true, name, began, note);
  } catch (error) {
    sayStep(false, name, began);
    throw error;
  }
}

/** Ends the process as a failure; the message alone for what a person can act on, else with its stack. */
export function fail(error) {
  say(error?.name === 'StepError' ? `\n${error.message}` : `\n${error?.stack ?? error}`);
  process.exitCode = 1;
}
