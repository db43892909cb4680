// FunctionScore of a message: `milvus.proto.schema.FunctionScore` and the `FunctionSchema`s in it.

import type { FunctionScore, ScoreFunction } from '../../milvus/function-score-message.js';
import { readKeyValue } from './key-values.js';
import { WIRE, type ProtoReader } from './proto-reader.js';

/** Functions of one request, and fields of one function. */
const FUNCTIONS_MAX = 1024;

export function readFunctionScore(reader: ProtoReader): FunctionScore {
  const functions: ScoreFunction[] = [];
  const params = new Map<string, string>();
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect(WIRE.bytes);
      reader.atMost(FUNCTIONS_MAX, functions.push(readFunction(reader.message('FunctionSchema'))));
    } else if (reader.field === 2) readKeyValue(reader, params);
    else reader.skip();
  }
  return { functions, params };
}

function readFunction(reader: ProtoReader): ScoreFunction {
  let name = '';
  let type = 0;
  const inputFieldNames: string[] = [];
  const params = new Map<string, string>();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.expect(WIRE.bytes);
        name = reader.text();
        break;
      case 4:
        reader.expect(WIRE.varint);
        type = reader.uint32();
        break;
      case 5:
        reader.expect(WIRE.bytes);
        reader.atMost(FUNCTIONS_MAX, inputFieldNames.push(reader.text()));
        break;
      case 9:
        readKeyValue(reader, params);
        break;
      default:
        reader.skip();
    }
  }
  return { name, type, inputFieldNames, params };
}
