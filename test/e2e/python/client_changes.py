# What MilvusClient changes: collections, indexes, loading, rows. Each step builds on those before it.

import numpy as np
from pymilvus import DataType, Function, FunctionType, MilvusClient

from rows import COUNT, DIM, SMALL_DIM, queries, rows
from steps import close, refused, same

NAME = "birds"


def schema_of():
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=True, description="birds in books")
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("title", DataType.VARCHAR, max_length=200)
    schema.add_field("year", DataType.INT32)
    schema.add_field("price", DataType.DOUBLE, nullable=True)
    schema.add_field("sold", DataType.BOOL)
    schema.add_field("tags", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=8, max_length=40)
    schema.add_field("info", DataType.JSON)
    schema.add_field("body", DataType.VARCHAR, max_length=1000, enable_analyzer=True, enable_match=True)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("small", DataType.FLOAT_VECTOR, dim=SMALL_DIM)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["body"], ["words"]))
    return schema


def plain(row):
    """A row as it was given from one as it came back."""
    return {key: [float(value) for value in value] if key in ("dense", "small") else list(value) if key == "tags" else value for key, value in row.items()}


def change(steps, client, stored):
    """`stored` holds at the end what is in the collection."""

    @steps("create", "a collection made from a schema is described as it was made")
    def _():
        client.create_collection(NAME, schema=schema_of(), consistency_level="Strong")
        found = client.describe_collection(NAME)
        same(found["collection_name"], NAME)
        same([field["name"] for field in found["fields"]], [field.name for field in schema_of().fields])
        same([field["type"] for field in found["fields"]], [field.dtype for field in schema_of().fields])
        same(found["fields"][8]["params"], {"dim": DIM})
        same(found["fields"][3]["nullable"], True)
        same(found["fields"][5]["element_type"], DataType.VARCHAR)
        same((found["auto_id"], found["enable_dynamic_field"], found["description"]), (False, True, "birds in books"))
        same([function["name"] for function in found["functions"]], ["bm25"])
        same((client.has_collection(NAME), client.has_collection("nests")), (True, False))
        same(NAME in client.list_collections(), True)

    @steps("create", "a collection that is there cannot be made otherwise")
    def _():
        other = MilvusClient.create_schema()
        other.add_field("id", DataType.INT64, is_primary=True)
        other.add_field("v", DataType.FLOAT_VECTOR, dim=4)
        refused(None, "", lambda: client.create_collection(NAME, schema=other))

    @steps("load", "a collection without an index cannot be loaded")
    def _():
        refused(700, "index", lambda: client.load_collection(NAME))

    @steps("index", "indexes are made, listed and described as they were asked for")
    def _():
        params = client.prepare_index_params()
        params.add_index("dense", index_type="FLAT", metric_type="COSINE")
        params.add_index("small", index_type="HNSW", metric_type="L2", params={"M": 16, "efConstruction": 100})
        params.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        params.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        params.add_index("year", index_type="STL_SORT", index_name="by_year")
        client.create_index(NAME, params)
        same(sorted(client.list_indexes(NAME)), ["by_year", "dense", "small", "sparse", "words"])
        found = client.describe_index(NAME, "small")
        same((found["index_type"], found["metric_type"], found["field_name"], found["state"]), ("HNSW", "L2", "small", "Finished"))
        params = found.get("params") or found
        same((int(params["M"]), int(params["efConstruction"])), (16, 100))
        same(client.describe_index(NAME, "by_year")["index_type"], "STL_SORT")

    @steps("load", "only a collection that is loaded is searched")
    def _():
        client.release_collection(NAME)
        same(str(client.get_load_state(NAME)["state"]), "NotLoad")
        refused(101, "not loaded", lambda: client.search(NAME, data=queries(1), anns_field="dense"))
        refused(101, "not loaded", lambda: client.query(NAME, filter="id >= 0"))
        client.load_collection(NAME)
        same(str(client.get_load_state(NAME)["state"]), "Loaded")
        same(client.query(NAME, filter="id >= 0"), [])

    @steps("insert", "rows are counted, named by their keys, and come back as they were given")
    def _():
        stored.extend(rows(0, COUNT))
        for at in range(0, COUNT, 200):
            answer = client.insert(NAME, stored[at:at + 200])
            same((answer["insert_count"], list(answer["ids"])), (200, list(range(at, at + 200))))
        same(client.query(NAME, filter="", output_fields=["count(*)"]), [{"count(*)": COUNT}])
        found = client.get(NAME, ids=[0, 1, 7, 599], output_fields=["*"])
        for row in found:
            kept = stored[row["id"]]
            same({key: value for key, value in plain(row).items() if key not in ("sparse", "words")}, {key: value for key, value in kept.items() if key != "sparse"})
            same({int(term): float(np.float32(weight)) for term, weight in row["sparse"].items()}, kept["sparse"])
        same([row["id"] for row in found], [0, 1, 7, 599])

    @steps("insert", "figures count what is flushed")
    def _():
        client.flush(NAME)
        same(int(client.get_collection_stats(NAME)["row_count"]), COUNT)
        found = client.describe_index(NAME, "dense")
        same((found["total_rows"], found["indexed_rows"], found["pending_index_rows"]), (COUNT, COUNT, 0))

    @steps("insert", "keys that the server makes are told and find their rows")
    def _():
        client.create_collection("made", dimension=4, auto_id=True, metric_type="L2")
        answer = client.insert("made", [{"vector": [float(at), 0, 0, 0], "n": at} for at in range(5)])
        same((answer["insert_count"], len(set(answer["ids"]))), (5, 5))
        found = client.get("made", ids=list(answer["ids"]), output_fields=["n"])
        same({row["id"]: row["n"] for row in found}, dict(zip(answer["ids"], range(5))))
        client.drop_collection("made")

    @steps("upsert", "a row is replaced, one that was not there is added")
    def _():
        for number in (3, 4, COUNT):
            new = rows(number, 1)[0]
            new["title"] = f"new {number}"
            answer = client.upsert(NAME, [new])
            same(answer["upsert_count"], 1)
            stored[number:number + 1] = [new]
        found = client.query(NAME, filter=f"id in [3, 4, 5, {COUNT}]", output_fields=["title", "dense"])
        same([row["title"] for row in found], ["new 3", "new 4", "title 5", f"new {COUNT}"])
        for row in found:
            close([float(value) for value in row["dense"]], stored[row["id"]]["dense"])
        same(client.query(NAME, output_fields=["count(*)"])[0]["count(*)"], COUNT + 1)

    @steps("upsert", "a partial one keeps what it does not give")
    def _():
        client.upsert(NAME, [{"id": 9, "title": "part", "price": 2.25}], partial_update=True)
        stored[9].update(title="part", price=2.25)
        found = client.get(NAME, ids=9, output_fields=["*"])[0]
        same({key: plain(found)[key] for key in ("title", "price", "year", "info", "dense")}, {key: stored[9][key] for key in ("title", "price", "year", "info", "dense")})

    @steps("delete", "by keys and by a filter, exactly those rows go")
    def _():
        same(client.delete(NAME, ids=[10, 11, 12])["delete_count"], 3)
        client.delete(NAME, filter="id > 20 and year == 2000")
        gone = lambda row: row["id"] in (10, 11, 12) or (row["id"] > 20 and row["year"] == 2000)
        stored[:] = [row for row in stored if not gone(row)]
        same([row["id"] for row in client.query(NAME, filter="id >= 0", output_fields=["id"])], [row["id"] for row in stored])
        same(client.get(NAME, ids=[10]), [])


