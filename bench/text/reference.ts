// The reference: Apache Lucene, which comes from Maven into the local repository of Maven on first use, and takes Java 17.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inRepository } from '../repository.js';
import { UsageError } from '../usage-error.js';
import type { TestCollection, Text } from './collection.js';

const LUCENE = '9.12.3';
const MODULES = ['core', 'analysis-common', 'analysis-icu', 'analysis-smartcn'];
type Artifact = readonly [group: string, name: string, version: string];
/** What lucene-analysis-icu brings. */
const ICU: Artifact = ['com.ibm.icu', 'icu4j', '74.2'];
const OUTPUT_BYTES_MAX = 1024 ** 3;

export const REFERENCE_ANALYZERS = ['standard', 'english', 'german', 'russian', 'arabic', 'hindi', 'thai', 'smartcn', 'cjk', 'icu'] as const;

/** The ten best documents by query. Errors: `UsageError` if Lucene cannot be had. */
export function referenceAnswers({ corpus, queries }: TestCollection, analyzer: string): ReadonlyMap<string, readonly string[]> {
  const input = `${[...corpus.map((text) => line('D', text)), ...queries.map((text) => line('Q', text))].join('\n')}\n`;
  const { status, stdout, stderr, error } = spawnSync('java', ['-cp', classPath(), inRepository('bench/text/Reference.java'), analyzer], { input, encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX });
  if (status !== 0) throw new UsageError(`Lucene: ${error?.message ?? stderr.slice(-400)}`);
  return new Map(stdout.trimEnd().split('\n').map((answer) => {
    const [query = '', ...documents] = answer.split('\t');
    return [query, documents] as const;
  }));
}

function line(kind: string, { id, text }: Text): string {
  return `${kind}\t${id}\t${text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]/g, ' ')}`;
}

function classPath(): string {
  const lucene = MODULES.map((module): Artifact => ['org.apache.lucene', `lucene-${module}`, LUCENE]);
  for (const artifact of lucene.filter((one) => !existsSync(jarOf(one)))) {
    const { status, stdout, stderr, error } = spawnSync('mvn', ['-q', 'dependency:get', `-Dartifact=${artifact.join(':')}`], { encoding: 'utf8' });
    if (status !== 0) throw new UsageError(`Lucene: ${error?.message ?? (stderr || stdout).slice(-400)}`);
  }
  return [...lucene, ICU].map(jarOf).join(':');
}

function jarOf([group, name, version]: Artifact): string {
  return join(homedir(), '.m2/repository', group.replaceAll('.', '/'), name, version, `${name}-${version}.jar`);
}
