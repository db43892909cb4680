# readers.py FILE FIELDS: the values of a Parquet file as pyarrow (page checksums verified), Polars and DuckDB read them, as
# JSON: {reader: {column: [value, ...]}}. FIELDS is JSON, {name: type}. Integers are decimal texts, floats the hexadecimal of
# their IEEE bytes, vectors those of all components, JSON its text, so that what is compared is every bit.
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
    if kind == "Array":
        return [written(item, "Int64" if isinstance(item, int) and not isinstance(item, bool) else "VarChar") for item in value]
    if kind == "JSON" and isinstance(value, bytes):  # Polars has no type for it
        return value.decode("utf-8")
    return str(value) if kind.startswith("Int") else value


def of_duckdb(path):
    cursor = duckdb.connect().execute("select * from read_parquet(?)", [path])
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


path, fields = sys.argv[1], json.loads(sys.argv[2])
readers = {
    "pyarrow": pyarrow.parquet.read_table(path, page_checksum_verification=True).to_pydict(),
    "polars": polars.read_parquet(path).to_dict(as_series=False),
    "duckdb": of_duckdb(path),
}
json.dump({reader: {name: [written(value, kind) for value in columns[name]] for name, kind in fields.items()} for reader, columns in readers.items()}, sys.stdout)
