# The steps of pymilvus' older, ORM-style interface: Collection, connections, utility, db, Role.

from pymilvus import AnnSearchRequest, Collection, CollectionSchema, DataType, FieldSchema, Function, FunctionType, Partition, RRFRanker, Role, connections, db, utility
from pymilvus.exceptions import MilvusException

from client_reads import truth
from rows import DIM, SMALL_DIM, bm25, queries, reciprocal, rows
from steps import close, refused, same

NAME = "orm_birds"
STORED = ("id", "year", "body", "dense", "small")


def run(steps, where):
    connections.connect("default", **where)
    stored = [{name: row[name] for name in STORED} for row in rows(0, 300)]
    made = {}

    @steps("create", "a Collection from a schema")
    def _():
        fields = [
            FieldSchema("id", DataType.INT64, is_primary=True),
            FieldSchema("year", DataType.INT16),
            FieldSchema("body", DataType.VARCHAR, max_length=1000, enable_analyzer=True),
            FieldSchema("dense", DataType.FLOAT_VECTOR, dim=DIM),
            FieldSchema("small", DataType.FLOAT_VECTOR, dim=SMALL_DIM),
            FieldSchema("words", DataType.SPARSE_FLOAT_VECTOR, is_function_output=True),
        ]
        schema = CollectionSchema(fields, functions=[Function("bm25", FunctionType.BM25, ["body"], ["words"])])
        birds = made["birds"] = Collection(NAME, schema, consistency_level="Strong")
        same((utility.has_collection(NAME), NAME in utility.list_collections(), birds.num_entities), (True, True, 0))
        same([field.name for field in Collection(NAME).schema.fields], [field.name for field in fields])

    @steps("index", "create_index, and how far it is")
    def _():
        birds = made["birds"]
        birds.create_index("dense", {"index_type": "IVF_FLAT", "metric_type": "COSINE", "params": {"nlist": 16}})
        birds.create_index("small", {"index_type": "FLAT", "metric_type": "L2", "params": {}})
        birds.create_index("words", {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25"})
        same(sorted(index.field_name for index in birds.indexes), ["dense", "small", "words"])
        same(birds.index(index_name="dense").params["index_type"], "IVF_FLAT")
        same(birds.has_index(index_name="small"), True)

    @steps("insert", "by columns and by rows")
    def _():
        birds = made["birds"]
        answer = birds.insert([[row[name] for row in stored[:150]] for name in STORED])
        same((answer.insert_count, list(answer.primary_keys)), (150, list(range(150))))
        same(birds.insert(stored[150:]).insert_count, 150)
        birds.flush()
        same(birds.num_entities, 300)

    @steps("load", "load, and its progress")
    def _():
        birds = made["birds"]
        refused(101, "", lambda: birds.query("id > 0"))
        birds.load()
        same(utility.loading_progress(NAME)["loading_progress"], "100%")
        same(utility.index_building_progress(NAME, index_name="dense")["total_rows"], 300)

    @steps("upsert", "a row is replaced")
    def _():
        stored[5]["year"] = 1900
        same(made["birds"].upsert([stored[5]]).upsert_count, 1)
        same(made["birds"].query("year == 1900", output_fields=["id"])[0]["id"], 5)

    @steps("delete", "by an expression")
    def _():
        same(made["birds"].delete("id in [1, 2]").delete_count, 2)
        stored[:] = [row for row in stored if row["id"] not in (1, 2)]

    @steps("search", "hits with ids, distances and fields")
    def _():
        query = queries(1, SMALL_DIM)
        hits = made["birds"].search(query, "small", {"metric_type": "L2"}, limit=10, output_fields=["year"])[0]
        expected = truth(stored, "small", query[0])
        same(list(hits.ids), expected.ids(10))
        close(list(hits.distances), expected.scores(10))
        years = {row["id"]: row["year"] for row in stored}
        same([hit.entity.get("year") for hit in hits], [years[hit.id] for hit in hits])

    @steps("filter", "searches and queries by expressions")
    def _():
        keep = lambda row: row["year"] > 2000 and row["id"] % 2 == 0
        query = queries(1, SMALL_DIM)
        hits = made["birds"].search(query, "small", {"metric_type": "L2"}, limit=10, expr="year > 2000 and id % 2 == 0")[0]
        same(list(hits.ids), truth(stored, "small", query[0], keep=keep).ids(10))
        same([row["id"] for row in made["birds"].query("year > 2000 and id % 2 == 0")], [row["id"] for row in stored if keep(row)])

    @steps("range", "within a radius")
    def _():
        query = queries(1, SMALL_DIM)
        hits = made["birds"].search(query, "small", {"metric_type": "L2", "params": {"radius": 1.5, "range_filter": 0.5}}, limit=300)[0]
        same(list(hits.ids), truth(stored, "small", query[0], ranged=lambda score: 0.5 <= score < 1.5).ids(300))

    @steps("group", "one of each year")
    def _():
        query = queries(1, SMALL_DIM)
        hits = made["birds"].search(query, "small", {"metric_type": "L2"}, limit=6, group_by_field="year", output_fields=["year"])[0]
        years, best = {row["id"]: row["year"] for row in stored}, {}
        for key, _ in truth(stored, "small", query[0]).pairs:
            best.setdefault(years[key], key)
        same(list(hits.ids), list(best.values())[:6])

    @steps("hybrid", "two searches fused by their ranks")
    def _():
        dense, small = queries(1)[0], queries(1, SMALL_DIM)[0]
        asked = [AnnSearchRequest([dense], "dense", {"metric_type": "COSINE", "params": {"nprobe": 16}}, limit=20), AnnSearchRequest([small], "small", {"metric_type": "L2"}, limit=20)]
        hits = made["birds"].hybrid_search(asked, RRFRanker(), limit=5)[0]
        expected = reciprocal([truth(stored, "dense", dense).ids(20), truth(stored, "small", small).ids(20)])
        close(list(hits.distances), [score for _, score in expected[:5]])

    @steps("iterate", "search and query iterators")
    def _():
        query = queries(1, SMALL_DIM)
        walk = made["birds"].search_iterator(query, "small", {"metric_type": "L2"}, batch_size=50, limit=200)
        seen = []
        while batch := walk.next():
            seen.extend(batch.ids())
        walk.close()
        same(seen, truth(stored, "small", query[0]).ids(200))
        walk = made["birds"].query_iterator(batch_size=70, expr="id >= 0", output_fields=["id"])
        seen = []
        while batch := walk.next():
            seen.extend(row["id"] for row in batch)
        walk.close()
        same(seen, [row["id"] for row in stored])

    @steps("full text", "texts by BM25")
    def _():
        hits = made["birds"].search(["falcon ridge"], "words", {"metric_type": "BM25"}, limit=10)[0]
        close(list(hits.distances), [score for _, score in bm25(stored, "falcon ridge")[:10]], tolerance=1e-3)

    @steps("partitions", "a Partition is written and searched by itself")
    def _():
        part = Partition(made["birds"], "night")
        part.insert([{**stored[0], "id": 1000}])
        same((made["birds"].has_partition("night"), sorted(found.name for found in made["birds"].partitions)), (True, ["_default", "night"]))
        same([row["id"] for row in part.query("id >= 0")], [1000])
        part.release()
        part.drop()
        same(made["birds"].has_partition("night"), False)

    @steps("aliases", "an alias of a Collection")
    def _():
        utility.create_alias(NAME, "orm_wings")
        same(utility.list_aliases(NAME), ["orm_wings"])
        same(Collection("orm_wings").query("id == 7", output_fields=["year"])[0]["year"], 1987)
        utility.drop_alias("orm_wings")

    @steps("databases", "using_database")
    def _():
        db.create_database("orm_apart")
        same("orm_apart" in db.list_database(), True)
        db.using_database("orm_apart")
        same(utility.list_collections(), [])
        db.using_database("default")
        db.drop_database("orm_apart")

    @steps("users and roles", "Role and utility")
    def _():
        role = Role("orm_reader")
        role.create()
        same(role.is_exist(), True)
        role.grant("Collection", NAME, "Search")
        same([grant.privilege for grant in role.list_grants().groups], ["Search"])
        utility.create_user("orm_user", "Secret1!x")
        role.add_user("orm_user")
        same(list(role.get_users()), ["orm_user"])
        role.remove_user("orm_user")
        role.revoke("Collection", NAME, "Search")
        role.drop()
        utility.delete_user("orm_user")
        same("orm_user" in utility.list_usernames(), False)

    @steps("errors", "missing collections and bad expressions")
    def _():
        try:
            Collection("orm_nests")
        except MilvusException as error:
            same("orm_nests" in str(error), True, str(error))
        else:
            raise AssertionError("a collection that is not there was given")
        refused(1100, "", lambda: made["birds"].query("id ==== 3"))

    @steps("drop", "an index, then all of it")
    def _():
        made["birds"].release()
        made["birds"].drop_index(index_name="small")
        same(made["birds"].has_index(index_name="small"), False)
        utility.drop_collection(NAME)
        same(utility.has_collection(NAME), False)
        connections.disconnect("default")
