// TemplateValues: the values of the `{name}` of an expression, `map<string, milvus.proto.schema.TemplateValue>`.

import { LIMITS } from '../../../model/limits.js';
import type { FilterParam, FilterScalar } from '../../../model/filter-object.js';
import { parseJson } from '../../../format/json-parser.js';
import { readList, readTexts } from './field-data.js';
import { readBools, readDoubles, readLongs } from './packed.js';
import { WIRE, type ProtoReader } from './proto-reader.js';

/** Of one message, with its settings. */
const VALUES_MAX = 65_536;

/** Adds the entry that `reader` is at. */
export function readTemplateEntry(reader: ProtoReader, to: Map<string, FilterParam>): void {
  reader.expect(WIRE.bytes);
  reader.countOne(VALUES_MAX);
  const entry = reader.message('expr_template_values');
  let key = '';
  let value: FilterParam | undefined;
  while (entry.next()) {
    if (entry.field === 1) {
      entry.expect(WIRE.bytes);
      key = entry.text();
    } else if (entry.field === 2) {
      entry.expect(WIRE.bytes);
      value = readTemplateValue(entry.message('TemplateValue'));
    } else entry.skip();
  }
  to.set(key, value ?? entry.fail(`expected a value of "${key}"`));
}

function readTemplateValue(reader: ProtoReader): FilterParam | undefined {
  let value: FilterParam | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.expect(WIRE.varint);
        value = reader.bool();
        break;
      case 2:
        reader.expect(WIRE.varint);
        value = shortest(reader.int64());
        break;
      case 3:
        reader.expect(WIRE.fixed64);
        value = reader.double();
        break;
      case 4:
        reader.expect(WIRE.bytes);
        value = reader.text();
        break;
      case 5:
        reader.expect(WIRE.bytes);
        value = readArray(reader.message('TemplateArrayValue'));
        break;
      case 6:
        reader.fail('bytes_val: values of a filter are no bytes here');
        break;
      default:
        reader.skip();
    }
  }
  return value;
}

function readArray(reader: ProtoReader): readonly FilterParam[] {
  let values: readonly FilterParam[] = [];
  while (reader.next()) {
    if (reader.field > 6) {
      reader.skip();
      continue;
    }
    reader.expect(WIRE.bytes);
    values = readValues(reader.message('TemplateArrayValue'), reader.field);
  }
  return values;
}

function readValues(list: ProtoReader, member: number): readonly FilterParam[] {
  switch (member) {
    case 1:
      return Array.from(readList(list, readBools) ?? [], (value) => value === 1);
    case 2:
      return Array.from(readList(list, readLongs) ?? [], shortest);
    case 3:
      return Array.from(readList(list, readDoubles) ?? []);
    case 4:
      return readTexts(list);
    case 5:
      return readArrays(list);
    default:
      return readTexts(list).map((text) => jsonParam(list, text));
  }
}

function readArrays(list: ProtoReader): readonly FilterParam[] {
  const arrays: FilterParam[] = [];
  while (list.next()) {
    if (list.field === 1) {
      list.expect(WIRE.bytes);
      list.atMost(LIMITS.filterValuesMax, arrays.push(readArray(list.message('TemplateArrayValue'))));
    } else list.skip();
  }
  return arrays;
}

function jsonParam(list: ProtoReader, text: string): FilterParam {
  try {
    const value = parseJson(text);
    if (value !== null && (typeof value !== 'object' || Array.isArray(value))) return value as FilterScalar | readonly FilterParam[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return list.fail(`json_data: expected a scalar or an array, found ${JSON.stringify(text.slice(0, 40))}`);
}

function shortest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
