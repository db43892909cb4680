# writers.py FOLDER: Parquet files as pyarrow, Polars and DuckDB write them, in each of their codecs, page versions and encodings,
# and expected.json: {file: rows}, each row as it must be imported. Integers of 64 bits are {"int": text}, vectors
# {"f32": the hexadecimal of their components}; what is null is absent.
import datetime
import decimal
import json
import random
import struct
import sys

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 400
DIM = 24
folder = sys.argv[1]
rng = random.Random(7)
TEXTS = ["", "plain", "é", "漢字", "🪁👩‍👩‍👧", "a\x00b", "\ufeffmark", "x" * 300]
rows = [
    {
        "id": i,
        "large": rng.choice([0, -1, 2**53 + 1, 2**63 - 1, -(2**63), i]),
        "vec": [struct.unpack("<f", struct.pack("<f", rng.gauss(0, 1)))[0] for _ in range(DIM)],
        "title": TEXTS[i % len(TEXTS)] if i % 5 else None,
        "n": rng.randrange(-(2**31), 2**31) if i % 3 else None,
        "x": rng.gauss(0, 1e9) if i % 4 else None,
        "ok": bool(i % 2) if i % 7 else None,
        "steady": i // 100,
        "tags": [TEXTS[(i + k) % 3 + 1] for k in range(i % 4)] if i % 6 else None,
        "grid": [[i, None], [], [1, 2, 3]] if i % 2 else [],
        "more": {"a": i % 9, "b": {"c": [0.5, None, -1.25][: i % 4]}} if i % 8 else None,
    }
    for i in range(ROWS)
]
TYPES = {
    "id": pa.int64(), "large": pa.int64(), "vec": pa.list_(pa.float32()), "title": pa.string(), "n": pa.int32(), "x": pa.float64(), "ok": pa.bool_(),
    "steady": pa.int16(), "tags": pa.list_(pa.string()), "grid": pa.list_(pa.list_(pa.int32())),
    "more": pa.struct({"a": pa.int8(), "b": pa.struct({"c": pa.list_(pa.float64())})}),
}
expected = {}


def table(**types):
    merged = {**TYPES, **types}
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in merged.items()})


def imported(row, pack="f", **extra):
    vector = [struct.unpack("<e", struct.pack("<e", x))[0] for x in row["vec"]] if pack == "e" else row["vec"]
    return {**row, **extra, "id": {"int": str(row["id"])}, "large": {"int": str(row["large"])}, "vec": {"f32": struct.pack(f"<{DIM}f", *vector).hex()}}


def expect(name, changed=imported):
    expected[name] = [{key: value for key, value in changed(row).items() if value is not None} for row in rows]


def by_pyarrow(name, data=None, changed=imported, **options):
    pq.write_table(table() if data is None else data, f"{folder}/{name}", write_page_checksum=True, **options)
    expect(name, changed)


for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    for version in ["1.0", "2.0"]:
        for dictionary in [True, False]:
            name = f"pyarrow-{codec}-v{version[0]}-{'dictionary' if dictionary else 'plain'}.parquet"
            by_pyarrow(name, compression=codec, data_page_version=version, use_dictionary=dictionary, row_group_size=150, data_page_size=2048)

for version in ["1.0", "2.0"]:
    deltas = {"id": "DELTA_BINARY_PACKED", "large": "DELTA_BINARY_PACKED", "n": "DELTA_BINARY_PACKED", "title": "DELTA_BYTE_ARRAY", "tags.list.element": "DELTA_LENGTH_BYTE_ARRAY", "vec.list.element": "BYTE_STREAM_SPLIT", "x": "BYTE_STREAM_SPLIT", "ok": "RLE"}
    by_pyarrow(f"pyarrow-encodings-v{version[0]}.parquet", use_dictionary=False, column_encoding=deltas, data_page_version=version, compression="zstd", data_page_size=4096)
for kind, name in [(pa.list_(pa.float32(), DIM), "fixed-f32"), (pa.large_list(pa.float64()), "large-f64"), (pa.list_(pa.float64(), DIM), "fixed-f64")]:
    by_pyarrow(f"pyarrow-{name}.parquet", table(vec=kind), data_page_size=1024)
halves = pa.FixedSizeListArray.from_arrays(pa.array([x for row in rows for x in row["vec"]], pa.float64()).cast(pa.float32()).cast(pa.float16()), DIM)
by_pyarrow("pyarrow-fixed-f16.parquet", table().set_column(2, "vec", halves), lambda row: imported(row, "e"))
blobs = pa.array([struct.pack(f"<{DIM}f", *row["vec"]) for row in rows], pa.binary(4 * DIM))
by_pyarrow("pyarrow-fixed-bytes.parquet", table().set_column(2, "vec", blobs))

start = datetime.datetime(1969, 12, 31, 23, 59, 58, tzinfo=datetime.timezone.utc)
moments = [start + datetime.timedelta(days=97 * i, microseconds=1001 * i) for i in range(ROWS)]
for unit, digits in [("ms", 3), ("us", 6)]:
    def dated(row, digits=digits):
        moment = moments[row["id"]]
        text = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[: 20 + digits] + "Z"
        whole = text.replace("000Z", "Z") if digits == 6 else text
        return imported(row, at=whole, day=moment.strftime("%Y-%m-%d"), price=float(decimal.Decimal(row["id"]) / 100 - 3), small=row["id"] % 256, wide={"wide": str(row["id"])})
    data = table().append_column("at", pa.array(moments, pa.timestamp("us", "UTC")).cast(pa.timestamp(unit, "UTC"), safe=False)).append_column("day", pa.array([m.date() for m in moments]))
    data = data.append_column("price", pa.array([decimal.Decimal(i) / 100 - 3 for i in range(ROWS)], pa.decimal128(12, 2))).append_column("small", pa.array([i % 256 for i in range(ROWS)], pa.uint8()))
    data = data.append_column("wide", pa.array([[("wide", str(i))] for i in range(ROWS)], pa.map_(pa.string(), pa.string())))
    by_pyarrow(f"pyarrow-times-{unit}.parquet", data, dated, coerce_timestamps=unit, allow_truncated_timestamps=True)



def rfc3339(moment):
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"


# For a collection that is made for it: its fields are nullable, and null is told.
data = table().drop_columns(["more", "grid"]).append_column("at", pa.array([None if i % 11 == 3 else moments[i] for i in range(ROWS)], pa.timestamp("us", "UTC")))
pq.write_table(data, f"{folder}/infer.parquet", data_page_size=1024, row_group_size=150)
expected["infer.parquet"] = [{key: value for key, value in imported(row, at=None if row["id"] % 11 == 3 else rfc3339(moments[row["id"]])).items() if key not in ("more", "grid")} for row in rows]

frame = polars.from_arrow(table())
for codec in ["uncompressed", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    name = f"polars-{codec}.parquet"
    frame.write_parquet(f"{folder}/{name}", compression=codec, row_group_size=256, data_page_size=2048)
    expect(name)
name = "polars-array.parquet"
frame.with_columns(polars.col("vec").cast(polars.Array(polars.Float32, DIM))).write_parquet(f"{folder}/{name}")
expect(name)

connection = duckdb.connect()
connection.register("rows", table())
for codec in ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4", "lz4_raw"]:
    for version in ["V1", "V2"]:
        name = f"duckdb-{codec}-{version}.parquet"
        connection.execute(f"copy rows to '{folder}/{name}' (format parquet, compression {codec}, parquet_version {version}, row_group_size 256)")
        expect(name)

json.dump(expected, open(f"{folder}/expected.json", "w"))
