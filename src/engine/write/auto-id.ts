// AutoIds: generated primary keys, ever larger: milliseconds since 1970 in the upper bits, a counter in the lower 18,
// as Milvus' hybrid timestamps. A clock that steps back is waited out by counting on.

import type { PrimaryKey } from '../../model/row.js';
import { primaryField, type Schema } from '../../model/schema.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Predicates } from '../../ports/core.js';
import { keyOf } from '../read/output.js';
import type { Segment } from '../table/segment.js';
import { visitSegments, type Reader } from '../read/visit.js';

const COUNTER_BITS = 18n;
const SEEN_MAX = 2n ** 62n;

export class AutoIds {
  readonly #ambient: Ambient;
  #last = 0n;

  constructor(ambient: Ambient) {
    this.#ambient = ambient;
  }

  /**
   * No later id will be at or below this key. A VarChar key that is not a number cannot clash; a key beyond any
   * clock reading (upserted by hand) is passed over, lest it use up the numbers.
   */
  seen(key: PrimaryKey): void {
    if (typeof key === 'string' && !/^[0-9]{1,18}$/.test(key)) return;
    const id = BigInt(key);
    if (id > this.#last && id < SEEN_MAX) this.#last = id;
  }

  /** Every key of the segments that `reader` reads is seen. */
  async seenAll(reader: Reader, schema: Schema, predicates: Predicates): Promise<void> {
    const look = (segment: Segment): void => {
      for (const row of segment.rowsWhere(true)) this.seen(keyOf(segment, row, schema));
    };
    await visitSegments(reader, { columns: [primaryField(schema).name], filter: undefined, predicates }, look, () => undefined);
  }

  next(): bigint {
    const now = BigInt(Math.floor(this.#ambient.nowMs())) << COUNTER_BITS;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return this.#last;
  }
}
