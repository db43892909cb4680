# Steps: what a client's script does, one claim after another. Each is told on standard output as a line of JSON as soon as
# it has passed or failed; one that fails does not stop those after it. Standard output carries nothing else.

import json
import sys
import traceback

TELL_CHARS_MAX = 2000


class Steps:
    def __init__(self, client):
        self.client = client
        self.out = sys.stdout
        sys.stdout = sys.stderr

    def __call__(self, verb, claim):
        """Runs the function that it decorates, at once. `verb` is one of those of test/e2e/verbs.ts."""
        def run(work):
            try:
                work()
                error = None
            except Exception:  # told to who started the script, which fails the test of that verb
                error = traceback.format_exc()[-TELL_CHARS_MAX:]
            line = {"client": self.client, "verb": verb, "claim": claim, "error": error}
            self.out.write(json.dumps(line) + "\n")
            self.out.flush()
            return work
        return run


def same(found, expected, what=""):
    if found != expected:
        raise AssertionError(f"{what}: expected {expected!r}, found {found!r}"[:TELL_CHARS_MAX])


def close(found, expected, what="", tolerance=1e-4):
    """Of two numbers, or of two lists of numbers."""
    pairs = list(zip(found, expected, strict=True)) if isinstance(found, (list, tuple)) else [(found, expected)]
    for at, (one, other) in enumerate(pairs):
        if not abs(one - other) <= tolerance * max(1.0, abs(other)):
            raise AssertionError(f"{what}, number {at}: expected {other!r}, found {one!r}")


def refused(code, words, work):
    """`work` must fail as a Milvus error of `code` (None: any, also one of gRPC itself) whose text has `words`."""
    from grpc import RpcError
    from pymilvus.exceptions import MilvusException
    try:
        work()
    except (MilvusException, RpcError) as error:
        if code is not None:
            same(getattr(error, "code", None), code, f"code of {error}")
        if words not in str(error):
            raise AssertionError(f"expected an error that says {words!r}, found {error}") from error
        return
    raise AssertionError(f"expected an error {code} that says {words!r}, found none")
