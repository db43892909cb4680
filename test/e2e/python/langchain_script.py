# langchain_script.py URI [USER PASSWORD]: the vector store of langchain-milvus, as an application would use it. Its embedder
# is made up: a text's vector is the sum of fixed vectors of its words. What it has no verb for it is asked through its own client.

import sys
import zlib

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_milvus import BM25BuiltInFunction, Milvus

from rows import bm25, of_cosine, reciprocal, weighted, WORDS
from steps import Steps, close, same

DIM = 24
COUNT = 120
NAME = "lc_birds"
uri, user, password = (sys.argv[1:] + ["", ""])[:3]


class WordSums(Embeddings):
    def embed_query(self, text):
        total = sum(np.random.default_rng(zlib.crc32(word.encode())).standard_normal(DIM) for word in text.split())
        return [float(value) for value in (total / np.linalg.norm(total)).astype(np.float32)]

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]


def connection(**more):
    return {"uri": uri, "user": user, "password": password, **more}


def open_store(name=NAME, **more):
    return Milvus(WordSums(), collection_name=name, connection_args=connection(), consistency_level="Strong", auto_id=False, **more)


def body(number):
    random = np.random.default_rng(number)
    return " ".join(WORDS[at] for at in random.integers(0, len(WORDS), 4 + number % 5))


def nearest(texts, query, keep=lambda number: True):
    """Keys and squared distances, nearest first."""
    vector = np.asarray(EMBED.embed_query(query))
    pairs = [(key, float(np.sum((np.asarray(EMBED.embed_query(text)) - vector) ** 2))) for key, text in texts.items() if keep(int(key[1:]))]
    return sorted(pairs, key=lambda pair: (pair[1], pair[0]))


EMBED = WordSums()
steps = Steps("langchain-milvus")
texts = {f"d{number:03}": body(number) for number in range(COUNT)}
metadatas = [{"year": 1980 + number % 40, "maker": f"m{number % 6}"} for number in range(COUNT)]
INDEX = {"index_type": "FLAT", "metric_type": "L2", "params": {}}
made = {}


def keys_of(found):
    return [document.metadata["pk"] for document in found]


def agree(found, expected, limit):
    same([document.metadata["pk"] for document, _ in found], [key for key, _ in expected[:limit]])
    close([score for _, score in found], [score for _, score in expected[:limit]], tolerance=1e-3)
    for document, _ in found:
        same(document.page_content, texts[document.metadata["pk"]])


@steps("create", "from_texts makes the collection, its index and its rows")
def _():
    keys = list(texts)
    made["store"] = Milvus.from_texts(list(texts.values()), EMBED, metadatas=metadatas, ids=keys, collection_name=NAME, connection_args=connection(), index_params=INDEX, consistency_level="Strong", drop_old=True)
    same(made["store"].client.has_collection(NAME), True)


@steps("index", "its index is the one that was asked for")
def _():
    same(made["store"].client.describe_index(NAME, "vector")["index_type"], "FLAT")


@steps("load", "a store that is opened again is loaded and searches")
def _():
    same(str(made["store"].client.get_load_state(NAME)["state"]), "Loaded")
    agree(open_store().similarity_search_with_score("kite owl", k=3), nearest(texts, "kite owl"), 3)


@steps("insert", "add_texts gives the keys")
def _():
    more = {f"d{number}": body(number) for number in (900, 901)}
    same(made["store"].add_texts(list(more.values()), metadatas=[{"year": 2020, "maker": "m9"}] * 2, ids=list(more)), list(more))
    texts.update(more)
    same(sorted(made["store"].get_pks('maker == "m9"')), ["d900", "d901"])


@steps("upsert", "a document is replaced")
def _():
    texts["d900"] = "talon talon beak"
    made["store"].upsert(ids=["d900"], documents=[Document(page_content=texts["d900"], metadata={"year": 2021, "maker": "m8"})])
    same(keys_of(made["store"].similarity_search("talon talon beak", k=1)), ["d900"])


