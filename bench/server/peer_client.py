# A client of the peer bench: pymilvus in a process of its own, told what to do by lines of JSON on standard input, answering
# each by one line. The same program measures every server; nothing of it but the calls of pymilvus is within the times.

import base64
import json
import os
import sys
import time

import numpy as np
from pymilvus import DataType, MilvusClient

out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
state = {}


def connect(uri):
    state["client"] = MilvusClient(uri)
    return {}


def read(base, queries):
    for name, file in (("base", base), ("queries", queries)):
        state[name] = np.fromfile(file["path"], dtype="<f4").reshape(file["n"], file["d"])
    return {}


def create(name, metric, index):
    """A collection of a key and a vector, with its index."""
    client = state["client"]
    if client.has_collection(name):
        client.drop_collection(name)
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=state["base"].shape[1])
    params = client.prepare_index_params()
    params.add_index("vector", metric_type=metric, **index)
    client.create_collection(name, schema=schema, index_params=params)
    return {}


def insert(name, batch):
    """Every row, until acknowledged and until flushed. What pymilvus does to send a row is within."""
    client, base = state["client"], state["base"]
    batches = [[{"id": row, "vector": base[row]} for row in range(at, min(at + batch, len(base)))] for at in range(0, len(base), batch)]
    start = time.perf_counter()
    for rows in batches:
        client.insert(name, rows)
    acknowledged = time.perf_counter() - start
    client.flush(name)
    return {"acknowledgedS": acknowledged, "flushedS": time.perf_counter() - start, "rows": len(base)}


def wait(name, seconds):
    """Until the index has all rows."""
    client, start = state["client"], time.perf_counter()
    while time.perf_counter() - start < seconds:
        found = client.describe_index(name, "vector")
        if found.get("pending_index_rows", 0) == 0 and found["state"] == "Finished":
            break
        time.sleep(0.5)
    return {"waitedS": time.perf_counter() - start}


def load(name):
    state["client"].load_collection(name)
    return {}


def drop(name):
    state["client"].drop_collection(name)
    return {}


def first(uri, name):
    """Connects and searches once, as soon as the server lets it."""
    start = time.perf_counter()
    client = MilvusClient(uri)
    client.load_collection(name)
    found = client.search(name, [state["queries"][0]], limit=10, anns_field="vector")
    seconds = time.perf_counter() - start
    client.close()
    return {"seconds": seconds, "hits": len(found[0])}


def answers(name, k, params):
    """The ids that every query finds, for its recall."""
    ids = np.full((len(state["queries"]), k), -1, dtype="<i4")
    for at, query in enumerate(state["queries"]):
        hits = state["client"].search(name, [query], limit=k, anns_field="vector", search_params=params)[0]
        ids[at, :len(hits)] = [hit["id"] for hit in hits]
    return {"ids": base64.b64encode(ids.tobytes()).decode()}


def search(name, k, params, seconds, offset):
    """Single queries one after another for so long; latencies in milliseconds."""
    client, queries = state["client"], state["queries"]
    times = []
    at = offset
    start = now = time.perf_counter()
    while now - start < seconds:
        client.search(name, [queries[at % len(queries)]], limit=k, anns_field="vector", search_params=params)
        at += 1
        last, now = now, time.perf_counter()
        times.append((now - last) * 1000)
    return {"searches": len(times), "seconds": now - start, "cpuS": time.process_time(), "timesMs": [round(one, 4) for one in times]}


OPERATIONS = {function.__name__: function for function in (connect, read, create, insert, wait, load, drop, first, answers, search)}

out.write('{"ok": {}}\n')
out.flush()
for line in sys.stdin:
    request = json.loads(line)
    try:
        message = {"ok": OPERATIONS[request.pop("op")](**request)}
    except Exception as error:  # told to who measures, who gives up with the reason
        message = {"error": f"{type(error).__name__}: {error}"}
    out.write(json.dumps(message) + "\n")
    out.flush()
