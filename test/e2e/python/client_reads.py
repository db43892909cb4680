# What MilvusClient reads from the rows that client_changes.py has stored: every answer is held against brute force over them.

from pymilvus import AnnSearchRequest, RRFRanker, WeightedRanker

from client_changes import NAME
from rows import Scores, bm25, cosine, of_cosine, of_product, queries, reciprocal, sparse_product, squared, weighted, SMALL_DIM
from steps import close, refused, same

SPARSE_QUERY = {1: 0.5, 17: 1.0, 60: 0.75, 100: 0.25, 140: 1.5, 199: 0.3}

# The filter, and what it means.
FILTERS = [
    ("year == 1990", lambda row: row["year"] == 1990),
    ("year > 1990 and year <= 1995", lambda row: 1990 < row["year"] <= 1995),
    ("1990 < year <= 1995", lambda row: 1990 < row["year"] <= 1995),
    ("year in [1981, 1999] or id < 3", lambda row: row["year"] in (1981, 1999) or row["id"] < 3),
    ("not (sold == true) && id < 50", lambda row: not row["sold"] and row["id"] < 50),
    ('title like "title 5%"', lambda row: row["title"].startswith("title 5")),
    ("price is null", lambda row: row["price"] is None),
    ("price > 100.5", lambda row: row["price"] is not None and row["price"] > 100.5),
    ("id % 10 == 3", lambda row: row["id"] % 10 == 3),
    ('info["maker"] == "m2" and info["size"] >= 5', lambda row: row["info"]["maker"] == "m2" and row["info"]["size"] >= 5),
    ('json_contains(info["deep"]["list"], 3)', lambda row: 3 in row["info"]["deep"]["list"]),
    ('array_contains(tags, "t1")', lambda row: "t1" in row["tags"]),
    ('array_contains_all(tags, ["t1", "u2"])', lambda row: {"t1", "u2"} <= set(row["tags"])),
    ("array_length(tags) == 2", lambda row: True),
    ('tags[0] == "t4"', lambda row: row["tags"][0] == "t4"),
    ('colour == "red"', lambda row: row.get("colour") == "red"),
    ("exists colour", lambda row: "colour" in row),
    ('text_match(body, "kite talon")', lambda row: {"kite", "talon"} & set(row["body"].split())),
    ("id in []", lambda row: False),
]


def by_field(field):
    return {"dense": (cosine, True), "small": (squared, False), "sparse": (sparse_product, True)}[field]


def truth(stored, field, query, **more):
    score, greater = by_field(field)
    return Scores(stored, field, query, score, greater, **more)


