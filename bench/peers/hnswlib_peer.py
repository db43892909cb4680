# hnswlib's Python package: C++ HNSW, M 16, efConstruction 200, one thread; PyPI's source, compiled here with -march=native.

import peer


def build(request, base, queries):
    import hnswlib

    n, d = base.shape
    k = min(request["k"], n)

    def make():
        index = hnswlib.Index(space=request["metric"], dim=d)
        index.init_index(max_elements=n, M=16, ef_construction=200, random_seed=100)
        index.set_num_threads(1)
        index.add_items(base, num_threads=1)
        return index

    built = peer.Built(make)
    index = built.index
    size = peer.saved_bytes(request["folder"], "hnswlib", index.save_index)
    return [peer.Variant("HNSW", {"M": 16, "efConstruction": 200, "compiled": "-O3 -march=native"},
                         lambda x: index.knn_query(x, k=k, num_threads=1)[0].astype("int64"), built, size,
                         {"name": "ef", "min": k, "max": max(k, min(n, 4096))}, index.set_ef)]


peer.serve(build)
