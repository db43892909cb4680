// Oracle: which rows one collection may hold after its process was killed, from what was begun and acknowledged. Calls that
// overlapped in time may have been done in either order; one that was never acknowledged may have been done or not, but whole.

import type { FoundRow } from './messages.js';

interface Call {
  readonly began: number;
  /** Infinity while it is not acknowledged. */
  acknowledged: number;
  /** Of the rows that it writes; undefined if it deletes them. */
  readonly version: number | undefined;
  readonly rows: readonly number[];
}

export interface Findings {
  /** Rows without a change that was acknowledged. */
  readonly lost: readonly string[];
  /** Rows that nobody wrote, or that should no longer be. */
  readonly phantom: readonly string[];
  /** Calls of which a part was done. */
  readonly half: readonly string[];
}

export class Oracle {
  #now = 0;
  #known: ReadonlyMap<number, number> = new Map();
  readonly #calls = new Map<number, Call>();
  /** Calls on a row since the last look, in order of their beginning. */
  readonly #byRow = new Map<number, Call[]>();
  acknowledged = 0;

  begin(call: number, version: number | undefined, rows: readonly number[]): void {
    const begun: Call = { began: ++this.#now, acknowledged: Infinity, version, rows };
    this.#calls.set(call, begun);
    for (const row of rows) this.#byRow.set(row, [...(this.#byRow.get(row) ?? []), begun]);
  }

  /** True if it was of this collection. */
  done(call: number): boolean {
    const begun = this.#calls.get(call);
    if (begun === undefined) return false;
    begun.acknowledged = ++this.#now;
    this.acknowledged++;
    return true;
  }

  /** Compares what is there now, which is from then on what is known. */
  observe(found: readonly FoundRow[]): Findings {
    const versions = new Map<number, number>();
    const lost: string[] = [];
    const phantom: string[] = [];
    for (const [row, version] of found) {
      if (version === null) phantom.push(`row ${row} is not wholly of one version`);
      else if (versions.has(row)) phantom.push(`row ${row} is there twice`);
      else versions.set(row, version);
    }
    for (const row of new Set([...this.#byRow.keys(), ...this.#known.keys(), ...versions.keys()])) {
      const verdict = this.#judge(row, versions.get(row));
      if (verdict === 'lost') lost.push(`row ${row}: ${this.#story(row, versions.get(row))}`);
      if (verdict === 'phantom') phantom.push(`row ${row}: ${this.#story(row, versions.get(row))}`);
    }
    const half = [...this.#calls.values()].filter((call) => call.acknowledged === Infinity && this.#isHalf(call, versions)).map((call) => `version ${String(call.version)} of rows ${call.rows.join(' ')}`);
    this.#known = versions;
    this.#calls.clear();
    this.#byRow.clear();
    this.#now = 0;
    return { lost, phantom, half };
  }

  #judge(row: number, version: number | undefined): 'good' | 'lost' | 'phantom' {
    const calls = this.#byRow.get(row) ?? [];
    const makers = this.#makersOf(row, version);
    if (makers.some((maker) => calls.every((call) => !follows(call, maker) || call.acknowledged === Infinity))) return 'good';
    // A version that none of these gives was never written, or is of a time before the last look.
    return makers.length === 0 && version !== undefined ? 'phantom' : 'lost';
  }

  /** What may have left the row so: calls, or the state that was known. */
  #makersOf(row: number, version: number | undefined): readonly Call[] {
    const before: Call = { began: 0, acknowledged: 0, version: this.#known.get(row), rows: [row] };
    return [before, ...(this.#byRow.get(row) ?? [])].filter((call) => call.version === version);
  }

  #isHalf(call: Call, versions: ReadonlyMap<number, number>): boolean {
    let applied = false;
    let missing = false;
    for (const row of call.rows) {
      const makers = this.#makersOf(row, versions.get(row));
      if (makers.length === 1 && makers[0] === call) applied = true;
      if (!makers.includes(call) && makers.every((maker) => follows(call, maker))) missing = true;
    }
    return applied && missing;
  }

  #story(row: number, version: number | undefined): string {
    const calls = (this.#byRow.get(row) ?? []).map(({ began, acknowledged, version }) => `${version === undefined ? 'deleted' : `version ${version}`} from ${began} to ${acknowledged}`);
    return `found ${version === undefined ? 'nothing' : `version ${version}`}, known ${String(this.#known.get(row) ?? 'nothing')}, then ${calls.join(', ') || 'nothing'}`;
  }
}

/** True if `call` was begun when `before` had been acknowledged: it was done after it. */
function follows(call: Call, before: Call): boolean {
  return before.acknowledged < call.began;
}
