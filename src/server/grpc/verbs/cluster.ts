// Cluster: remote procedures about nodes, as there is one: it has every collection, once.

import { arch, cpus, freemem, networkInterfaces, totalmem } from 'node:os';
import { version } from '../../../../package.json';
import { factsOf, nameMeant } from '../../milvus/facts.js';
import { partitionId } from '../../milvus/ids.js';
import { RefusedRequest, STATUS } from '../../status.js';
import { LOGGED_IN, onCollections, onServer } from '../rules.js';
import { StatusError } from '../status.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';
import { BUILD_TAGS, NODE, STARTED } from './server.js';

const GROUP = '__default_resource_group';
const GROUP_NOT_FOUND = 300;
const BYTES_OF_GB = 1024 ** 3;

interface Asked {
  readonly collection_name: string;
  readonly collectionID: string;
}

export const CLUSTER_VERBS: Verbs = {
  GetMetrics: verb<{ readonly request: string }, object>({ rule: LOGGED_IN, scope: 'server', run: metrics }),
  GetReplicas: verb<Asked, object>({ rule: onCollections('DescribeCollection', ({ collection_name }) => [collection_name === '' ? '*' : collection_name]), run: replicas }),
  ListResourceGroups: verb<object, object>({ rule: onServer('ListResourceGroups'), scope: 'server', run: async () => ({ resource_groups: [GROUP] }) }),
  DescribeResourceGroup: verb<{ readonly resource_group: string }, object>({ rule: onServer('DescribeResourceGroup'), scope: 'server', run: group }),
};

async function replicas({ database }: GrpcCall, { collection_name, collectionID }: Asked): Promise<object> {
  const { id, hex, partitions, isLoaded } = await factsOf(database, nameMeant(database, collection_name, collectionID));
  if (!isLoaded) return { replicas: [] };
  const shard = { leaderID: NODE.id, leader_addr: NODE.address, dm_channel_name: `by-dev-rootcoord-dml_0_${id}v0`, node_ids: [NODE.id] };
  return { replicas: [{ replicaID: id, collectionID: id, partition_ids: partitions.map(({ number }) => partitionId(hex, number)), shard_replicas: [shard], node_ids: [NODE.id], resource_group_name: GROUP, num_outbound_node: {} }] };
}

async function group({ database }: GrpcCall, { resource_group }: { readonly resource_group: string }): Promise<object> {
  if (resource_group !== GROUP) throw new StatusError(GROUP_NOT_FOUND, `resource group not found[rg=${resource_group}]`);
  const loaded = database.catalogEntries.filter(({ released }) => released !== 'all').map(({ name }) => [name, 1] as const);
  return { resource_group: { name: GROUP, capacity: 1, num_available_node: 1, num_loaded_replica: Object.fromEntries(loaded), num_outgoing_node: {}, num_incoming_node: {}, nodes: [{ node_id: NODE.id, address: NODE.address, hostname: NODE.address }] } };
}

async function metrics({ database }: GrpcCall, { request }: { readonly request: string }): Promise<object> {
  if (metricType(request) !== 'system_info') throw new RefusedRequest(STATUS.invalidParameter, `metric request type: expected system_info, found ${request.slice(0, 128)}`);
  const { usageBytes = 0 } = await database.health();
  const id = Number(NODE.id);
  const infos = {
    has_error: false,
    error_reason: '',
    name: 'standalone1',
    hardware_infos: { ip: addressOfThis(), cpu_core_count: cpus().length, cpu_core_usage: cpuShare(), memory: totalmem(), memory_usage: totalmem() - freemem(), disk: 0, disk_usage: usageBytes / BYTES_OF_GB },
    system_info: { system_version: version, deploy_mode: 'STANDALONE', build_version: BUILD_TAGS, build_time: STARTED.toISOString(), used_go_version: `node ${process.version} ${arch()}` },
    created_time: STARTED.toISOString(),
    updated_time: new Date().toISOString(),
    type: 'standalone',
    id,
    system_configurations: {},
  };
  return { response: JSON.stringify({ nodes_info: [{ identifier: id, connected: [], infos }] }), component_name: 'standalone' };
}

function metricType(request: string): unknown {
  try {
    return (JSON.parse(request) as { readonly metric_type?: unknown } | null)?.metric_type;
  } catch {
    return undefined;
  }
}

/** Percent of one core, since the process began. */
function cpuShare(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 10_000 / process.uptime());
}

function addressOfThis(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ internal }) => !internal)?.address ?? '127.0.0.1';
}
