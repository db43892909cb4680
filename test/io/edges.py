# edges.py WHICH: a Parquet file at an edge of what is allowed, as hexadecimal. pages: row 2,500 of id is 777,777.
import io
import sys

import pyarrow as pa
import pyarrow.parquet as pq

sink = io.BytesIO()
schema = pa.schema({"id": pa.int64(), "n": pa.int64(), "vec": pa.list_(pa.float32(), 2)})
if sys.argv[1] == "twice":
    pq.write_table(pa.table([[1], [2]], names=["id", "id"]), sink)
elif sys.argv[1] == "none":
    pq.ParquetWriter(sink, schema).close()
elif sys.argv[1] == "empty":
    pq.write_table(schema.empty_table(), sink)
else:
    ids = [777_777 if i == 2_500 else i for i in range(5_000)]
    table = pa.table({"id": ids, "n": ids, "vec": [[i, 1] for i in ids]}, schema)
    pq.write_table(table, sink, compression="none", use_dictionary=False, write_page_checksum=True, write_statistics=False, data_page_size=512, row_group_size=1_000, write_batch_size=64)
sys.stdout.write(sink.getvalue().hex())
