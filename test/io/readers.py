# readers.py FILE FIELDS: the values of a Parquet file as pyarrow (page checksums verified), Polars and DuckDB read them, as
# JSON: {reader: {column: [value, ...]}}. FIELDS is JSON, {name: type}. Integers are decimal texts, floats the hexadecimal of
# their IEEE bytes, vectors those of all components, JSON its text, times microseconds, so that what is compared is every bit.
# An Array is named with its elements' type, as Array Int64.
import json
import struct
import sys

import duckdb
import polars
import pyarrow.parquet


def written(value, kind):
    if value is None:
        return None
    if kind == "FloatVector":
        return struct.pack(f"<{len(value)}f", *value).hex()
    if kind == "Float":
        return struct.pack("<f", value).hex()
    if kind == "Double":
        return struct.pack("<d", value).hex()
    if kind.startswith("Array "):
        return [written(item, kind[6:]) for item in value]
    if kind == "JSON" and isinstance(value, bytes):  # Polars has no type for it
        return value.decode("utf-8")
    return str(value) if kind.startswith("Int") or kind == "Timestamptz" else value


def of_pyarrow(path, times):
    table = pyarrow.parquet.read_table(path, page_checksum_verification=True)
    return {name: (column.cast(pyarrow.int64()) if name in times else column).to_pylist() for name, column in zip(table.column_names, table.columns)}


def of_polars(path, times):
    frame = polars.read_parquet(path)
    return frame.with_columns(polars.col(name).cast(polars.Int64) for name in times).to_dict(as_series=False)


def of_duckdb(path, times):
    micros = ", ".join(f'epoch_us("{name}") as "{name}"' for name in times)
    cursor = duckdb.connect().execute(f"select * {f'replace ({micros})' if times else ''} from read_parquet(?)", [path])
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


path, fields = sys.argv[1], json.loads(sys.argv[2])
times = [name for name, kind in fields.items() if kind == "Timestamptz"]
readers = {"pyarrow": of_pyarrow(path, times), "polars": of_polars(path, times), "duckdb": of_duckdb(path, times)}
json.dump({reader: {name: [written(value, kind) for value in columns[name]] for name, kind in fields.items()} for reader, columns in readers.items()}, sys.stdout)
