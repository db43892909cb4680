// Verbs: what every client must be shown to do. A script reports its steps under these names.

export const VERBS = ['create', 'index', 'load', 'insert', 'upsert', 'delete', 'search', 'filter', 'hybrid', 'range', 'group', 'iterate', 'full text', 'aliases', 'partitions', 'databases', 'users and roles', 'errors', 'drop'] as const;

export type Verb = (typeof VERBS)[number];

/** A line that a script prints: a claim that held, or why it did not. */
export interface Told {
  readonly client: string;
  readonly verb: Verb;
  readonly claim: string;
  readonly error: string | null;
}
