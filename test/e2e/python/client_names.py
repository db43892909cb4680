# What MilvusClient knows by names: aliases, partitions, databases, users and roles; the errors that users meet; and how it ends.

from pymilvus import DataType, MilvusClient

from client_changes import NAME
from rows import DIM, Scores, cosine, queries, rows
from steps import refused, same


def name(steps, client, stored, connect):
    @steps("aliases", "an alias stands for its collection and moves to another")
    def _():
        client.create_collection("other", dimension=4)
        client.create_alias(NAME, "wings")
        same(client.describe_alias("wings")["collection_name"], NAME)
        same(client.list_aliases(NAME)["aliases"], ["wings"])
        same(client.query("wings", output_fields=["count(*)"])[0]["count(*)"], len(stored))
        refused(None, "", lambda: client.drop_collection("wings"))
        client.alter_alias("other", "wings")
        same(client.describe_alias("wings")["collection_name"], "other")
        client.drop_alias("wings")
        refused(1600, "wings", lambda: client.describe_alias("wings"))
        client.rename_collection("other", "renamed")
        same((client.has_collection("other"), client.has_collection("renamed")), (False, True))
        client.drop_collection("renamed")

    @steps("partitions", "rows are in the partition that they were put into")
    def _():
        schema = MilvusClient.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=DIM)
        params = client.prepare_index_params()
        params.add_index("dense", index_type="FLAT", metric_type="COSINE")
        client.create_collection("parted", schema=schema, index_params=params)
        kept = {}
        for at, partition in enumerate(("red", "blue")):
            client.create_partition("parted", partition)
            kept[partition] = [{"id": row["id"], "dense": row["dense"]} for row in rows(at * 50, 50)]
            client.insert("parted", kept[partition], partition_name=partition)
        same(sorted(client.list_partitions("parted")), ["_default", "blue", "red"])
        same((client.has_partition("parted", "red"), client.has_partition("parted", "green")), (True, False))
        query = queries(1)
        for partition, stored_there in kept.items():
            hits = client.search("parted", query, limit=10, partition_names=[partition])[0]
            same([hit["id"] for hit in hits], Scores(stored_there, "dense", query[0], cosine).ids(10))
        client.flush("parted")
        same(int(client.get_partition_stats("parted", "red")["row_count"]), 50)
        refused(200, "green", lambda: client.insert("parted", kept["red"], partition_name="green"))
        client.release_partitions("parted", ["red"])
        same([row["id"] for row in client.query("parted", filter="id >= 0", limit=3, output_fields=["id"])], [50, 51, 52])
        client.drop_partition("parted", "red")
        same(sorted(client.list_partitions("parted")), ["_default", "blue"])
        same(client.query("parted", output_fields=["count(*)"])[0]["count(*)"], 50)
        client.drop_collection("parted")

    @steps("partitions", "a partition key keeps what belongs together, by itself")
    def _():
        schema = MilvusClient.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("owner", DataType.VARCHAR, max_length=20, is_partition_key=True)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=4)
        params = client.prepare_index_params()
        params.add_index("v", index_type="AUTOINDEX", metric_type="L2")
        client.create_collection("keyed", schema=schema, index_params=params, num_partitions=4)
        client.insert("keyed", [{"id": at, "owner": f"o{at % 5}", "v": [at, 0, 0, 0]} for at in range(40)])
        same(client.describe_collection("keyed")["num_partitions"], 4)
        hits = client.search("keyed", [[0, 0, 0, 0]], filter='owner == "o2"', limit=3)[0]
        same([hit["id"] for hit in hits], [2, 7, 12])
        client.drop_collection("keyed")

    @steps("databases", "a database has its own collections, and goes when it is empty")
    def _():
        client.create_database("apart")
        same("apart" in client.list_databases(), True)
        same(client.describe_database("apart")["name"], "apart")
        client.use_database("apart")
        same(client.list_collections(), [])
        client.create_collection(NAME, dimension=4)
        client.insert(NAME, {"id": 1, "vector": [1, 2, 3, 4]})
        same(client.query(NAME, output_fields=["count(*)"])[0]["count(*)"], 1)
        client.use_database("default")
        same(client.query(NAME, output_fields=["count(*)"])[0]["count(*)"], len(stored))
        refused(None, "", lambda: client.drop_database("apart"))
        other = connect(db_name="apart")
        other.drop_collection(NAME)
        other.close()
        client.drop_database("apart")
        same("apart" in client.list_databases(), False)
        refused(800, "never", lambda: connect(db_name="never").list_collections())


