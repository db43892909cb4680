// The order in which test files begin: those first that take longest, lest one of them is left to run alone at the end.

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Longest first, by what they take of a core: from a minute to ten seconds. */
export const LONG: readonly string[] = [
  'test/sim/crash.test.ts',
  'test/sim/faults.test.ts',
  'test/sync/sim/sim.test.ts',
  'test/bench/cli.test.ts',
  'test/storage/r2.test.ts',
  'test/kill/sync/sync-kill.test.ts',
  'test/server/cli.test.ts',
  'test/e2e/clients.test.ts',
  'test/engine/model.test.ts',
  'test/engine/quota.test.ts',
  'test/vault/sim.test.ts',
  'test/bench/commands.test.ts',
  'test/server/sync/serve.test.ts',
  'test/engine/segment-search.test.ts',
  'test/sim/corrupt.test.ts',
];

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONG.findIndex((path) => moduleId.endsWith(`/${path}`));
  return place < 0 ? LONG.length : place;
};

export class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(specifications)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}
