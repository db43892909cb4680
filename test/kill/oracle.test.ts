// The oracle of the kill test is shown histories with a known fault, and histories that only look like one.

import { describe, expect, it } from 'vitest';
import { Oracle, type Findings } from './oracle.js';

const NONE: Findings = { lost: [], phantom: [], half: [] };
const counts = ({ lost, phantom, half }: Findings) => [lost.length, phantom.length, half.length];

function after(tell: (oracle: Oracle) => void): Oracle {
  const oracle = new Oracle();
  tell(oracle);
  return oracle;
}

describe('an acknowledged call', () => {
  const written = () => after((oracle) => {
    oracle.begin(1, 7, [1, 2]);
    oracle.done(1);
  });
  it('is found whole', () => expect(written().observe([[1, 7], [2, 7]])).toEqual(NONE));
  it('is lost where a row of it is not', () => expect(counts(written().observe([[1, 7]]))).toEqual([1, 0, 0]));
  it('is lost where an older version is found', () => {
    const oracle = written();
    oracle.observe([[1, 7], [2, 7]]);
    oracle.begin(2, 8, [1]);
    oracle.done(2);
    expect(counts(oracle.observe([[1, 7], [2, 7]]))).toEqual([1, 0, 0]);
  });
  it('is lost where a deleted row is found', () => {
    const oracle = written();
    oracle.begin(2, undefined, [1]);
    oracle.done(2);
    expect(counts(oracle.observe([[1, 7], [2, 7]]))).toEqual([1, 0, 0]);
  });
  it('may be undone by a call under way', () => {
    const oracle = written();
    oracle.begin(2, undefined, [1, 2]);
    expect(oracle.observe([])).toEqual(NONE);
  });
});

describe('a call that was not acknowledged', () => {
  const known = () => {
    const oracle = after((made) => {
      made.begin(1, 7, [1, 2]);
      made.done(1);
    });
    oracle.observe([[1, 7], [2, 7]]);
    return oracle;
  };
  it.each([{ found: [[1, 8], [2, 8]] as const }, { found: [[1, 7], [2, 7]] as const }])('is done or not: $found', ({ found }) => {
    const oracle = known();
    oracle.begin(2, 8, [1, 2]);
    expect(oracle.observe(found)).toEqual(NONE);
  });
  it('is never done in part', () => {
    const oracle = known();
    oracle.begin(2, 8, [1, 2]);
    expect(counts(oracle.observe([[1, 8], [2, 7]]))).toEqual([0, 0, 1]);
  });
  it('is never done in part where it deletes', () => {
    const oracle = known();
    oracle.begin(2, undefined, [1, 2]);
    expect(counts(oracle.observe([[2, 7]]))).toEqual([0, 0, 1]);
  });
  it('may be overwritten by another that overlaps it', () => {
    const oracle = known();
    oracle.begin(2, 8, [1, 2]);
    oracle.begin(3, 9, [2]);
    oracle.done(3);
    expect(oracle.observe([[1, 8], [2, 9]])).toEqual(NONE);
  });
  it('does not come back after a look at which it was not there', () => {
    const oracle = known();
    oracle.begin(2, 8, [1, 2]);
    oracle.observe([[1, 7], [2, 7]]);
    expect(counts(oracle.observe([[1, 8], [2, 8]]))).toEqual([0, 2, 0]);
  });
});

describe('calls that overlap', () => {
  it('may be done in either order, both acknowledged', () => {
    for (const version of [8, 9]) {
      const oracle = new Oracle();
      oracle.begin(1, 8, [1]);
      oracle.begin(2, 9, [1]);
      oracle.done(1);
      oracle.done(2);
      expect(oracle.observe([[1, version]])).toEqual(NONE);
    }
  });
  it('leave no earlier version', () => {
    const oracle = new Oracle();
    oracle.begin(1, 7, [1]);
    oracle.done(1);
    oracle.begin(2, 8, [1]);
    oracle.begin(3, 9, [1]);
    oracle.done(3);
    expect(counts(oracle.observe([[1, 7]]))).toEqual([1, 0, 0]);
  });
});

describe('rows that nobody wrote', () => {
  it('are phantoms: of a version never written, twice, or torn', () => {
    expect(counts(new Oracle().observe([[1, 5]]))).toEqual([0, 1, 0]);
    expect(counts(new Oracle().observe([[1, null]]))).toEqual([0, 1, 0]);
    const oracle = new Oracle();
    oracle.begin(1, 5, [1]);
    expect(counts(oracle.observe([[1, 5], [1, 5]]))).toEqual([0, 1, 0]);
  });
});
