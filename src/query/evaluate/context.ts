// What the evaluation of one filter works with.

import type { Columns } from '../../model/columns.js';
import type { EvaluationContext } from '../context.js';
import type { Demand } from './demand.js';
import type { JsonColumns } from './json.js';
import type { Logic } from './truth.js';

export interface Evaluation extends EvaluationContext, Logic, Demand {
  readonly columns: Columns;
  readonly json: JsonColumns;
}