def read(steps, client, stored):
    def found(field, data, **more):
        return client.search(NAME, data=data, anns_field=field, **more)

    def agree(hits, expected, limit, offset=0, what=""):
        same([hit["id"] for hit in hits], expected.ids(limit, offset), what)
        close([hit["distance"] for hit in hits], expected.scores(limit, offset), what)

    @steps("search", "the nearest of several queries, with the fields that were asked for")
    def _():
        data = queries(3)
        for query, hits in zip(data, found("dense", data, limit=10, output_fields=["title", "info", "price"])):
            agree(hits, truth(stored, "dense", query), 10)
            for hit in hits:
                row = next(row for row in stored if row["id"] == hit["id"])
                same(dict(hit["entity"]), {name: row[name] for name in ("title", "info", "price")})

    @steps("search", "pages by offset and limit")
    def _():
        query = queries(1)
        agree(found("dense", query, limit=7, search_params={"offset": 5})[0], truth(stored, "dense", query[0]), 7, 5)
        agree(found("dense", query, limit=7, offset=12)[0], truth(stored, "dense", query[0]), 7, 12)

    @steps("search", "the nearest by an index, by L2, and sparse ones by IP")
    def _():
        query = queries(1, SMALL_DIM)
        hits = found("small", query, limit=10, search_params={"metric_type": "L2", "params": {"ef": 200}})[0]
        expected = truth(stored, "small", query[0])
        same(len(set(hit["id"] for hit in hits) & set(expected.ids(10))) >= 9, True, "recall@10 >= 0.9")
        exact = dict(expected.pairs)
        close([hit["distance"] for hit in hits], [exact[hit["id"]] for hit in hits])
        agree(found("sparse", [SPARSE_QUERY], limit=10)[0], truth(stored, "sparse", SPARSE_QUERY), 10)

    @steps("search", "a metric other than that of the index is refused")
    def _():
        refused(1100, "metric", lambda: found("dense", queries(1), search_params={"metric_type": "L2"}))

    @steps("filter", "each filter gives exactly the rows that it means, in order of their keys")
    def _():
        for text, keep in FILTERS:
            same([row["id"] for row in client.query(NAME, filter=text, output_fields=["id"])], [row["id"] for row in stored if keep(row)], text)

    @steps("filter", "searches look only at what a filter keeps")
    def _():
        for text, keep in FILTERS:
            query = queries(1)
            agree(found("dense", query, filter=text, limit=10)[0], truth(stored, "dense", query[0], keep=keep), 10, what=text)

    @steps("filter", "values may be given apart, and reads page")
    def _():
        keep = lambda row: row["year"] in (1985, 1986) and row["id"] > 40
        rows = client.query(NAME, filter="year in {years} and id > {least}", filter_params={"years": [1985, 1986], "least": 40}, output_fields=["year"])
        same([row["id"] for row in rows], [row["id"] for row in stored if keep(row)])
        page = client.query(NAME, filter="id >= 0", limit=5, offset=20, output_fields=["id"])
        same([row["id"] for row in page], [row["id"] for row in stored[20:25]])
        count = client.query(NAME, filter="sold == true", output_fields=["count(*)"])
        same(count[0]["count(*)"], sum(row["sold"] for row in stored))

    requests = {"limit": 30}
    query = queries(1)[0]
    rankings = lambda: [truth(stored, "dense", query).pairs[:30], truth(stored, "sparse", SPARSE_QUERY).pairs[:30]]
    asked = lambda: [AnnSearchRequest([query], "dense", {"metric_type": "COSINE"}, **requests), AnnSearchRequest([SPARSE_QUERY], "sparse", {"metric_type": "IP"}, **requests)]

    def fused(hits, expected):
        close([hit["distance"] for hit in hits], [score for _, score in expected[:len(hits)]])
        kept = dict(expected)
        for hit in hits:
            close(hit["distance"], kept[hit["id"]], f"score of {hit['id']}")

    @steps("hybrid", "reciprocal ranks are added up")
    def _():
        hits = client.hybrid_search(NAME, asked(), RRFRanker(60), limit=10, output_fields=["year"])[0]
        same(len(hits), 10)
        fused(hits, reciprocal([[key for key, _ in pairs] for pairs in rankings()]))
        kept = {row["id"]: row["year"] for row in stored}
        same([hit["entity"]["year"] for hit in hits], [kept[hit["id"]] for hit in hits])

    @steps("hybrid", "scores are weighted, each search by a filter of its own")
    def _():
        first, second = asked()
        first = AnnSearchRequest([query], "dense", {"metric_type": "COSINE"}, limit=30, expr="year > 2000")
        near = truth(stored, "dense", query, keep=lambda row: row["year"] > 2000).pairs[:30]
        hits = client.hybrid_search(NAME, [first, second], WeightedRanker(0.7, 0.3), limit=10)[0]
        fused(hits, weighted([near, rankings()[1]], [0.7, 0.3], [of_cosine, of_product]))

    @steps("range", "only scores within the range come back, under either sense of the metric")
    def _():
        hits = found("dense", [query], limit=50, search_params={"params": {"radius": 0.2, "range_filter": 0.5}})[0]
        agree(hits, truth(stored, "dense", query, ranged=lambda score: 0.2 < score <= 0.5), 50)
        small = queries(1, SMALL_DIM)[0]
        hits = found("small", [small], limit=600, search_params={"params": {"radius": 1.2, "range_filter": 0.6, "ef": 600}})[0]
        expected = truth(stored, "small", small, ranged=lambda score: 0.6 <= score < 1.2)
        same(len(set(hit["id"] for hit in hits) & set(expected.ids(600))) >= 0.95 * len(expected.pairs), True, f"found {len(hits)} of {len(expected.pairs)}")
        same(all(0.6 <= hit["distance"] < 1.2 for hit in hits), True)

    @steps("group", "the best of each group, then as many as asked for")
    def _():
        hits = found("dense", [query], limit=8, group_by_field="year", output_fields=["year"])[0]
        years = {row["id"]: row["year"] for row in stored}
        groups = {}
        for key, score in truth(stored, "dense", query).pairs:
            groups.setdefault(years[key], []).append((key, score))
        best = list(groups.values())[:8]
        same([hit["id"] for hit in hits], [group[0][0] for group in best])
        same([hit["entity"]["year"] for hit in hits], [years[group[0][0]] for group in best])
        hits = found("dense", [query], limit=4, group_by_field="year", group_size=3, strict_group_size=True)[0]
        same(sorted(hit["id"] for hit in hits), sorted(key for group in best[:4] for key, _ in group[:3]))

    @steps("iterate", "a search iterator gives every row once, nearest first")
    def _():
        walk = client.search_iterator(NAME, data=[query], anns_field="dense", batch_size=100, limit=450, filter="id < 590", output_fields=["title"])
        hits = []
        while batch := walk.next():
            same(len(batch) <= 100, True)
            hits.extend(batch)
        walk.close()
        expected = truth(stored, "dense", query, keep=lambda row: row["id"] < 590)
        same([hit["id"] for hit in hits], expected.ids(450))
        close([hit["distance"] for hit in hits], expected.scores(450))

    @steps("iterate", "a query iterator gives every row once, in order of its key")
    def _():
        walk = client.query_iterator(NAME, batch_size=64, filter="year < 2010", output_fields=["title"])
        seen = []
        while batch := walk.next():
            seen.extend(batch)
        walk.close()
        same([(row["id"], row["title"]) for row in seen], [(row["id"], row["title"]) for row in stored if row["year"] < 2010])

    @steps("full text", "texts are found by BM25 over the rows that there are")
    def _():
        for text in ("kite", "kite talon ridge"):
            hits = client.search(NAME, data=[text], anns_field="words", limit=10, output_fields=["body"])[0]
            expected = bm25(stored, text)
            scores = dict(expected)
            close([hit["distance"] for hit in hits], [score for _, score in expected[:10]], text, 1e-3)
            close([hit["distance"] for hit in hits], [scores[hit["id"]] for hit in hits], text, 1e-3)

    @steps("full text", "an analyzer tells its terms")
    def _():
        found = client.run_analyzer("Kites are hovering", {"type": "english"})
        same(list(found.tokens if hasattr(found, "tokens") else found), ["kite", "hover"])