def vectors(steps, client):
    """Of the types that are not of floats: what is stored, and what is nearest to it."""

    @steps("search", "vectors of bits, halves and bytes come back and are found")
    def _():
        schema = MilvusClient.create_schema()
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=20)
        schema.add_field("bits", DataType.BINARY_VECTOR, dim=64)
        schema.add_field("half", DataType.FLOAT16_VECTOR, dim=DIM)
        schema.add_field("bytes", DataType.INT8_VECTOR, dim=DIM)
        params = client.prepare_index_params()
        params.add_index("bits", index_type="BIN_FLAT", metric_type="HAMMING")
        params.add_index("half", index_type="FLAT", metric_type="L2")
        params.add_index("bytes", index_type="HNSW", metric_type="L2", params={"M": 8, "efConstruction": 64})
        client.create_collection("typed", schema=schema, index_params=params)
        random = np.random.default_rng(7)
        bits = random.integers(0, 256, (50, 8), dtype=np.uint8)
        half = random.standard_normal((50, DIM)).astype(np.float16)
        whole = random.integers(-128, 128, (50, DIM), dtype=np.int8)
        client.insert("typed", [{"id": f"k{at}", "bits": bits[at].tobytes(), "half": half[at], "bytes": whole[at]} for at in range(50)])
        got = client.get("typed", ids="k7", output_fields=["*"])[0]
        same(np.frombuffer(got["half"][0] if isinstance(got["half"], list) else got["half"], dtype=np.float16).tolist(), half[7].tolist())
        near = client.search("typed", [bits[3].tobytes()], anns_field="bits", limit=5, search_params={"metric_type": "HAMMING"})[0]
        distances = sorted((int(np.unpackbits(bits[3] ^ row).sum()), at) for at, row in enumerate(bits))
        same([hit["distance"] for hit in near], [float(distance) for distance, _ in distances[:5]])
        same([hit["id"] for hit in client.search("typed", [half[9]], anns_field="half", limit=1)[0]], ["k9"])
        by_bytes = sorted((int(((row.astype(int) - whole[5].astype(int)) ** 2).sum()), at) for at, row in enumerate(whole))
        close([hit["distance"] for hit in client.search("typed", [whole[5]], anns_field="bytes", limit=3)[0]], [float(distance) for distance, _ in by_bytes[:3]])
        client.drop_collection("typed")
