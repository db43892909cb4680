// The modules of hyparquet-compressors that brotli.ts takes apart; the package types its front alone.

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
