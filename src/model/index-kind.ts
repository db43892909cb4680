// Kinds of approximate indexes over a vector column.

export const INDEX_KINDS = ['graph', 'ivf'] as const;
export type IndexKind = (typeof INDEX_KINDS)[number];
