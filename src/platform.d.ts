// The few web-standard names that every runtime we support has, declared for the floors that
// are compiled without DOM and Node types. Nothing else of a platform may be named there.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number };
}
declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}
interface ReadableStreamDefaultController<R> {
  enqueue(chunk: R): void;
  close(): void;
}
declare class ReadableStream<R> {
  constructor(source: { pull(controller: ReadableStreamDefaultController<R>): Promise<void>; cancel(): Promise<void> });
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
interface CryptoKey {
  readonly extractable: boolean;
}
/** Of texts of code units below 256. */
declare function btoa(text: string): string;
declare function atob(text: string): string;
