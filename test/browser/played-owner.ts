// An owner that a test plays: it holds the lock of a database and speaks the owner's part of the wire with one tab.

import { channelNames, lockNames, PROTOCOL, type Call, type Farewell, type News, type Reply, type Request } from '../../src/presets/wire.js';

/** The owner of a database that does not exist, for one follower; it answers what it is told to, until it ends. */
export class PlayedOwner {
  readonly calls: Call[] = [];
  readonly id = crypto.randomUUID();
  readonly #name: string;
  readonly #news: BroadcastChannel;
  readonly #protocol: number;
  #channel: BroadcastChannel | undefined;
  #release: () => void = () => undefined;
  /** Answers to the calls of each verb; those without one get none. */
  answers: Partial<Record<string, unknown>> = { listCollections: [], keyProof: undefined };
  /** Has the lock, but does not serve yet: it hears no tab's channel, and answers a hello to all. */
  opening = false;
  /** Hellos that it heard. */
  greeted = 0;
  #onEvent: () => void = () => undefined;

  private constructor(name: string, protocol: number) {
    this.#name = name;
    this.#protocol = protocol;
    this.#news = new BroadcastChannel(channelNames.news(name));
    this.#news.onmessage = ({ data }: MessageEvent<News>) => data.kind === 'hello' && this.#welcome(data.tab);
  }

  static async start(name: string, protocol = PROTOCOL): Promise<PlayedOwner> {
    const owner = new PlayedOwner(name, protocol);
    await new Promise<void>((held) => void navigator.locks.request(lockNames.owner(name), () => new Promise<void>((release) => (owner.#release = release, held()))));
    return owner;
  }

  #status(owner: string): News {
    return { kind: 'owner', protocol: this.#protocol, tab: 'played', owner, storage: this.opening ? undefined : 'opfs' };
  }

  #welcome(tab: string): void {
    this.greeted++;
    if (this.opening) this.announce();
    else this.#serve(tab);
    this.#onEvent();
  }

  #serve(tab: string): void {
    this.#channel ??= new BroadcastChannel(channelNames.tab(this.#name, tab));
    this.#channel.onmessage = ({ data }: MessageEvent<Request>) => data.kind === 'call' && this.#take(data);
    this.#channel.postMessage(this.#status(this.id));
  }

  /** Tells all tabs how far it is, whether it knows them or not. */
  announce(): void {
    this.#news.postMessage(this.#status(this.id));
  }

  /** Tells its tab that another owner serves it, which it plays too. */
  serveAs(owner: string): void {
    this.#channel?.postMessage(this.#status(owner));
  }

  /** Tells its tab that `owner`, which it played, has left. */
  leaveAs(owner: string): void {
    this.#channel?.postMessage({ kind: 'left', from: owner } satisfies Farewell);
  }

  #take(call: Call): void {
    this.calls.push(call);
    if (call.verb in this.answers) this.reply({ kind: 'answer', id: call.id, value: this.answers[call.verb] });
    this.#onEvent();
  }

  reply(reply: Reply): void {
    this.#channel?.postMessage(reply);
  }

  /** Resolves when it was asked for `verb` that many times. */
  async until(verb: string, count = 1): Promise<void> {
    await this.#when(() => this.calls.filter((call) => call.verb === verb).length >= count);
  }

  async untilGreeted(count: number): Promise<void> {
    await this.#when(() => this.greeted >= count);
  }

  async #when(holds: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onEvent = () => holds() && resolve();
      this.#onEvent();
    });
  }

  /** Answers nothing any more. */
  sleep(): void {
    this.#news.close();
    this.#channel?.close();
  }

  /** As a tab that is killed. */
  end(): void {
    this.sleep();
    this.#release();
  }
}
