// Gate: who is between a page and its server, and can be away as a network is, or let one part of a file wait for ever.

import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { serveLocally, type LocalServer } from '../support/local-server.js';

export interface FilePart {
  /** Path of the request. */
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

/** Sizes of the files that parts were asked of, and of all parts. */
export function partBytes(parts: readonly FilePart[]): { readonly sizeBytes: number; readonly askedBytes: number } {
  const sizes = new Map<string, number>();
  for (const { file, last } of parts) sizes.set(file, Math.max(sizes.get(file) ?? 0, last + 1));
  return { sizeBytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0), askedBytes: parts.reduce((sum, { first, last }) => sum + last - first + 1, 0) };
}

export class Gate {
  /** Parts of files that were asked for, in order. */
  readonly parts: FilePart[] = [];
  /** Of parts: the one that is never answered. */
  heldPart = 0;
  #isAway = false;
  readonly #open = new Set<IncomingMessage>();

  private constructor(readonly target: string, readonly server: LocalServer) {}

  static async before(target: string): Promise<Gate> {
    let gate: Gate | undefined;
    const server = await serveLocally((request, response) => gate?.pass(request, response));
    gate = new Gate(target, server);
    return gate;
  }

  get url(): string {
    return this.server.url;
  }

  get isHolding(): boolean {
    return this.heldPart > 0 && this.parts.length >= this.heldPart;
  }

  /** From now on no request is answered, nor is one that waits. */
  leave(): void {
    this.#isAway = true;
    for (const request of this.#open) request.socket.destroy();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  pass(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isAway) return void request.socket.destroy();
    this.#open.add(request);
    response.once('close', () => this.#open.delete(request));
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers['range'] ?? '') ?? [];
    if (first !== undefined && request.method === 'GET') {
      this.parts.push({ file: request.url ?? '', first: Number(first), last: Number(last) });
      if (this.parts.length === this.heldPart) return;
    }
    const onward = send(`${this.target}${request.url ?? ''}`, { method: request.method, headers: request.headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
