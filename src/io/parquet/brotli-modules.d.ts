// The modules of hyparquet-compressors that brotli.ts and gzip.ts take apart; the package types its front alone.

declare module 'hyparquet-compressors/src/brotli.js' {
  export function decompressBrotli(input: Uint8Array, outputLength: number): Uint8Array;
}

declare module 'hyparquet-compressors/src/brotli.streams.js' {
  export class BrotliOutput {
    buffer: Uint8Array;
    /** Bytes written. */
    pos: number;
  }
}

declare module 'hyparquet-compressors/src/gzip.js' {
  /** Fills `output`; what does not fit is dropped. */
  export function gunzip(input: Uint8Array, output: Uint8Array): Uint8Array;
}