@steps("delete", "documents go by their keys")
def _():
    same(made["store"].delete(ids=["d901", "d005"]), True)
    del texts["d901"], texts["d005"]
    same(made["store"].get_pks('pk in ["d901", "d005", "d006"]'), ["d006"])


@steps("search", "the nearest documents, with their scores, contents and metadata")
def _():
    for query in ("raptor", "owl ridge", "kite hover prey"):
        found = made["store"].similarity_search_with_score(query, k=8)
        agree(found, nearest(texts, query), 8)
        for document, _ in found:
            if (number := int(document.metadata["pk"][1:])) < COUNT:
                same((document.metadata["year"], document.metadata["maker"]), (1980 + number % 40, f"m{number % 6}"))
    found = made["store"].max_marginal_relevance_search("owl ridge", k=4, fetch_k=12)
    same((len(found), set(keys_of(found)) <= {key for key, _ in nearest(texts, "owl ridge")[:12]}), (4, True))


@steps("filter", "by metadata")
def _():
    found = made["store"].similarity_search_with_score("owl ridge", k=5, expr='maker == "m2" and year < 2000')
    agree(found, nearest(texts, "owl ridge", lambda number: number % 6 == 2 and number % 40 < 20), 5)
    same(len(made["store"].search_by_metadata('maker == "m3"', limit=100)), sum(int(key[1:]) % 6 == 3 for key in texts if key < "d900"))


@steps("range", "within a radius")
def _():
    found = made["store"].similarity_search_with_score("owl ridge", k=100, param={"metric_type": "L2", "params": {"radius": 1.5, "range_filter": 0.4}})
    agree(found, [pair for pair in nearest(texts, "owl ridge") if 0.4 <= pair[1] < 1.5], 100)


@steps("group", "one document of each maker")
def _():
    found = made["store"].similarity_search("owl ridge", k=4, group_by_field="maker")
    best = {}
    for key, _ in nearest(texts, "owl ridge", lambda number: number < COUNT):
        best.setdefault(int(key[1:]) % 6, key)
    same([key for key in keys_of(found) if key < "d900"], [key for key in best.values()][:len([key for key in keys_of(found) if key < "d900"])])
    same(len({document.metadata["maker"] for document in found}), 4)


@steps("iterate", "its client walks through the store")
def _():
    walk = made["store"].client.query_iterator(NAME, batch_size=50, filter='pk >= ""', output_fields=["text"])
    seen = {}
    while batch := walk.next():
        seen.update({row["pk"]: row["text"] for row in batch})
    walk.close()
    same(seen, texts)


@steps("hybrid", "vectors and words together, by ranks and by weights")
def _():
    store = made["mixed"] = Milvus.from_texts(list(texts.values()), EMBED, ids=list(texts), builtin_function=BM25BuiltInFunction(), vector_field=["dense", "sparse"],
                                              index_params=[{"index_type": "FLAT", "metric_type": "COSINE"}, {"index_type": "AUTOINDEX", "metric_type": "BM25"}],
                                              collection_name="lc_mixed", connection_args=connection(), consistency_level="Strong", drop_old=True)
    query = "kite talon"
    vector = np.asarray(EMBED.embed_query(query))
    dense = sorted(((key, float(vector @ np.asarray(EMBED.embed_query(text)))) for key, text in texts.items()), key=lambda pair: -pair[1])[:20]
    words = bm25([{"id": key, "body": text} for key, text in texts.items()], query)[:20]
    found = store.similarity_search_with_score(query, k=6, fetch_k=20, ranker_type="rrf", ranker_params={"k": 60})
    expected = dict(reciprocal([[key for key, _ in dense], [key for key, _ in words]]))
    same(len(found), 6)
    for document, score in found:
        same(document.page_content, texts[document.metadata["pk"]])
    # Documents of equal BM25 scores may change places, and with them their ranks.
    close(found[0][1], max(expected.values()), tolerance=2e-3)
    found = store.similarity_search_with_score(query, k=6, fetch_k=20, ranker_type="weighted", ranker_params={"weights": [0.6, 0.4]})
    expected = weighted([dense, words], [0.6, 0.4], [of_cosine, lambda score: 2 * float(np.arctan(score)) / np.pi])
    close([score for _, score in found[:3]], [score for _, score in expected[:3]], tolerance=2e-3)


