// UnaryCall: one call of gRPC on one stream of HTTP/2: a message comes, an answer goes, or the call fails. It ends once, by
// whichever is first: its answer, its failure, its deadline, or the client that goes away.

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream, type ServerStreamResponseOptions } from 'node:http2';
import type { HeldBody } from '../../body-memory.js';
import { CallRefused, CODE, type Code } from './code.js';
import { framed, MessageReader } from './frame.js';
import { ANSWER_HEADERS, OK_TRAILERS, refusalHeaders, timeoutMs } from './headers.js';
import { inflated } from './inflate.js';

/** `sendDate`: documented of Node, if not in its types. */
type ResponseOptions = ServerStreamResponseOptions & { readonly sendDate: boolean };

const ANSWER_OPTIONS: ResponseOptions = { waitForTrailers: true, sendDate: false };
const REFUSAL_OPTIONS: ResponseOptions = { endStream: true, sendDate: false };

/** What a call asks, whole. */
export interface Asked {
  readonly bytes: Uint8Array;
  readonly headers: IncomingHttpHeaders;
  /** Aborts if nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export interface CallOptions {
  /** Of a message, also when it is decompressed. */
  readonly bytesMax: number;
  /** Asked once for a message of many pieces, which counts against it until the call is over. */
  readonly holdBody: () => HeldBody;
  /** The bytes of the answer. Errors: `CallRefused`, and what `failure` is for. */
  readonly answer: (asked: Asked) => Promise<Uint8Array>;
  /** What is answered to any other error. Errors: `CallRefused`. */
  readonly failure: (error: unknown) => Uint8Array;
}

/** Answers the call of that stream. */
export function answerCall(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: CallOptions): void {
  new UnaryCall(stream, headers, options).begin();
}

/** Fails a call whose message, or the rest of it, is of no use; nothing where the stream has ended. */
export function refuseCall(stream: ServerHttp2Stream, code: Exclude<Code, typeof CODE.ok>, message: string): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond(refusalHeaders(code, message), REFUSAL_OPTIONS);
  // So that the client sends no more of it.
  stream.close(constants.NGHTTP2_NO_ERROR);
}

class UnaryCall {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #options: CallOptions;
  readonly #message: MessageReader;
  #abort: AbortController | undefined;
  #held: HeldBody | undefined;
  #pieces = 0;
  #deadline: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: CallOptions) {
    this.#stream = stream;
    this.#headers = headers;
    this.#options = options;
    this.#message = new MessageReader(options.bytesMax);
  }

  begin(): void {
    const stream = this.#stream;
    stream.on('close', () => this.#gone());
    stream.on('data', (piece: Buffer) => this.#guarded(() => this.#take(piece)));
    stream.on('end', () => void this.#run());
    this.#guarded(() => this.#setDeadline());
  }

  #take(piece: Buffer): void {
    // Of most calls there is one, which is small.
    if (this.#pieces++ > 0) (this.#held ??= this.#options.holdBody()).add(piece.length);
    this.#message.push(piece);
  }

  #setDeadline(): void {
    const timeout = this.#headers['grpc-timeout'];
    if (typeof timeout !== 'string') return;
    this.#deadline = setTimeout(() => {
      this.#refuse(new CallRefused(CODE.deadlineExceeded, 'the deadline of the call is over'));
      this.#abort?.abort();
    }, timeoutMs(timeout));
  }

  #guarded(work: () => void): void {
    if (this.#isOver) return;
    try {
      work();
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #run(): Promise<void> {
    if (this.#isOver) return;
    try {
      const { isCompressed, bytes } = this.#message.end();
      const asked = isCompressed ? await inflated(bytes, this.#encoding(), this.#options.bytesMax) : bytes;
      this.#answer(await this.#options.answer(this.#asked(asked)));
    } catch (error) {
      this.#refuse(error);
    }
  }

  #asked(bytes: Uint8Array): Asked {
    const signal = (): AbortSignal => this.#signal();
    return { bytes, headers: this.#headers, get signal() { return signal(); } };
  }

  /** Made when somebody wants it: it costs more than all else of a call that asks little. */
  #signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#isOver) this.#abort.abort();
    return this.#abort.signal;
  }

  #encoding(): string {
    const encoding = this.#headers['grpc-encoding'];
    return typeof encoding === 'string' ? encoding : 'identity';
  }

  #answer(bytes: Uint8Array): void {
    if (!this.#end()) return;
    const stream = this.#stream;
    stream.respond(ANSWER_HEADERS, ANSWER_OPTIONS);
    stream.on('wantTrailers', () => stream.sendTrailers(OK_TRAILERS));
    const [first, second] = framed(bytes);
    if (second === undefined) {
      stream.end(first);
      return;
    }
    stream.cork();
    stream.write(first);
    stream.end(second);
  }

  #refuse(error: unknown): void {
    if (this.#isOver) return;
    try {
      if (!(error instanceof CallRefused)) return this.#answer(this.#options.failure(error));
      if (this.#end()) refuseCall(this.#stream, error.code, error.message);
    } catch (refused) {
      // There is nobody above who would catch it.
      this.#refuse(refused instanceof CallRefused ? refused : new CallRefused(CODE.internal, 'the failure has no words'));
    }
  }

  #gone(): void {
    clearTimeout(this.#deadline);
    this.#held?.release();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#abort?.abort();
  }

  /** False if it has ended already, or its stream has. */
  #end(): boolean {
    if (this.#isOver || this.#stream.destroyed || this.#stream.closed) return false;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    return true;
  }
}
