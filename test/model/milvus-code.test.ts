// The numbers of Milvus that errors carry: from their code, or where more is known, in process and over the page's wire.

import { describe, expect, it } from 'vitest';
import { ElanusError, type ErrorCode } from '../../src/model/errors.js';
import { MILVUS } from '../../src/model/milvus-code.js';
import { errorFromWire, errorOnWire } from '../../src/presets/wire-error.js';
import { failureOf } from '../../src/server/status.js';
import { testDatabase } from '../support/database.js';

const BY_CODE: Readonly<Record<ErrorCode, number>> = { InvalidArgument: 1100, InvalidFilter: 1100, NotFound: 100, AlreadyExists: 65535, Corrupt: 1001, WrongKey: 1001, Unsupported: 10, ReadOnly: 9, Busy: 2, QuotaExceeded: 7, StorageFailed: 1001, NotPermitted: 9, OutOfMemory: 3, Network: 2, Untrusted: 1001, Interrupted: 2, Closed: 1 };

describe('the code of Milvus that an error carries', () => {
  it('follows from its own code', () => {
    for (const [code, number] of Object.entries(BY_CODE)) expect(new ElanusError(code as ErrorCode, 'x').milvusCode, code).toBe(number);
  });

  it('is the one that is given where more is known, over the wire and for the server too', () => {
    const error = new ElanusError('NotFound', 'index not found', { milvusCode: MILVUS.indexNotFound });
    const arrived = errorFromWire(structuredClone(errorOnWire(error)));
    expect(arrived).toMatchObject({ code: 'NotFound', milvusCode: 700 });
    expect(failureOf(error)).toMatchObject({ status: 700, http: 404 });
  });

  it('tells collections, indexes and fields apart', async () => {
    const db = await testDatabase();
    await db.createCollection({ name: 'c', dimension: 2 });
    await expect(db.collection('d')).rejects.toMatchObject({ milvusCode: 100 });
    await expect(db.describeIndex('c', { indexName: 'i' })).rejects.toMatchObject({ milvusCode: 700 });
    await expect(db.describeIndex('c', { fieldName: 'f' })).rejects.toMatchObject({ milvusCode: 1700 });
    await expect((await db.collection('c')).query({ filter: 'x ==' })).rejects.toMatchObject({ milvusCode: 1100 });
    await db.close();
  });
});
