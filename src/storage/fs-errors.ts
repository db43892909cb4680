// What Node's file system throws, as an ElanusError: the code says what a caller can do about it.

import { ElanusError, type ErrorCode } from '../model/errors.js';

const codeOf: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'NotFound',
  ENOSPC: 'QuotaExceeded',
  EDQUOT: 'QuotaExceeded',
  EFBIG: 'QuotaExceeded',
  EROFS: 'ReadOnly',
  EACCES: 'ReadOnly',
  EPERM: 'ReadOnly',
  // The disk could not give back what it holds.
  EIO: 'Corrupt',
  ENOMEM: 'OutOfMemory',
  // Too many open files: true of the moment, not of the data.
  EMFILE: 'Busy',
  ENFILE: 'Busy',
  // A file where the key has a folder, or the other way round.
  ENOTDIR: 'InvalidArgument',
  EISDIR: 'InvalidArgument',
  ENAMETOOLONG: 'InvalidArgument',
};

export function explainErrno(error: unknown, about: string): ElanusError {
  const errno = errnoOf(error);
  const code = codeOf[errno] ?? 'StorageFailed';
  const detail = code === 'NotFound' || code === 'Corrupt' ? { file: about, cause: error } : { cause: error };
  return new ElanusError(code, `${about}: the file system refused: ${String(error)}`, detail);
}

/** The symbolic errno, or '' if `error` carries none. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
