// Transport: the port for talking to a server.

export interface TransportRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
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
  /** Sends `body`, of the type that the headers name. Errors: as of `get`. */
  post(request: TransportRequest & { readonly body: Uint8Array<ArrayBuffer> }): Promise<TransportResponse>;
}
