// Named maxima. Each is checked where the value enters the house, and nowhere else.
// Source of the API limits: Milvus 2.6 (`configs/milvus.yaml`).

export const LIMITS = {
  nameLengthMax: 255,
  fieldsMax: 64,
  vectorFieldsMax: 10,
  collectionsMax: 65_536,
  /** Of all databases of a storage together. */
  aliasesMax: 65_536,
  /** Databases of a storage, the default one among them. */
  databasesMax: 64,
  /** Of a collection, the default one among them. */
  partitionsMax: 1024,
  /** Partitions by a partition key that a collection has unless it says otherwise. */
  partitionsOfKey: 16,
  /** Properties of a collection or a database, and bytes of the text of one. */
  propertiesMax: 64,
  propertyBytesMax: 65_535,
  dimensionMax: 32_768,
  /** Of bit vectors. */
  binaryDimensionMax: 262_144,
  /** Of a sparse vector, in a row or as a query. */
  sparseTermsMax: 65_536,
  varCharBytesMax: 65_535,
  jsonBytesMax: 65_536,
  geometryBytesMax: 65_535,
  /** Elements of an Array in a row. */
  arrayCapacityMax: 4096,
  /** Hits per query, and offset + limit. */
  topKMax: 16_384,
  queriesMax: 16_384,
  /** Hits of each group of a grouped search. */
  groupSizeMax: 10,
  /** Groups that a query adds up at once. */
  groupsMax: 262_144,
  /** Fields that a query groups by. */
  groupFieldsMax: 16,
  /** Aggregates of a query. */
  aggregatesMax: 64,
  /** Searches of a hybrid search. */
  searchesMax: 1024,
  efMax: 32_768,
  rowsPerBatchMax: 1_048_576,
  /** Encoded bytes of one batch, the unit of logging. */
  batchBytesMax: 256 * 1024 * 1024,
  jsonDepthMax: 64,
  /** Of the description of an analyzer, as JSON. */
  analyzerParamsLengthMax: 1_048_576,
  /** Of one analyzer. */
  analyzerFiltersMax: 32,
  /** Of one list that an analyzer is given. */
  analyzerWordsMax: 65_536,
  filterLengthMax: 65_536,
  filterDepthMax: 64,
  /** Members of one object of a filter. */
  filterConditionsMax: 16_384,
  /** Values of one list that is handed over beside a filter, or of one condition of an object. */
  filterValuesMax: 1_048_576,
  /** Instructions of a regular expression with its repetitions written out, and repetitions of one part. */
  regexSizeMax: 10_000,
  regexRepeatMax: 1000,
  /** Terms that PHRASE_MATCH looks for. */
  phraseTermsMax: 1000,
  /** Of TEXT_MATCH. */
  minimumShouldMatchMax: 1000,
  manifestBytesMax: 8 * 1024 * 1024,
  /** Of one that a server gives a copy, which holds it in memory to check its hash. */
  receivedFileBytesMax: 4 * 1024 * 1024 * 1024,
  segmentsMax: 100_000,
  rowsPerSegmentMax: 0x7fff_ffff,
} as const;

/** Rows that a search of an index keeps on its way at most; one that would keep more looks at every row. */
export const EFFORT_MAX = 4096;
