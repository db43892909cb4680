// Desk: where an owner takes in calls. New writes wait until every tab has sent what the owner before left unanswered, so
// that those come first; such a call is done again only while nothing else was written to its collection.

import { ElanusError } from '../model/errors.js';
import { primaryField } from '../model/schema.js';
import { GONE } from './answers.js';
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
      const collection = collectionOf(call);
      if (call.again) {
        await this.#inTurn(() => this.#requireRepeatable(verb, collection));
      } else {
        if (this.#waiting) await this.#settled;
        this.#requireHere();
        this.#touched.add(collection);
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

  async #requireRepeatable(verb: Verb, collection: string): Promise<void> {
    this.#requireHere();
    if (this.#touched.has(collection)) throw interrupted(verb, `"${collection}" was written to since`);
    const control = { signal: this.#leaving.signal, onProgress: undefined };
    if (verb === 'insert') {
      const { schema } = await this.#host.collection(collection, control);
      if (primaryField(schema).autoId === true) throw interrupted(verb, 'its keys are generated: again, it might be there twice');
    }
    // Making what is there, or dropping what is not, may be the first time of this call or its second.
    if (verb === 'createCollection' || verb === 'dropCollection') {
      const there = await this.#host.hasCollection(collection, control);
      if (there === (verb === 'createCollection')) throw interrupted(verb, `there is ${there ? 'a' : 'no'} collection "${collection}" now`);
    }
    this.#requireHere();
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

/** The collection that a write is about. */
function collectionOf({ verb, args }: Call): string {
  const [first] = args;
  return verb === 'createCollection' ? String((first as { readonly name?: unknown } | null)?.name) : String(first);
}
