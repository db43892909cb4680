// Owner: one tab's time of owning a database: it serves every tab, each over a channel of its own, until it leaves.
// It learns by the tabs' locks which there are and which have ended; nothing is polled.

import { holdLock } from '../storage/owner.js';
import { Answers, GONE } from './answers.js';
import { Desk } from './desk.js';
import type { DatabaseHost } from './host.js';
import { channelNames, lockNames, PROTOCOL, type Call, type CallControl, type Farewell, type News, type Request } from './wire.js';

/** How long new writes wait for the tabs to send what the owner before left unanswered; a frozen tab never does. */
const JOIN_MS_MAX = 1000;

interface ServedTab {
  readonly channel: BroadcastChannel;
  readonly answers: Answers;
}

export class Owner {
  readonly id: string;
  readonly #name: string;
  readonly #tab: string;
  readonly #release: () => void;
  readonly #news: BroadcastChannel;
  readonly #served = new Map<string, ServedTab>();
  /** Tabs that may have something to send again. */
  readonly #awaited = new Set<string>();
  readonly #ended = new AbortController();
  #host: DatabaseHost | undefined;
  #desk: Desk | undefined;
  #settle: () => void = () => undefined;

  private constructor(id: string, name: string, tab: string, release: () => void) {
    this.id = id;
    this.#name = name;
    this.#tab = tab;
    this.#release = release;
    this.#news = new BroadcastChannel(channelNames.news(name));
    this.#news.onmessage = ({ data }: MessageEvent<News>) => {
      if (data.kind !== 'hello' || data.tab === tab) return;
      (this.#host === undefined ? this.#news : this.#serve(data.tab).channel).postMessage(this.#status());
    };
    // So that nobody sends anything more to the owner before.
    this.#news.postMessage(this.#status());
  }

  /** Waits until the ownership of the database falls to `tab`. Rejects with the reason of `signal` if that comes first. */
  static async elect(id: string, name: string, tab: string, signal: AbortSignal): Promise<Owner> {
    return new Owner(id, name, tab, await holdLock(lockNames.owner(name), signal));
  }

  #status(): News {
    return { kind: 'owner', protocol: PROTOCOL, tab: this.#tab, owner: this.id, storage: this.#host?.storage };
  }

  /** Serves every tab from now on. */
  async serve(host: DatabaseHost): Promise<void> {
    const prefix = lockNames.tabs(this.#name);
    const { held = [] } = await navigator.locks.query();
    this.#awaited.add(this.#tab);
    for (const { name } of held) if (name?.startsWith(prefix) === true) this.#awaited.add(name.slice(prefix.length));
    this.#host = host;
    this.#desk = new Desk(host, new Promise((resolve) => (this.#settle = resolve)));
    for (const tab of this.#awaited) if (tab !== this.#tab) this.#serve(tab).channel.postMessage(this.#status());
    // To those that came while the locks were looked at.
    this.#news.postMessage(this.#status());
    setTimeout(() => this.#settle(), JOIN_MS_MAX);
  }

  #serve(tab: string): ServedTab {
    const known = this.#served.get(tab);
    if (known !== undefined) return known;
    const channel = new BroadcastChannel(channelNames.tab(this.#name, tab));
    const answers = new Answers((reply) => channel.postMessage(reply), (call, control) => this.run(call, control));
    channel.onmessage = ({ data }: MessageEvent<Request>) => {
      // The tab may still be talking to the owner before.
      if (data.kind === 'joined' && data.to === this.id) this.joined(tab);
      else if (data.kind === 'abort' || (data.kind === 'call' && data.to === this.id)) answers.take(data);
    };
    const served = { channel, answers };
    this.#served.set(tab, served);
    // Ours as soon as the tab has ended.
    holdLock(`${lockNames.tabs(this.#name)}${tab}`, this.#ended.signal).then(
      (release) => {
        release();
        this.#drop(tab);
      },
      (error: unknown) => {
        if (!this.#ended.signal.aborted) throw error;
      },
    );
    return served;
  }

  #drop(tab: string): void {
    const served = this.#served.get(tab);
    this.#served.delete(tab);
    served?.answers.drop();
    served?.channel.close();
    this.joined(tab);
  }

  /** That tab has sent all that the owner before had not answered. */
  joined(tab: string): void {
    this.#awaited.delete(tab);
    if (this.#awaited.size === 0) this.#settle();
  }

  /** Errors: those of the call; `Interrupted`; GONE if it was not begun. */
  async run(call: Call, control: CallControl): Promise<unknown> {
    if (this.#desk === undefined) throw GONE;
    return this.#desk.run(call, control);
  }

  /** Answers what is under way, closes the database and lets the next tab have it. */
  async leave(): Promise<void> {
    this.#settle();
    try {
      await this.#desk?.leave();
      await Promise.all([...this.#served.values()].map(({ answers }) => answers.settled()));
      await this.#host?.close();
    } finally {
      this.#ended.abort();
      this.#news.close();
      for (const { channel } of this.#served.values()) {
        channel.postMessage({ kind: 'left', from: this.id } satisfies Farewell);
        channel.close();
      }
      this.#release();
    }
  }
}
