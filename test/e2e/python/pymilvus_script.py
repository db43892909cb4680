# pymilvus_script.py URI [USER PASSWORD]: the steps of MilvusClient, then those of the ORM-style interface, against one server.
# A URI that ends with .db is a file of milvus-lite, against which the script itself is checked; what that lacks fails there.

import sys

from pymilvus import MilvusClient

import client_changes
import client_names
import client_reads
import orm_steps
from steps import Steps

uri, user, password = (sys.argv[1:] + ["", ""])[:3]


def connect(**more):
    return MilvusClient(uri, **{"user": user, "password": password, **more})


client = connect()
steps = Steps("pymilvus MilvusClient")
stored = []
client_changes.change(steps, client, stored)
client_changes.vectors(steps, client)
client_reads.read(steps, client, stored)
client_names.name(steps, client, stored, connect)
client_names.fail(steps, client)
client_names.guard(steps, client, connect)
client_names.end(steps, client)
steps.client = "pymilvus ORM"
orm_steps.run(steps, {"uri": uri, "user": user, "password": password})
