// What a browser's storage throws (DOMException, told apart by name), as an ElanusError.

import { ElanusError, type ErrorCode } from '../model/errors.js';

const codeOf: Readonly<Record<string, ErrorCode>> = {
  NotFoundError: 'NotFound',
  QuotaExceededError: 'QuotaExceeded',
  // Another handle holds the file.
  NoModificationAllowedError: 'Busy',
  InvalidStateError: 'Busy',
  // A file where the key has a folder, or the other way round.
  TypeMismatchError: 'InvalidArgument',
  // The browser lost or cannot read what it holds.
  NotReadableError: 'Corrupt',
  DataError: 'Corrupt',
  // This place may not store anything: a private window, a sandboxed frame.
  SecurityError: 'Unsupported',
  NotSupportedError: 'Unsupported',
  UnknownError: 'Corrupt',
};

export function explainDomError(error: unknown, about: string): ElanusError {
  const code = codeOf[nameOf(error)] ?? 'StorageFailed';
  const detail = code === 'NotFound' || code === 'Corrupt' ? { file: about, cause: error } : { cause: error };
  return new ElanusError(code, `${about}: the browser refused: ${String(error)}`, detail);
}

/** The DOMException's name, or '' if `error` is none. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
