// What a person sees of a script: one line a step, with its time. All of it goes to one stream, standard output
// unless a script keeps that for its result and says so with `logToStderr`.

let out = process.stdout;

export function logToStderr() {
  out = process.stderr;
}

export const isTerminal = () => out.isTTY === true;

export function say(line = '') {
  out.write(`${line}\n`);
}

/** Overwrites the current line of a terminal. */
export function sayInPlace(line) {
  out.write(`\r\x1b[K${line}`);
}

export const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/**
 * Runs `work` and prints a line with its name, what it returned (a string, or nothing) and how long it took.
 * A step that threw is named before the error goes on.
 */
export async function step(name, work) {
  const began = performance.now();
  try {
    const note = await work();
    say(`  ok    ${name.padEnd(22)} ${seconds(began).padStart(7)}${note ? `  ${note}` : ''}`);
  } catch (error) {
    say(`  FAIL  ${name.padEnd(22)} ${seconds(began).padStart(7)}`);
    throw error;
  }
}

/** Ends the process as a failure; the message alone for what a person can act on, else with its stack. */
export function fail(error) {
  say(error?.name === 'StepError' ? `\n${error.message}` : `\n${error?.stack ?? error}`);
  process.exitCode = 1;
}