@steps("full text", "by words alone")
def _():
    store = Milvus.from_texts(list(texts.values()), None, ids=list(texts), builtin_function=BM25BuiltInFunction(), vector_field="sparse", collection_name="lc_words", connection_args=connection(), consistency_level="Strong", drop_old=True)
    expected = bm25([{"id": key, "body": text} for key, text in texts.items()], "falcon ridge")
    close([score for _, score in store.similarity_search_with_score("falcon ridge", k=5)], [score for _, score in expected[:5]], tolerance=1e-3)
    store.drop()


@steps("aliases", "a store by an alias")
def _():
    made["store"].client.create_alias(NAME, "lc_alias")
    agree(open_store("lc_alias").similarity_search_with_score("owl", k=3), nearest(texts, "owl"), 3)
    made["store"].client.drop_alias("lc_alias")


@steps("partitions", "a partition key keeps apart what is of others")
def _():
    store = Milvus.from_texts(list(texts.values())[:60], EMBED, metadatas=[{"owner": f"o{at % 3}"} for at in range(60)], ids=list(texts)[:60], partition_key_field="owner", collection_name="lc_parted", connection_args=connection(), index_params=INDEX, consistency_level="Strong", drop_old=True)
    found = store.similarity_search("owl ridge", k=60, expr='owner == "o1"')
    same((len(found), {document.metadata["owner"] for document in found}), (20, {"o1"}))
    store.drop()


@steps("databases", "a store in a database of its own")
def _():
    client = made["store"].client
    client.create_database("lc_apart")
    store = Milvus.from_texts(["one bird"], EMBED, ids=["a"], collection_name=NAME, connection_args=connection(db_name="lc_apart"), consistency_level="Strong")
    same([document.page_content for document in store.similarity_search("bird", k=5)], ["one bird"])
    store.drop()
    client.drop_database("lc_apart")


@steps("users and roles", "a store may what its user may")
def _():
    client = made["store"].client
    client.create_user("lc_user", "Secret1!x")
    client.create_role("lc_reader")
    for privilege in ("Search", "Query", "DescribeCollection", "IndexDetail", "GetLoadState", "Load", "GetLoadingProgress"):
        client.grant_privilege_v2("lc_reader", privilege, NAME)
    client.grant_role("lc_user", "lc_reader")
    store = Milvus(EMBED, collection_name=NAME, connection_args=connection(user="lc_user", password="Secret1!x"), auto_id=False)
    same(len(store.similarity_search("owl", k=3)), 3)
    try:
        store.add_texts(["not allowed"], metadatas=[{"year": 1, "maker": "x"}], ids=["zz"])
    except Exception as error:
        same("permission" in str(error).lower() or "privilege" in str(error).lower(), True, str(error))
    else:
        raise AssertionError("a reader wrote")
    client.revoke_role("lc_user", "lc_reader")
    client.drop_user("lc_user")
    client.drop_role("lc_reader", force_drop=True)


@steps("errors", "a bad filter and a vector of another dimension are told")
def _():
    for work in (lambda: made["store"].similarity_search("owl", expr="maker == = 3"), lambda: made["store"].similarity_search_by_vector([1.0, 2.0], k=2)):
        try:
            work()
        except Exception as error:
            same("code=1100" in str(error), True, str(error))
        else:
            raise AssertionError("it was answered")


@steps("drop", "a store is dropped, and made anew by drop_old")
def _():
    store = Milvus.from_texts(["only one"], EMBED, ids=["a"], collection_name=NAME, connection_args=connection(), drop_old=True, consistency_level="Strong")
    same([document.page_content for document in store.similarity_search("owl", k=5)], ["only one"])
    store.drop()
    made["mixed"].drop()
    same([name for name in (NAME, "lc_mixed", "lc_words", "lc_parted") if store.client.has_collection(name)], [])
