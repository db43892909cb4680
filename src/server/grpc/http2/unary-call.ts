// UnaryCall: one call of gRPC on one stream of HTTP/2: a message comes, an answer goes, or the call fails. It ends once, by
// whichever is first: its answer, its failure, its deadline, or the client that goes away. Of its message nothing is read until
// whoever answers asks for it, who may refuse the call by its headers; its bytes count until he has answered.

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream, type ServerStreamResponseOptions } from 'node:http2';
import type { HeldBody } from '../../body-memory.js';
import { CallRefused, CODE, type Code } from './code.js';
import { MessageReader, type Received } from './frame.js';
import { ANSWER_HEADERS, OK_TRAILERS, refusalHeaders, timeoutMs } from './headers.js';
import { inflated } from './inflate.js';
import { send, type SendingLimits } from './sending.js';

/** `sendDate`: documented of Node, if not in its types. */
type ResponseOptions = ServerStreamResponseOptions & { readonly sendDate: boolean };

const ANSWER_OPTIONS: ResponseOptions = { waitForTrailers: true, sendDate: false };
const REFUSAL_OPTIONS: ResponseOptions = { endStream: true, sendDate: false };
const UNEXPECTED = { code: CODE.internal, message: 'unexpected error; the log of the server has the details' } as const;

/** What a call asks. */
export interface Asked {
  readonly headers: IncomingHttpHeaders;
  /** Aborts if nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The message, whole. To be asked for once. Errors: `CallRefused`, and those of `HeldBody.add`. */
  message(): Promise<Uint8Array>;
}

export interface CallOptions extends SendingLimits {
  /** Of a message, also when it is decompressed. */
  readonly bytesMax: number;
  /** Within which the message must be there. */
  readonly bodyMs: number;
  /** Asked once for each message; it counts against it until the call is answered. */
  readonly holdBody: () => HeldBody;
  /** The bytes of the answer. Errors: `CallRefused`; any other is told to `failed`. */
  readonly answer: (asked: Asked) => Promise<Uint8Array>;
  readonly failed: (error: unknown) => void;
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
  #abort: AbortController | undefined;
  #held: HeldBody | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #isWhole = false;
  #isOver = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: CallOptions) {
    this.#stream = stream;
    this.#headers = headers;
    this.#options = options;
  }

  begin(): void {
    this.#stream.on('close', () => this.#gone());
    try {
      this.#setDeadline();
    } catch (error) {
      return this.#refuse(error);
    }
    const { bodyMs } = this.#options;
    this.#patience = setTimeout(() => this.#refuse(new CallRefused(CODE.deadlineExceeded, `expected the whole message within ${bodyMs} ms`)), bodyMs);
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      this.#answer(await this.#options.answer(this.#asked()));
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#held?.release();
    }
  }

  #setDeadline(): void {
    const timeout = this.#headers['grpc-timeout'];
    if (typeof timeout !== 'string') return;
    this.#deadline = setTimeout(() => {
      this.#refuse(new CallRefused(CODE.deadlineExceeded, 'the deadline of the call is over'));
      this.#abort?.abort();
    }, timeoutMs(timeout));
  }

  #asked(): Asked {
    const signal = (): AbortSignal => this.#signal();
    return { headers: this.#headers, message: () => this.#message(), get signal() { return signal(); } };
  }

  async #message(): Promise<Uint8Array> {
    const { isCompressed, bytes } = await this.#received();
    this.#isWhole = true;
    clearTimeout(this.#patience);
    return isCompressed ? inflated(bytes, this.#encoding(), this.#options.bytesMax, this.#hold()) : bytes;
  }

  #received(): Promise<Received> {
    const stream = this.#stream;
    const message = new MessageReader(this.#options.bytesMax);
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new CallRefused(CODE.cancelled, 'the client went away before its message was whole'));
      const guarded = (work: () => void): void => {
        try {
          work();
        } catch (error) {
          // What still comes is passed over until the call is refused.
          stream.off('data', take);
          stream.resume();
          reject(error as Error);
        }
      };
      const take = (piece: Buffer): void => guarded(() => {
        this.#hold().add(piece.length);
        message.push(piece);
      });
      if (this.#isOver || stream.destroyed) return gone();
      stream.on('data', take).on('end', () => guarded(() => resolve(message.end()))).on('close', gone);
    });
  }

  #hold(): HeldBody {
    return (this.#held ??= this.#options.holdBody());
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
    stream.on('wantTrailers', () => {
      stream.sendTrailers(OK_TRAILERS);
      // So that the client sends no more of a message that is of no use; behind the trailers, which go out in a turn of their own.
      if (!this.#isWhole) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
    });
    send(stream, bytes, this.#options);
  }

  #refuse(error: unknown): void {
    if (!(error instanceof CallRefused)) this.#options.failed(error);
    const { code, message } = error instanceof CallRefused ? error : UNEXPECTED;
    if (this.#end()) refuseCall(this.#stream, code, message);
  }

  #gone(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#patience);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#abort?.abort();
  }

  /** False if it has ended already, or its stream has. */
  #end(): boolean {
    if (this.#isOver || this.#stream.destroyed || this.#stream.closed) return false;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#patience);
    return true;
  }
}
