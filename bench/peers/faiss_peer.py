# faiss' Python package on one thread: IVF with 4-bit FastScan PQ and exact refine at several refine widths, and HNSW.
# Bit vectors: under hamming the exact binary index and binary HNSW, under jaccard brute force over zeros and ones.
# FastScan would scan a list for several queries at once; here each query is searched by itself (implem 10), which was
# also the faster on one thread.

import math

import peer

K_FACTORS = (2, 4, 6, 10, 20, 40)
PROBE_ALONE = 10


def build(request, base, queries):
    import faiss

    faiss.omp_set_num_threads(1)
    k = min(request["k"], len(base))
    if request["metric"] == "hamming":
        return build_binary(faiss, base, k)
    if request["metric"] == "jaccard":
        return [build_jaccard(faiss, base, k)]
    metric = faiss.METRIC_L2 if request["metric"] == "l2" else faiss.METRIC_INNER_PRODUCT
    cosine = request["metric"] == "cosine"
    return [*build_ivf(faiss, base, k, metric, cosine), build_hnsw(faiss, base, k, metric, cosine)]


def prepared(faiss, rows, cosine, pad_to):
    """A copy, of unit length for cosine, with zero columns up to a multiple of `pad_to`; neither changes the order."""
    import numpy as np
    d = rows.shape[1]
    copy = np.zeros((len(rows), -(-d // pad_to) * pad_to), dtype="float32")
    copy[:, :d] = rows
    if cosine:
        faiss.normalize_L2(copy)
    return copy


def asked(faiss, rows, cosine, pad_to):
    return prepared(faiss, rows, cosine, pad_to) if cosine or rows.shape[1] % pad_to else rows


def build_ivf(faiss, base, k, metric, cosine):
    # About 2 sqrt(n) lists, a power of two; each with enough rows to train on.
    lists = max(1, min(2 ** round(math.log2(2 * math.sqrt(len(base)))), len(base) // 16))
    d = -(-base.shape[1] // 4) * 4
    name = f"IVF{lists},PQ{d // 4}x4fs,RFlat"

    def make():
        rows = prepared(faiss, base, cosine, 4)
        index = faiss.index_factory(d, name, metric)
        index.train(rows)
        index.add(rows)
        return index

    built = peer.Built(make)
    index = built.index
    ivf = faiss.downcast_index(index.base_index)
    ivf.implem = PROBE_ALONE
    size = int(faiss.serialize_index(index).size)

    def variant(k_factor):
        def search(x):
            index.k_factor = k_factor
            return index.search(asked(faiss, x, cosine, 4), k)[1]

        def set_probe(value):
            ivf.nprobe = value

        return peer.Variant(name, {"kFactor": k_factor}, search, built, size, {"name": "nprobe", "min": 1, "max": lists}, set_probe)

    return [variant(k_factor) for k_factor in K_FACTORS]


def build_hnsw(faiss, base, k, metric, cosine):
    def make():
        index = faiss.IndexHNSWFlat(base.shape[1], 16, metric)
        index.hnsw.efConstruction = 200
        index.add(prepared(faiss, base, cosine, 1))
        return index

    built = peer.Built(make)
    index = built.index

    def set_ef(value):
        index.hnsw.efSearch = value

    return peer.Variant("HNSW", {"M": 16, "efConstruction": 200}, lambda x: index.search(asked(faiss, x, cosine, 1), k)[1], built,
                        int(faiss.serialize_index(index).size), {"name": "ef", "min": k, "max": max(k, min(len(base), 4096))}, set_ef)


def build_binary(faiss, base, k):
    bits = base.shape[1] * 8

    def make(index):
        index.add(base)
        return index

    flat = peer.Built(lambda: make(faiss.IndexBinaryFlat(bits)))

    def make_hnsw():
        index = faiss.IndexBinaryHNSW(bits, 16)
        index.hnsw.efConstruction = 200
        return make(index)

    hnsw = peer.Built(make_hnsw)

    def set_ef(value):
        hnsw.index.hnsw.efSearch = value

    size = lambda index: int(faiss.serialize_index_binary(index).size)
    return [
        peer.Variant("BinaryFlat", {}, lambda x: flat.index.search(x, k)[1], flat, size(flat.index)),
        peer.Variant("BinaryHNSW", {"M": 16, "efConstruction": 200}, lambda x: hnsw.index.search(x, k)[1], hnsw, size(hnsw.index),
                     {"name": "ef", "min": k, "max": max(k, min(len(base), 4096))}, set_ef),
    ]


def build_jaccard(faiss, base, k):
    import numpy as np

    def floats(rows):
        return np.unpackbits(rows, axis=1).astype("float32")

    def make():
        index = faiss.IndexFlat(base.shape[1] * 8, faiss.METRIC_Jaccard)
        index.add(floats(base))
        return index

    built = peer.Built(make)
    return peer.Variant("Flat", {"values": "f32 of 0 and 1"}, lambda x: built.index.search(floats(x), k)[1], built,
                        int(faiss.serialize_index(built.index).size))


peer.serve(build)
