// CollectionAdmin: the verbs that change what a collection is, not its rows: its schema, partitions and properties; and
// those that empty it, or free what it holds in memory.

import type { Properties } from '../../format/properties.js';
import type { Manifest } from '../../format/manifest.js';
import type { Partitions } from '../../format/partitions.js';
import { CONSISTENCY_DEFAULT, type ConsistencyLevel } from '../../model/consistency-level.js';
import { ElanusError } from '../../model/errors.js';
import type { Field } from '../../model/field.js';
import { PARTITION_FIELD } from '../../model/hidden-field.js';
import { MILVUS } from '../../model/milvus-code.js';
import type { Schema } from '../../model/schema.js';
import type { FieldChange, PropertiesInput } from '../api.js';
import { changeManifest, withField, withFieldChange } from './collection-schema.js';
import { withHidden, withProperties } from './collection-settings.js';
import type { CollectionState } from './collection-state.js';
import type { CollectionWrites } from './collection-writes.js';
import { droppablePartition, partitionNamed, partitionsOf, withPartition } from './partitions.js';
import { mergedProperties, withoutProperties } from './properties.js';

export class CollectionAdmin {
  readonly #state: CollectionState;
  readonly #writes: CollectionWrites;

  constructor(state: CollectionState, writes: CollectionWrites) {
    this.#state = state;
    this.#writes = writes;
  }

  addField(field: Field): Promise<void> {
    return this.#change((manifest) => withSchema(manifest, withField(manifest.schema, field)));
  }

  alterField(fieldName: string, change: FieldChange): Promise<void> {
    return this.#change((manifest) => withSchema(manifest, withFieldChange(manifest.schema, fieldName, change)));
  }

  /** Sets properties; those that are not given stay. Errors: `InvalidArgument`. */
  alterProperties(properties: PropertiesInput): Promise<void> {
    return this.#change((manifest) => withProperties(manifest, mergedProperties(manifest.properties ?? {}, properties), this.#nowMs));
  }

  dropProperties(names: readonly string[]): Promise<void> {
    return this.#change((manifest) => withProperties(manifest, withoutProperties(manifest.properties ?? {}, names), this.#nowMs));
  }

  get properties(): Properties {
    return this.#manifest.properties ?? {};
  }

  get consistencyLevel(): ConsistencyLevel {
    return this.#manifest.consistencyLevel ?? CONSISTENCY_DEFAULT;
  }

  get partitionNames(): readonly string[] {
    return partitionsOf(this.#manifest).list.map(({ name }) => name);
  }

  /** Errors: `NotFound`. */
  requirePartition(name: string): void {
    partitionNamed(this.#manifest, name);
  }

  createPartition(name: string): Promise<void> {
    return this.#change((manifest) => {
      const partitions = withPartition(manifest, name);
      if (partitions === partitionsOf(manifest)) return manifest;
      return { ...withHidden(manifest, PARTITION_FIELD), partitions };
    });
  }

  /** Its rows are deleted first: a crash in between leaves it empty. */
  async dropPartition(name: string): Promise<void> {
    this.#state.writer();
    const partition = droppablePartition(this.#manifest, name);
    if (partition === undefined) return;
    const { leaving } = this.#state;
    leaving.add(partition.number);
    try {
      await this.#writes.deleteWithin([{ kind: 'compare', field: PARTITION_FIELD.name, op: 'eq', value: partition.number }]);
      await this.#change((manifest) => ({ ...manifest, partitions: without(partitionsOf(manifest), partition.number) }));
    } finally {
      leaving.delete(partition.number);
    }
  }

  truncate(): Promise<void> {
    return this.#writes.truncate();
  }

  get isReleased(): boolean {
    return this.#state.isReleased;
  }

  /** Reads are answered again; what they need is read as they come. */
  load(): void {
    this.#state.table();
    this.#state.isReleased = false;
  }

  /** Frees what is in memory and can be read again; reads are refused until `load`. */
  release(): void {
    this.#state.table();
    this.#state.isReleased = true;
    for (const segment of this.#state.table().sealed) {
      if (segment.users > 0 || segment.stored === undefined) continue;
      segment.dropVectors();
      segment.dropColumns();
    }
  }

  get #manifest(): Manifest {
    return this.#state.manifests.manifest;
  }

  get #nowMs(): number {
    return this.#state.environment.ambient.nowMs();
  }

  async #change(edit: (before: Manifest) => Manifest): Promise<void> {
    await this.#state.writer().exclusive(() => changeManifest(this.#state, edit));
  }
}

/** Errors: `InvalidArgument` by which clients of Milvus know that it is not loaded. */
export function requireLoaded({ isReleased, name }: CollectionState): void {
  if (isReleased) throw new ElanusError('InvalidArgument', `collection not loaded[collection=${name}]`, { milvusCode: MILVUS.collectionNotLoaded });
}

function withSchema(manifest: Manifest, schema: Schema): Manifest {
  return schema === manifest.schema ? manifest : { ...manifest, schema };
}

function without({ list, next }: Partitions, number: number): Partitions {
  return { list: list.filter((partition) => partition.number !== number), next };
}
