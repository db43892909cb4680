// WebClient: requests to a server that may be slow, drop connections or be busy. An attempt ends when nothing comes
// for a while, and what may go well at another try is tried again with growing pauses, a named number of times.

import { ElanusError } from '../model/errors.js';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface WebClientOptions {
  /** Default: the platform's. */
  readonly fetch?: Fetch;
  /** An attempt ends when nothing was heard for so long. */
  readonly timeoutMs?: number;
  readonly attemptsMax?: number;
  /** Between attempts; tests need not wait. */
  readonly pause?: (ms: number) => Promise<void>;
}

const timeoutMsDefault = 30_000;
const attemptsMaxDefault = 6;
const firstWaitMs = 50;
const waitMsMax = 5_000;
/** What an upload takes at worst, for nothing is heard while it lasts. */
const uploadBytesPerMs = 1_000;

const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What may go well at another try; `error` is thrown if it never does. */
export class PassingFailure extends Error {
  constructor(readonly error: ElanusError, readonly waitMs = 0) {
    super(error.message);
  }
}

export class WebClient {
  private readonly fetch: Fetch;
  private readonly timeoutMs: number;
  private readonly attemptsMax: number;
  private readonly pause: (ms: number) => Promise<void>;

  constructor(options: WebClientOptions) {
    this.fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.timeoutMs = options.timeoutMs ?? timeoutMsDefault;
    this.attemptsMax = options.attemptsMax ?? attemptsMaxDefault;
    this.pause = options.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  /** Runs `attempt` until it does not fail in passing. Errors: that of the last attempt. */
  async persist<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await attempt();
      } catch (failure) {
        if (!(failure instanceof PassingFailure)) throw failure;
        if (tried === this.attemptsMax) throw failure.error;
        // Half of the wait is random, so that many that failed together do not come back together.
        const backOff = firstWaitMs * 2 ** (tried - 1) * (0.5 + Math.random() / 2);
        await this.pause(Math.min(Math.max(backOff, failure.waitMs), waitMsMax));
      }
    }
  }

  /** One attempt. The answer's body must be read or discarded. Errors: `PassingFailure` where no answer came, or one to try again. */
  async request(url: string, init: RequestInit): Promise<WebAnswer> {
    const watch = new Watch(this.timeoutMs);
    const uploadBytes = init.body instanceof Uint8Array ? init.body.length : 0;
    watch.expect(this.timeoutMs + uploadBytes / uploadBytesPerMs);
    try {
      const answer = new WebAnswer(url, await this.fetch(url, { ...init, signal: watch.signal }), watch);
      if (passingStatuses.has(answer.status)) throw new PassingFailure(await answer.refusal(), answer.retryAfterMs());
      return answer;
    } catch (error) {
      watch.end();
      throw error instanceof PassingFailure ? error : new PassingFailure(noAnswer(url, error));
    }
  }
}

/** Aborts what it watches when the time that is expected runs out. */
class Watch {
  private readonly abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly timeoutMs: number) {}

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  expect(ms = this.timeoutMs): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.abort.abort(new Error(`nothing came for ${Math.round(ms)} ms`)), ms);
  }

  end(): void {
    clearTimeout(this.timer);
  }
}

const refusalBytesMax = 64 * 1024;

export class WebAnswer {
  readonly status: number;

  constructor(readonly url: string, private readonly response: Response, private readonly watch: Watch) {
    this.status = response.status;
  }

  header(name: string): string | undefined {
    return this.response.headers.get(name) ?? undefined;
  }

  retryAfterMs(): number {
    const seconds = Number(this.header('retry-after') ?? 0);
    return Number.isFinite(seconds) ? Math.max(0, seconds * 1_000) : 0;
  }

  /** The body, part by part; leaving early cancels the rest. Errors: `PassingFailure` if it breaks off. */
  async *parts(): AsyncGenerator<Uint8Array> {
    const reader = this.response.body?.getReader();
    let ended = false;
    try {
      while (reader !== undefined) {
        this.watch.expect();
        const part = await reader.read();
        if (part.done) break;
        yield part.value;
      }
      ended = true;
    } catch (error) {
      ended = true;
      throw new PassingFailure(noAnswer(this.url, error));
    } finally {
      this.watch.end();
      if (!ended) await reader?.cancel();
    }
  }

  /** The body, whole. Errors: `Network` if it is longer than `bytesMax`. */
  async bytes(bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const part of this.parts()) {
      sizeBytes += part.length;
      if (sizeBytes > bytesMax) throw new ElanusError('Network', `${this.url}: expected a body of at most ${bytesMax} bytes, found more`, { status: this.status });
      parts.push(part);
    }
    const whole = new Uint8Array(sizeBytes);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  async discard(): Promise<void> {
    this.watch.end();
    // One that broke off by itself is as gone as one that is not wanted.
    await this.response.body?.cancel().catch(() => undefined);
  }

  /** The beginning of what the server says about a refusal. */
  async complaint(): Promise<string> {
    try {
      return new TextDecoder().decode(await this.bytes(refusalBytesMax));
    } catch (error) {
      return `unreadable: ${String(error)}`;
    }
  }

  /** `Network` with the status. Discards the body. */
  async refusal(): Promise<ElanusError> {
    await this.discard();
    return new ElanusError('Network', `${this.url}: the server answered with status ${this.status}`, { status: this.status });
  }
}

function noAnswer(url: string, error: unknown): ElanusError {
  // Node says only "fetch failed" and keeps the reason in `cause`.
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  return new ElanusError('Network', `${url}: no answer, or one that broke off: ${reason}`, { cause: error });
}
