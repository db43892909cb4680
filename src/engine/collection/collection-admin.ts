// CollectionAdmin: the verbs that change what a collection is, not its rows: its schema, partitions and properties; and
// those that empty it, or free what it holds in memory.

import type { Released } from '../../format/catalog.js';
import type { Properties } from '../../format/properties.js';
import type { Manifest } from '../../format/manifest.js';
import type { Partitions } from '../../format/partitions.js';
import { CONSISTENCY_DEFAULT, type ConsistencyLevel } from '../../model/consistency-level.js';
import type { Field } from '../../model/field.js';
import { PARTITION_FIELD } from '../../model/hidden-field.js';
import type { Schema } from '../../model/schema.js';
import type { FieldChange, PropertiesInput } from '../api.js';
import { changeManifest, withField, withFieldChange } from './collection-schema.js';
import { withHidden, withProperties } from './collection-settings.js';
import type { CollectionState } from './collection-state.js';
import type { CollectionWrites } from './collection-writes.js';
import { droppablePartition, partitionNamed, partitionsOf, withPartition } from './partitions.js';
import { mergedProperties, withoutProperties } from './properties.js';
import { isReleased, loadAll, loadPartitions, releaseAll, releasedOf, releasePartitions } from './release.js';

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
      const partitions = withPartition(manifest, name, this.#nowMs);
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

  /** Whether reads of it, or of one partition, are refused. Errors: `NotFound`. */
  isReleased(partition?: string): boolean {
    this.#state.table();
    const number = partition === undefined ? undefined : partitionNamed(this.#manifest, partition).number;
    return isReleased(this.#state) || (number !== undefined && this.#state.released.has(number));
  }

  /** As the catalog keeps it; undefined if everything is loaded. */
  get released(): Released | undefined {
    return releasedOf(this.#state);
  }

  load(): void {
    loadAll(this.#state);
  }

  release(): void {
    releaseAll(this.#state);
  }

  loadPartitions(names: readonly string[]): void {
    loadPartitions(this.#state, names);
  }

  releasePartitions(names: readonly string[]): void {
    releasePartitions(this.#state, names);
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

function withSchema(manifest: Manifest, schema: Schema): Manifest {
  return schema === manifest.schema ? manifest : { ...manifest, schema };
}

function without({ list, next }: Partitions, number: number): Partitions {
  return { list: list.filter((partition) => partition.number !== number), next };
}
