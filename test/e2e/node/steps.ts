// Steps: what a client's script does, one claim after another. Each is told on standard output as a line of JSON as soon as
// it has passed or failed; one that fails does not stop those after it. Standard output carries nothing else.

import type { Told, Verb } from '../verbs.js';

const TELL_CHARS_MAX = 2000;

export type Step = (verb: Verb, claim: string, work: () => Promise<void>) => Promise<void>;

export function stepsOf(client: string): Step {
  const write = process.stdout.write.bind(process.stdout);
  // What a client prints is for the eye.
  console.log = console.info = console.debug = console.error;
  return async (verb, claim, work) => {
    const error = await work().then(
      () => null,
      (reason: unknown) => (reason instanceof Error ? (reason.stack ?? reason.message) : JSON.stringify(reason)).slice(0, TELL_CHARS_MAX),
    );
    write(`${JSON.stringify({ client, verb, claim, error } satisfies Told)}\n`);
  };
}

/** The words after the script's name. */
export function whereOf(): { readonly address: string; readonly username: string; readonly password: string } {
  const [address = '', username = '', password = ''] = process.argv.slice(2);
  return { address, username, password };
}

export function same(found: unknown, expected: unknown, what = ''): void {
  const [one, other] = [stable(found), stable(expected)];
  if (one !== other) throw new Error(`${what}: expected ${other}, found ${one}`.slice(0, TELL_CHARS_MAX));
}

/** JSON with its keys in order. */
function stable(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

export function close(found: readonly number[], expected: readonly number[], what = '', tolerance = 1e-4): void {
  if (found.length !== expected.length) throw new Error(`${what}: expected ${expected.length} numbers, found ${found.length}`);
  found.forEach((one, at) => {
    const other = expected[at] as number;
    if (!(Math.abs(one - other) <= tolerance * Math.max(1, Math.abs(other)))) throw new Error(`${what}, number ${at}: expected ${other}, found ${one}`);
  });
}

/** A status of gRPC that must not be success. `code` undefined: any. */
export function refused(status: { readonly code?: number; readonly reason?: string; readonly error_code?: string | number }, code: number | undefined, words = ''): void {
  if (status.code === 0 || status.code === undefined || status.error_code === 'Success') throw new Error(`expected an error ${code ?? ''}, found ${JSON.stringify(status)}`);
  if (code !== undefined && status.code !== code) throw new Error(`expected code ${code}, found ${JSON.stringify(status)}`);
  if (!(status.reason ?? '').includes(words)) throw new Error(`expected words ${JSON.stringify(words)}, found ${JSON.stringify(status)}`);
}

/** A status of gRPC that must be success. */
export function fine(status: { readonly code?: number; readonly reason?: string; readonly error_code?: string | number } | undefined): void {
  if (status?.error_code !== 'Success' || (status.code ?? 0) !== 0) throw new Error(`expected success, found ${JSON.stringify(status)}`);
}

/** Awaits a call that must throw, and gives what it threw. */
export async function thrown(work: () => Promise<unknown>): Promise<Error> {
  const answer = await work().then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  if (answer instanceof Error) return answer;
  throw new Error(`expected an error, found ${JSON.stringify(answer)}`);
}
