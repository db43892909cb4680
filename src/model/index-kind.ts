// Kinds of approximate indexes over a vector column. A graph is also searched by its lists: its file holds all that one
// of kind 'ivf' does.

export const INDEX_KINDS = ['graph', 'ivf'] as const;
export type IndexKind = (typeof INDEX_KINDS)[number];

/** Kinds of index files over vectors of any type. */
export const INDEX_FILE_KINDS = [...INDEX_KINDS, 'sparse'] as const;
export type IndexFileKind = (typeof INDEX_FILE_KINDS)[number];
