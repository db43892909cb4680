// Desk: where an owner takes in calls. New writes wait until every tab has sent what the owner before left unanswered, so
// that those come first; such a call is done again only while nothing else was written to its collection.

import { ElanusError } from '../model/errors.js';
import { GONE } from './answers.js';
import { doubtOf, placesOf } from './repeatable.js';
import { REPEATS, type Call, type CallControl, type Host, type Verb } from './wire.js';

export class Desk {
  readonly #host: Host;
  readonly #settled: Promise<void>;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Collections to which something new was written. */
  readonly #touched = new Set<string>();
  readonly #leaving = new AbortController();
  #waiting = true;
  #checks: Promise<void> = Promise.resolve();

  /** `settled` resolves when no tab has anything to send again. */
  constructor(host: Host, settled: Promise<void>) {
    this.#host = host;
    // What came before that is looked at first, which may take the opening of a collection.
    this.#settled = settled.then(() => this.#checks).then(() => void (this.#waiting = false));
  }

  /** Errors: those of the call; `Interrupted`; GONE if it was not begun. */
  async run(call: Call, control: CallControl): Promise<unknown> {
    const verb = verbOf(call);
    this.#requireHere();
    if (REPEATS[verb] === 'write') {
      if (call.again) {
        await this.#inTurn(() => this.#requireRepeatable(verb, call));
      } else {
        if (this.#waiting) await this.#settled;
        this.#requireHere();
        for (const place of placesOf(call)) this.#touched.add(place);
      }
    }
    return this.#begin(verb, call.args, control);
  }

  /** Takes no more calls, aborts what can be aborted without a trace, and waits for the rest. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    await Promise.allSettled(this.#underWay);
  }

  async #begin(verb: Verb, args: readonly unknown[], { signal, onProgress }: CallControl): Promise<unknown> {
    const either = new AbortController();
    const abort = (): void => either.abort();
    signal.addEventListener('abort', abort);
    this.#leaving.signal.addEventListener('abort', abort);
    const perform = this.#host[verb] as (...args: unknown[]) => Promise<unknown>;
    const work = perform.call(this.#host, ...args, { signal: either.signal, onProgress });
    this.#underWay.add(work);
    try {
      return await work;
    } catch (error) {
      // Only what takes a signal ends so, and what is aborted changes nothing.
      if (error instanceof ElanusError && error.code === 'Closed' && this.#leaving.signal.aborted && !signal.aborted) throw GONE;
      throw error;
    } finally {
      this.#underWay.delete(work);
      signal.removeEventListener('abort', abort);
      this.#leaving.signal.removeEventListener('abort', abort);
    }
  }

  async #requireRepeatable(verb: Verb, call: Call): Promise<void> {
    this.#requireHere();
    this.#requireUntouched(verb, call);
    const doubt = await doubtOf(this.#host, verb, call.args, { signal: this.#leaving.signal, onProgress: undefined });
    if (doubt !== undefined) throw interrupted(verb, doubt);
    this.#requireHere();
    // New writes that wait no more came meanwhile.
    this.#requireUntouched(verb, call);
  }

  #requireUntouched(verb: Verb, call: Call): void {
    const touched = placesOf(call).find((place) => this.#touched.has(place));
    if (touched !== undefined) throw interrupted(verb, `"${touched}" was written to since`);
  }

  /** One after the other, as they came. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#checks.then(work);
    this.#checks = done.catch(() => undefined);
    return done;
  }

  #requireHere(): void {
    if (this.#leaving.signal.aborted) throw GONE;
  }
}

export function interrupted(verb: string, detail: string): ElanusError {
  return new ElanusError('Interrupted', `${verb}: the tab that had the database ended before it answered; whether the call was carried out is not known (${detail})`);
}

function verbOf({ verb }: Call): Verb {
  if (!Object.hasOwn(REPEATS, verb)) throw new ElanusError('Unsupported', `the tab that has the database does not know the call "${verb}"`);
  return verb as Verb;
}
