// Remote: searches of a copy that its origin answers, too.

/** 'missing': where the copy lacks rows, by `missing` of its answers or as its files are still coming, or as it was asked for some rows alone. 'always': whatever it has. */
export type RemoteUse = 'never' | 'missing' | 'always';

export interface RemoteOptions {
  readonly when: RemoteUse;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** After which the copy answers alone. Default 10,000. */
  readonly timeoutMs?: number;
  /** The search fails where the origin does not answer, instead of being answered by the copy alone. Default false. */
  readonly required?: boolean;
}

/** Where an answer is from. */
export interface SearchSources {
  /** Rows that were looked at here: all that the copy has, or, where the origin answered, own writes that it does not have. */
  readonly local: { readonly rows: number };
  /** 'refused': the origin lets not, or cannot answer such a search. */
  readonly remote: 'answered' | 'unreachable' | 'refused' | 'not asked';
  /** Why it was not asked, or has not answered. */
  readonly reason?: string;
}