def guard(steps, client, connect):
    @steps("users and roles", "a user may what its roles were granted, and no more")
    def _():
        client.create_user("ornithologist", "Secret1!x")
        same("ornithologist" in client.list_users(), True)
        client.create_role("reader")
        client.grant_privilege_v2("reader", "Search", NAME)
        client.grant_privilege_v2("reader", "Query", NAME)
        client.grant_privilege_v2("reader", "DescribeCollection", NAME)
        client.grant_role("ornithologist", "reader")
        same(list(client.describe_user("ornithologist")["roles"]), ["reader"])
        same(sorted(grant["privilege"] for grant in client.describe_role("reader")["privileges"]), ["DescribeCollection", "Query", "Search"])
        user = connect(user="ornithologist", password="Secret1!x")
        same(len(user.search(NAME, queries(1), anns_field="dense", limit=3)[0]), 3)
        same(len(user.query(NAME, filter="id < 3", output_fields=["id"])), 3)
        denied = lambda work: refused(None, "", work)
        denied(lambda: user.insert(NAME, rows(5000, 1)))
        denied(lambda: user.drop_collection(NAME))
        denied(lambda: user.create_user("another", "Secret1!x"))
        client.revoke_privilege_v2("reader", "Search", NAME)
        denied(lambda: user.search(NAME, queries(1), anns_field="dense", limit=3))
        user.close()

    @steps("users and roles", "groups of privileges are granted like one")
    def _():
        client.create_privilege_group("looking")
        client.add_privileges_to_group("looking", ["Search", "Query"])
        same([sorted(group["privileges"]) for group in client.list_privilege_groups() if group["privilege_group"] == "looking"], [["Query", "Search"]])
        client.grant_privilege_v2("reader", "looking", NAME)
        user = connect(user="ornithologist", password="Secret1!x")
        same(len(user.search(NAME, queries(1), anns_field="dense", limit=3)[0]), 3)
        user.close()
        client.revoke_privilege_v2("reader", "looking", NAME)
        client.drop_privilege_group("looking")

    @steps("users and roles", "passwords change, and a wrong one is refused")
    def _():
        client.update_password("ornithologist", "Secret1!x", "Other2@yy")
        connect(user="ornithologist", password="Other2@yy").close()
        try:
            connect(user="ornithologist", password="Secret1!x").list_collections()
        except Exception as error:
            same("auth check failure" in str(error).lower() or "unauthenticated" in str(error).lower(), True, str(error))
        else:
            raise AssertionError("the old password was taken")
        client.revoke_role("ornithologist", "reader")
        client.drop_user("ornithologist")
        client.revoke_privilege_v2("reader", "Query", NAME)
        client.revoke_privilege_v2("reader", "DescribeCollection", NAME)
        client.drop_role("reader")
        same(("ornithologist" in client.list_users(), "reader" in client.list_roles()), (False, False))


def fail(steps, client):
    @steps("errors", "what users get wrong is told by Milvus' codes")
    def _():
        vector = queries(1)
        refused(100, "nests", lambda: client.search("nests", vector))
        refused(100, "nests", lambda: client.describe_collection("nests"))
        refused(100, "nests", lambda: client.insert("nests", [{"id": 1}]))
        refused(1100, "", lambda: client.query(NAME, filter="year >>> 3 ("))
        refused(1100, "", lambda: client.search(NAME, vector, anns_field="dense", filter="wing == = 3"))
        refused(1100, "dim", lambda: client.search(NAME, [[1.0, 2.0]], anns_field="dense"))
        refused(None, "", lambda: client.search(NAME, vector, anns_field="feather"))
        refused(None, "", lambda: client.search(NAME, vector, anns_field="dense", limit=20_000))
        refused(None, "", lambda: client.insert(NAME, [{**rows(7000, 1)[0], "dense": [1.0] * 3}]))
        refused(None, "", lambda: client.insert(NAME, [{**rows(7000, 1)[0], "title": "x" * 201}]))
        refused(None, "", lambda: client.create_collection("no good", dimension=4))
        refused(None, "", lambda: client.drop_index("nests", "dense"))
        same(client.query(NAME, filter="id == 7000"), [])


def end(steps, client):
    @steps("drop", "indexes and collections go, and what is gone is not found")
    def _():
        client.release_collection(NAME)
        client.drop_index(NAME, "by_year")
        same("by_year" in client.list_indexes(NAME), False)
        client.drop_collection(NAME)
        same(client.has_collection(NAME), False)
        refused(100, NAME, lambda: client.query(NAME, filter="id > 0"))
        client.drop_collection(NAME)
