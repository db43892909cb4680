// Transport: the port for talking to a server.

export interface TransportRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** 'no-store': no cache of the runtime keeps the answer. That of a browser has requests for one URL wait for each other. */
  readonly cache?: 'no-store';
  readonly signal?: AbortSignal;
  /** After which it is given up, with `Network`, unless all of the answer is there. Default: never. */
  readonly timeoutMs?: number;
  /** After which it is given up, with `Network`, if nothing is heard of it: no answer, and later no more of it; until then, while its body is sent, a while more by its size. Default: never. */
  readonly idleMs?: number;
}

export interface TransportResponse {
  readonly status: number;
  header(name: string): string | undefined;
  /** The body, whole. Errors: `Network`, or `InvalidArgument` if it is longer than `bytesMax`. */
  bytes(bytesMax: number): Promise<Uint8Array<ArrayBuffer>>;
}

export interface Transport {
  /** Errors: `Network` if no answer came; an HTTP error status is an answer. */
  get(request: TransportRequest): Promise<TransportResponse>;
}

/** One that also sends. */
export interface SendingTransport extends Transport {
  /** Sends `body`, of the type that the headers name; by PUT if `method` says so. Errors: as of `get`. */
  post(request: TransportRequest & { readonly body: Uint8Array<ArrayBuffer>; readonly method?: 'POST' | 'PUT' }): Promise<TransportResponse>;
}
