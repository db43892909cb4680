// SearchHost: what a page's search worker does for it: opens a published folder and answers searches. Every other call,
// and every one that fails, it has not touched: the page then asks a worker that has the whole engine.

import { createSearchCore } from '../core/wasm/search-core.js';
import { PublishedDatabase } from '../reader/published-database.js';
import { openHttpStorage } from '../storage/http.js';
import { Answers, GONE } from './answers.js';
import type { Call, HostOptions, HttpPlace, Reply, Request } from './wire.js';

export class SearchHost {
  readonly #core: () => Promise<WebAssembly.Module>;
  readonly #answers: Answers;
  #database: Promise<PublishedDatabase> | undefined;

  constructor(core: () => Promise<WebAssembly.Module>, post: (reply: Reply) => void) {
    this.#core = core;
    this.#answers = new Answers(post, async (call) => {
      try {
        return await this.#run(call);
      } catch (error) {
        throw call.verb === 'open' ? error : GONE;
      }
    });
  }

  take(request: Request): void {
    this.#answers.take(request);
  }

  async #run({ verb, args }: Call): Promise<unknown> {
    const [first, second] = args as readonly never[];
    switch (verb) {
      case 'open':
        this.#database = this.#open(second as HostOptions);
        await this.#database;
        return 'http';
      case 'collection': {
        const { name, source } = await this.#collection(first);
        return { name, schema: source.schema };
      }
      case 'search':
        return (await this.#collection(first)).search(second);
      default:
        throw GONE;
    }
  }

  async #open({ storage }: HostOptions): Promise<PublishedDatabase> {
    const [core, place] = await Promise.all([this.#core(), openHttpStorage(storage as HttpPlace)]);
    return PublishedDatabase.open(place, createSearchCore(core));
  }

  async #collection(name: string): Promise<Awaited<ReturnType<PublishedDatabase['collection']>>> {
    if (this.#database === undefined) throw GONE;
    return (await this.#database).collection(name);
  }
}
