// Explain a query: what finding its rows takes in each segment. The rows are found as `query` and `count` find them, and
// counted.

import { countBits } from '../../model/bitset.js';
import type { Schema } from '../../model/schema.js';
import type { Predicates } from '../../ports/core.js';
import { fieldsOf } from '../../query/fields.js';
import type { QueryExplain, SegmentExplain } from '../api/explain.js';
import { matchingRows, mayMatchRows } from './matching.js';
import { Moment } from '../search/moment.js';
import { compileFiltered, type Filtered } from '../collection/scope.js';
import { SearchTrace, type Meters } from '../search/search-trace.js';
import { unlessDamaged, type Reader } from './visit.js';

export async function explainQuery(reader: Reader, schema: Schema, filtered: Filtered, predicates: Predicates, meters: Meters): Promise<QueryExplain> {
  const checked = compileFiltered(filtered, schema);
  const columns = fieldsOf(checked);
  const trace = new SearchTrace(meters);
  const moment = new Moment(reader.table().segments());
  const [began, bytes] = [meters.nowMs(), meters.bytesRead()];
  try {
    let rows = 0;
    for (const { segment } of moment.parts()) {
      if (!mayMatchRows(segment, checked)) {
        trace.skip(segment);
        continue;
      }
      await unlessDamaged(reader, segment, () => trace.read(segment, () => reader.residency.use(segment, { columns }, () => {
        // It may have grown.
        const alive = moment.parts().find((part) => part.segment === segment)?.alive;
        const found = trace.filter(segment, (used) => matchingRows(segment, checked, predicates, alive, used));
        rows += found === undefined ? segment.rows : countBits(found);
      })));
    }
    const segments = trace.segments(moment.segments).map((segment) => shown(segment, checked !== undefined));
    return { rows, segments, bytesRead: meters.bytesRead() - bytes, totalMs: meters.nowMs() - began };
  } finally {
    moment.close();
  }
}

function shown({ segment, rows, liveRows, matching, selectivity, way, why, filterIndexes, bytesRead, readMs, filterMs }: SegmentExplain, filtered: boolean): QueryExplain['segments'][number] {
  const plan = way === 'skipped' ? { way, why } : ({ way: 'flat', why: filtered ? 'the filter was evaluated over its columns' : 'there is no filter' } as const);
  return { segment, rows, liveRows, matching, selectivity, ...plan, filterIndexes, bytesRead, readMs, filterMs };
}
