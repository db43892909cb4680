// A vitest reporter that writes every test's outcome as JSON: [{ name, state, reason }]. Unlike vitest's own it keeps
// why a test was skipped, and counts a file that does not load and an error outside of any test as failures.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const outcome = (name, state, reason = '') => ({ name, state, reason });

/** What was expected and found, and where in our own files. */
function messageOf(errors) {
  const ours = (error) => (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !line.includes('node_modules'));
  return errors.map((error) => [`${error.name}: ${error.message}`, ...(error.diff ? [error.diff] : []), ...ours(error)].join('\n')).join('\n');
}

function ofTest(module, test) {
  const { state, note, errors } = test.result();
  const name = `${module.project.name}: ${module.relativeModuleId} > ${test.fullName}`;
  // A test that neither passed nor failed did not run, whatever it was waiting for.
  return outcome(name, state === 'pending' ? 'skipped' : state, state === 'failed' ? messageOf(errors ?? []) : (note ?? ''));
}

function ofModule(module) {
  const name = `${module.project.name}: ${module.relativeModuleId}`;
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  return [
    ...[...module.children.allTests()].map((test) => ofTest(module, test)),
    ...(module.errors().length > 0 ? [outcome(name, 'failed', messageOf(module.errors()))] : []),
    ...suites.map((suite) => outcome(`${name} > ${suite.fullName}`, 'failed', messageOf(suite.errors()))),
  ];
}

/** Named by its path in vitest's `--reporter`, so that it must be the default export. Writes to $TEST_OUTCOMES_FILE. */
export default class OutcomeReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const outcomes = [
      ...modules.flatMap(ofModule),
      ...unhandledErrors.map((error) => outcome('an error outside of any test', 'failed', messageOf([error]))),
    ];
    const path = process.env.TEST_OUTCOMES_FILE;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(outcomes));
  }
}
