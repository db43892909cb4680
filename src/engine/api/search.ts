// Search: what a search takes and gives.

import type { FilterInput, FilterParams } from '../../model/filter-object.js';
import type { PrimaryKey, Vector } from '../../model/row.js';
import type { Params } from '../../model/parameter.js';
import type { BoostRerank } from '../../query/boost.js';
import type { DecayRerank } from '../../query/decay.js';
import type { GroupOptions } from '../../query/grouping.js';
import type { Explain } from './explain.js';
import type { HighlightOptions } from './highlight.js';
import type { CountOptions } from './query.js';
import type { RemoteOptions, RemoteUse, SearchSources } from './remote.js';

export type SearchRerank = DecayRerank | BoostRerank;

export interface SearchOptions extends GroupOptions, CountOptions {
  /** The vector field to search; may be left out where there is one. */
  readonly annsField?: string;
  /** Hits per query, 1..16,384; default 10. offset + limit is at most 16,384. */
  readonly limit?: number;
  readonly offset?: number;
  /** Only rows for which this holds, e.g. `year >= 2020 and genre in ["jazz", "soul"]`, or the same as an object. */
  readonly filter?: FilterInput;
  /** Values of the `{name}` in a filter. */
  readonly filterParams?: FilterParams;
  /** Share of the true nearest rows to find, on average: 0.5..1; 1 is exact, and slower. Default 0.95. */
  readonly recall?: number;
  /** Rows kept on the way through a graph, 1..32,768: the effort by hand instead of by `recall`, where segments have a graph. */
  readonly ef?: number;
  /**
   * Search parameters by Milvus' names, as numbers or text: nprobe, ef, search_list, reorder_k, refine_k, level,
   * drop_ratio_search, radius, range_filter and others. Those of other types of index are checked and change nothing.
   */
  readonly params?: Params;
  /** Only rows nearer than this. L2: distance < radius. IP, COSINE: score > radius. */
  readonly radius?: number;
  /** Only rows not nearer than this. L2: distance >= rangeFilter. IP, COSINE: score <= rangeFilter. */
  readonly rangeFilter?: number;
  /** Which model made `data`; refused if the field records another (`Field.model`). */
  readonly model?: string;
  /**
   * New scores for the nearest hits, by which they are ordered anew: those of max(100, 4 * (offset + limit)) rows, or
   * groups, at most 16,384. Not for a range of scores.
   */
  readonly rerank?: SearchRerank;
  /** Shows where in the texts of the hits what was looked for is. */
  readonly highlight?: HighlightOptions;
  /** Whether the answer says what it cost, segment by segment. It is then given by one thread, without a GPU. */
  readonly explain?: boolean;
  /**
   * Of a copy: whether its origin answers, too, and when; default 'never'. Where it does, the answer is the origin's as of now, with own writes over it
   * that it does not have. Not with groups, rerankers, `highlight`, `explain`, `ids` or texts (`Unsupported`).
   */
  readonly remote?: RemoteUse | RemoteOptions;
  /** Fields to return with each hit; ["*"] for all of them. Default: none. */
  readonly outputFields?: readonly string[];
}

/** What is searched for: one vector, or several; texts where a function makes the vectors. */
export interface SearchQueries {
  readonly data: Vector | string | readonly Vector[] | readonly string[];
}

/** Instead: rows that are there, by their vectors; each is a hit of its own search, too. Errors: `InvalidArgument` for one that is not there, or has no vector. */
export interface SearchIds {
  readonly ids: readonly (PrimaryKey | number)[];
}

export interface SearchResult<Hits> {
  /** Of one query: its hits. Of several: the hits of each. */
  readonly hits: Hits;
  /**
   * The share of the true nearest rows to expect on average, as calibrated without a filter when the segments were
   * indexed; 1 if exact. Not measured for this search; but where `partial` says 'bits' or 'bits+4' it is estimated for these very queries.
   */
  readonly recall: number;
  /** Of a copy whose files are still coming (`pull` with `progressive`): what the answer is made of at least. */
  readonly partial?: PartialAnswer;
  /** Of a search with `remote`. */
  readonly sources?: SearchSources;
  /** If it was asked for. */
  readonly explain?: Explain;
  /** What the answer lacks, as a file of it is damaged or missing; absent if nothing. */
  readonly missing?: readonly MissingRows[];
}

export interface PartialAnswer {
  /**
   * The least that was there of any segment that was searched: 1-bit codes of its rows, 4-bit codes besides, or its index. Vectors
   * of the best candidates were asked for, so hits have their exact scores.
   */
  readonly planes: 'bits' | 'bits+4' | 'vectors';
}

export interface MissingRows {
  /** The damaged or missing file; '' where an origin that gives some rows alone does not tell it, nor how many rows. */
  readonly file: string;
  /** 'evicted': of a copy, removed to make room; the next pull fetches it. 'arriving': it is on its way. */
  readonly reason: 'damaged' | 'missing' | 'evicted' | 'arriving';
  /** Live rows, as far as that is known. */
  readonly rows: number;
}
