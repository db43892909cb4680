// Milvus codes: the numbers by which clients of Milvus know what went wrong (`merr` of Milvus 2.6). They are part of
// the API of others: do not change these values.

export const MILVUS = {
  notReady: 1,
  unavailable: 2,
  memoryExhausted: 3,
  diskExhausted: 7,
  writesDenied: 9,
  unimplemented: 10,
  collectionNotFound: 100,
  collectionNotLoaded: 101,
  collectionsTooMany: 102,
  schemaIllegal: 105,
  partitionNotFound: 200,
  partitionNotLoaded: 201,
  capacityExceeded: 250,
  indexNotFound: 700,
  databaseNotFound: 800,
  databasesTooMany: 801,
  databaseNameInvalid: 802,
  ioFailed: 1001,
  invalidParameter: 1100,
  missingParameter: 1101,
  tooLarge: 1102,
  aliasNotFound: 1600,
  aliasIsCollection: 1601,
  aliasDuplicate: 1602,
  fieldNotFound: 1700,
  fieldNameInvalid: 1701,
  unexpected: 65535,
} as const;

export type MilvusCode = (typeof MILVUS)[keyof typeof MILVUS];
