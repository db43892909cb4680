// Verb: what answers one remote procedure. Each stands in the one table with its rule; a verb either gives a whole answer
// or throws, and what it throws becomes a status in the answer.

import type { Rule } from '../access/rule.js';
import type { Call } from '../call.js';
import type { StatusMessage } from './status.js';

/** An answer less its status, which the service fills in; what is a status itself has nothing else. */
export type Answer<Response> = Omit<Response, 'status'>;

/** Other ways than the service's own between messages and bytes, where many rows pass. */
export interface Codec<Request, Response> {
  /** Errors: what it throws is answered in-band as an invalid request (1100), unless it is a `RefusedRequest` or `ElanusError`. */
  readonly decode?: (bytes: Uint8Array) => Request;
  /** Of a whole answer, a long one in turns with others; failures are encoded by the service. */
  readonly encode?: (response: Answer<Response>) => Uint8Array | Promise<Uint8Array>;
}

export interface Verb<Request, Response> extends Codec<Request, Response> {
  readonly rule: Rule<Request>;
  /** It carries rows, keys or a filter, and has a codec of its own. */
  readonly isLarge?: true;
  /** In which database it is: that of `db_name`, else of the connection (default); or in none, where `db_name` is what it is about. */
  readonly scope?: 'database' | 'server';
  readonly run: (call: GrpcCall, request: Request) => Promise<Answer<Response>>;
}

export interface GrpcCall extends Call {
  /** Address of the client. */
  readonly peer: string;
  readonly metadata: ClientMetadata;
}

/** What clients say beside the request. */
export interface ClientMetadata {
  /** In clear, without the scheme and base64; undefined if there are none. */
  readonly credentials: string | undefined;
  readonly database: string | undefined;
  /** What `Connect` gave. */
  readonly identifier: string | undefined;
  readonly requestId: string | undefined;
  /** As W3C Trace Context has it. */
  readonly trace: string | undefined;
}

/** Answered in-band as not supported; the rule is asked first. */
export interface Unsupported {
  readonly rule: Rule<object>;
  readonly isLarge?: never;
  readonly unsupported: string;
}

/** As the table has it, where requests and answers are of every kind. */
export type AnyVerb = Verb<never, object> | Unsupported;

/** By the names of the remote procedures. */
export type Verbs = Readonly<Record<string, AnyVerb>>;

export interface Answered {
  readonly status: StatusMessage;
}

/** A verb with its types, for a table. */
export function verb<Request, Response extends object>(content: Verb<Request, Response>): AnyVerb {
  return content as unknown as AnyVerb;
}
