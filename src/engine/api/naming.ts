// Naming: aliases, databases and properties: what they take and give.

/** By name; a number or a truth is kept as its text. */
export type PropertiesInput = Readonly<Record<string, string | number | boolean>>;

export interface AliasDescription {
  readonly alias: string;
  /** Name of the collection that it stands for. */
  readonly collection: string;
  readonly database: string;
}

export interface DatabaseDescription {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  /** When it was made, in milliseconds since 1970; absent if that is not known, as of the default one. */
  readonly createdMs?: number;
}
