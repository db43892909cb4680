// UsageError: what the caller of the harness can mend: a flag, a file, a shape that does not fit. Ends with exit code 2.

export class UsageError extends Error {
  override readonly name = 'UsageError';
}
