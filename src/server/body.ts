// Body: the bytes of a request, never more than a stated maximum of them in memory. A request that announces more is
// refused unread; one that announces nothing is cut off where it passes the maximum.

import type { HeldBody } from './body-memory.js';
import { RefusedRequest, STATUS } from './status.js';

/** Milvus' own limit (`proxy.maxRequestSize` of its REST server and of its gRPC server). */
export const REQUEST_BYTES_MAX = 64 * 1024 * 1024;

/** Bodies up to this are read as a whole, and count as soon as they are announced. */
const WHOLE_BYTES = 64 * 1024;

/** Errors: those of `readPieces`. */
export async function readBody(request: Request, bytesMax: number, held: HeldBody): Promise<Uint8Array> {
  return joined(await readPieces(request, bytesMax, held));
}

/** The body as it came. Errors: those of `held`, which counts its bytes; 1102 with HTTP 413 if the body is longer than `bytesMax`; 1801 if the client goes away before its end. */
export async function readPieces(request: Request, bytesMax: number, held: HeldBody): Promise<readonly Uint8Array[]> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > bytesMax) throw tooLarge(bytesMax);
  // What is announced is all that comes: the platform reads it faster than piece by piece.
  if (announced > 0 && announced <= WHOLE_BYTES) {
    held.add(announced);
    return [new Uint8Array(await request.arrayBuffer().catch(brokenOff))];
  }
  if (request.body === null) return [];
  const reader = request.body.getReader();
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(brokenOff);
    if (done) return pieces;
    sizeBytes += value.byteLength;
    try {
      if (sizeBytes > bytesMax) throw tooLarge(bytesMax);
      held.add(value.byteLength);
    } catch (error) {
      await reader.cancel();
      throw error;
    }
    pieces.push(value);
  }
}

function brokenOff(error: unknown): never {
  throw new RefusedRequest(STATUS.malformedRequest, `the request body broke off: ${String(error)}`);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0] as Uint8Array;
  const bytes = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  pieces.reduce((offset, piece) => (bytes.set(piece, offset), offset + piece.byteLength), 0);
  return bytes;
}

function tooLarge(bytesMax: number): RefusedRequest {
  return new RefusedRequest(STATUS.tooLarge, `request body: at most ${bytesMax} bytes`, 413);
}
