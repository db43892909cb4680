// Kinds of approximate indexes over a vector column. A graph is also searched by its lists: its file holds all that one
// of kind 'ivf' does.

export const INDEX_KINDS = ['graph', 'ivf'] as const;
export type IndexKind = (typeof INDEX_KINDS)[number];
