# Rows: what the scripts store, the same at every run, and by brute force what searches over them must find.

import math

import numpy as np

COUNT = 600
DIM = 16
SMALL_DIM = 8
WORDS = "kite hawk falcon raptor owl eagle hover glide soar prey field marsh river ridge cliff nest brood feather talon beak".split()
_random = np.random.default_rng(20261130)


def unit(rows, dim):
    values = _random.standard_normal((rows, dim)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def _body(row):
    """Texts of different lengths in which each word is at other places, none of them empty."""
    return " ".join(WORDS[int(number)] for number in _random.integers(0, len(WORDS), 3 + row % 9))


def _sparse():
    terms = _random.choice(200, size=6, replace=False)
    return {int(term): float(np.float32(weight)) for term, weight in zip(terms, _random.random(6) + 0.1)}


def row_of(number, dense, small):
    row = {
        "id": number,
        "title": f"title {number}",
        "year": 1980 + number % 40,
        "price": None if number % 7 == 0 else number * 0.5,
        "sold": number % 3 == 0,
        "tags": [f"t{number % 5}", f"u{number % 4}"],
        "info": {"maker": f"m{number % 6}", "size": number % 11, "deep": {"list": [number % 3, number % 4]}},
        "body": _body(number),
        "dense": [float(value) for value in dense],
        "small": [float(value) for value in small],
        "sparse": _sparse(),
    }
    if number % 2 == 0:
        row["colour"] = ["red", "green", "blue"][number % 3]
    return row


def rows(first, count):
    dense, small = unit(count, DIM), unit(count, SMALL_DIM)
    return [row_of(first + at, dense[at], small[at]) for at in range(count)]


def queries(count, dim=DIM):
    return [[float(value) for value in row] for row in unit(count, dim)]


def cosine(query, vector):
    return float(np.dot(query, vector) / (np.linalg.norm(query) * np.linalg.norm(vector)))


def squared(query, vector):
    return float(np.sum((np.asarray(query) - np.asarray(vector)) ** 2))


def sparse_product(query, vector):
    return sum(weight * vector[term] for term, weight in query.items() if term in vector)


class Scores:
    """Scores of some rows, best first: `pairs` of key and score."""

    def __init__(self, stored, field, query, score, more=True, keep=None, ranged=None):
        scored = [(row["id"], score(query, row[field])) for row in stored if keep is None or keep(row)]
        if field == "sparse":
            scored = [pair for pair in scored if pair[1] != 0]
        if ranged is not None:
            scored = [pair for pair in scored if ranged(pair[1])]
        self.pairs = sorted(scored, key=lambda pair: (-pair[1] if more else pair[1], pair[0]))

    def ids(self, limit, offset=0):
        return [key for key, _ in self.pairs[offset:offset + limit]]

    def scores(self, limit, offset=0):
        return [score for _, score in self.pairs[offset:offset + limit]]


def bm25(stored, query, k1=1.2, b=0.75):
    """Scores of texts of `body`, as Lucene has them without its constant factor's removal: tf times (k1 + 1)."""
    texts = {row["id"]: row["body"].split() for row in stored}
    mean = sum(map(len, texts.values())) / len(texts)
    scores = {}
    for term in query.split():
        having = sum(term in words for words in texts.values())
        weight = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        for key, words in texts.items():
            count = words.count(term)
            if count:
                scores[key] = scores.get(key, 0) + weight * count * (k1 + 1) / (count + k1 * (1 - b + b * len(words) / mean))
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def reciprocal(rankings, k=60):
    """Reciprocal rank fusion of lists of keys."""
    scores = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, 1):
            scores[key] = scores.get(key, 0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def weighted(rankings, weights, normalize):
    """Sum of weight times normalised score over lists of pairs of key and score."""
    scores = {}
    for pairs, weight, norm in zip(rankings, weights, normalize):
        for key, score in pairs:
            scores[key] = scores.get(key, 0) + weight * norm(score)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def of_cosine(score):
    return (1 + score) / 2


def of_product(score):
    return 0.5 + math.atan(score) / math.pi
