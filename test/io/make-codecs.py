# make-codecs.py: test/io/codecs.json, one small Parquet file of pyarrow's for each codec, in base64. Row i of 40 has id i,
# title "row i " and ten times "kite", and vec [i, i / 2, -i].
import base64
import io
import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = range(40)
table = pa.table({"id": pa.array(ROWS, pa.int64()), "title": [f"row {i} " + "kite" * 10 for i in ROWS], "vec": pa.array([[i, i / 2, -i] for i in ROWS], pa.list_(pa.float32(), 3))})
files = {}
for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(None), sink, compression=codec, data_page_version="2.0", write_page_checksum=True, store_schema=False)
    files[codec] = base64.b64encode(sink.getvalue()).decode()
pathlib.Path(__file__).with_name("codecs.json").write_text(json.dumps(files, indent=2) + "\n")
