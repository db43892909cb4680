# What the Python peers share: the harness's protocol (bench/protocol.ts), reading its files, measuring.
# A peer gives `serve` a function that builds its indexes as a list of Variant. Library output on fd 1 is sent to stderr,
# so that stdout carries answers only. The whole query set goes in by one call, so that no interpreter is timed.
# Run by itself with name==version arguments, it exits with 0 if those packages are installed here at these versions.

import base64
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
if sys.prefix == sys.base_prefix:
    sys.path.insert(0, os.path.join(HERE, ".venv-target"))

LATENCY_SECONDS_MAX = 1.0


class Variant:
    """One built index. `search(queries)` returns ids, queries x k, -1 for none; `set(value)` turns the knob."""

    def __init__(self, index, params, search, built, file_bytes, knob=None, set=None):
        self.search = search
        self.set = set
        self.told = {"index": index, "params": {**params, "buildCpuS": built.cpu_s, "ram": "growth of the process"},
                     "buildS": built.wall_s, "ramBytes": built.ram_bytes, "fileBytes": file_bytes}
        if knob is not None:
            self.told["knob"] = knob


class Built:
    """Runs `build` and measures it; what it returned is `index`."""

    def __init__(self, build):
        before = resident_bytes()
        wall, cpu = time.perf_counter(), time.process_time()
        self.index = build()
        self.wall_s, self.cpu_s = time.perf_counter() - wall, round(time.process_time() - cpu, 3)
        self.ram_bytes = max(0, resident_bytes() - before)


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def read_vectors(file, binary):
    import numpy as np
    values = np.fromfile(file["path"], dtype=np.uint8 if binary else "<f4")
    return values.reshape(file["n"], file["d"] // 8 if binary else file["d"])


def saved_bytes(folder, name, save):
    path = os.path.join(folder, name)
    save(path)
    size = os.path.getsize(path)
    os.remove(path)
    return size


def serve(build):
    """`build(request, base, queries)` gives a list of Variant."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    variants, queries, k = [], None, 0
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "close":
            break
        try:
            if request["op"] == "build":
                k = request["k"]
                binary = request["metric"] in ("hamming", "jaccard")
                queries = read_vectors(request["queries"], binary)
                variants = build(request, read_vectors(request["base"], binary), queries)
                answer = {"variants": [variant.told for variant in variants]}
            else:
                variant = variants[request["variant"]]
                if request["knob"] is not None:
                    variant.set(request["knob"])
                answer = tune(variant, queries, k) if request["op"] == "tune" else run(variant, queries, k, request["secondsMin"])
            message = {"ok": answer}
        except Exception as error:  # told to the harness, which drops this target with the reason
            message = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(message) + "\n")
        out.flush()


def tune(variant, queries, k):
    return {"ids": encode(variant.search(queries), len(queries), k)}


def run(variant, queries, k, seconds_min):
    passes = 0
    wall, cpu = time.perf_counter(), time.process_time()
    while True:
        ids = variant.search(queries)
        passes += 1
        wall_s = time.perf_counter() - wall
        if wall_s >= seconds_min:
            break
    cpu_s = time.process_time() - cpu
    p50_ms, p99_ms = latency(variant, queries)
    return {"passes": passes, "wallS": wall_s, "cpuS": cpu_s, "p50Ms": p50_ms, "p99Ms": p99_ms, "ids": encode(ids, len(queries), k)}


def latency(variant, queries):
    """Of single-query calls, the interpreter's part included, outside the pass that is timed for QPS."""
    times, start = [], time.perf_counter()
    for i in range(len(queries)):
        query = queries[i:i + 1]
        before = time.perf_counter()
        variant.search(query)
        after = time.perf_counter()
        times.append((after - before) * 1000)
        if after - start > LATENCY_SECONDS_MAX:
            break
    times.sort()
    rank = lambda share: times[max(0, -int(-share * len(times) // 1) - 1)]
    return rank(0.5), rank(0.99)


def encode(ids, count, k):
    import numpy as np
    padded = np.full((count, k), -1, dtype="<i4")
    padded[:, :ids.shape[1]] = ids[:, :k]
    return base64.b64encode(padded.tobytes()).decode()


if __name__ == "__main__":
    from importlib.metadata import PackageNotFoundError, version
    try:
        wrong = [wanted for wanted in sys.argv[1:] if version(wanted.split("==")[0]) != wanted.split("==")[1]]
    except PackageNotFoundError:
        wrong = sys.argv[1:]
    sys.exit(1 if wrong else 0)
