// Highlight: which terms of hits are shown, and how.

/** By Milvus' LexicalHighlighter. It changes neither hits nor scores. Texts are as they are stored: escape them where they are shown as HTML. */
export interface HighlightOptions {
  /** Before each term, in turn; default ["<em>"]. */
  readonly preTags?: readonly string[];
  /** After each, as many as `preTags`; default ["</em>"]. */
  readonly postTags?: readonly string[];
  /** UTF-16 units before the first term of a fragment; default 0. */
  readonly fragmentOffset?: number;
  /** UTF-16 units of a fragment, tags apart; default 100. */
  readonly fragmentSize?: number;
  /** Fragments of a field at most; default 5. */
  readonly numOfFragments?: number;
  /** Terms of a full-text search in the field that is searched. Default true. */
  readonly highlightSearchText?: boolean;
  /** Terms of TEXT_MATCH and PHRASE_MATCH of the filter, in their fields, but not of those that are negated. Default true. */
  readonly highlightFilter?: boolean;
  /** Terms of these texts besides. */
  readonly highlightQueries?: readonly { readonly type?: 'TextMatch'; readonly field: string; readonly text: string }[];
}
