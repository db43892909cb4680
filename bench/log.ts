// The two ends of a command's output: JSON lines on stdout, everything for the eye on stderr.

export function log(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

export function emit(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** To five significant digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
