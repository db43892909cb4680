// What comes from the operating system: compilers, CMake, GoogleTest, browsers. Each tool is looked for by a cheap
// check; only what is missing is installed, with apt-get, as root or through a sudo that asks for nothing.
// Anywhere else the message names what to install.

import { existsSync, readdirSync } from 'node:fs';
import { outputOf, run, StepError, which } from '../lib/run.mjs';

const anyExists = (...paths) => paths.some((path) => existsSync(path));

const clangRuntime = (version) => `/usr/lib/llvm-${version}/lib/clang/${version}/lib/wasi/libclang_rt.builtins-wasm32.a`;

/** Clang, its linker and what it links for wasm32. */
const clangForWasm = (version) => ({
  package: [`clang-${version}`, `lld-${version}`, `libc++-${version}-dev-wasm32`, `libc++abi-${version}-dev-wasm32`, `libclang-rt-${version}-dev-wasm32`, 'wasi-libc'],
  present: () => [`clang++-${version}`, `wasm-ld-${version}`].every(which) && [clangRuntime(version), '/usr/lib/wasm32-wasi/libc.a'].every((path) => existsSync(path)),
});

/** name -> how to see that it is there, and Debian's package or packages for it. */
const tools = {
  cmake: { package: 'cmake', present: () => which('cmake') !== undefined },
  'a C++ compiler': { package: 'g++', present: () => ['c++', 'g++', 'clang++'].some(which) },
  'ninja or make': { package: 'ninja-build', present: () => which('ninja') !== undefined || which('make') !== undefined },
  GoogleTest: {
    package: 'libgtest-dev',
    present: () => anyExists('/usr/include/gtest/gtest.h', '/usr/local/include/gtest/gtest.h', '/opt/homebrew/include/gtest/gtest.h'),
  },
  'Clang with libFuzzer': { package: ['clang', 'libclang-rt-dev'], present: () => fuzzingClang() !== undefined },
  Chromium: { package: 'chromium', present: () => anyExists(process.env.ELANUS_CHROMIUM ?? '/usr/bin/chromium') },
  Firefox: { package: 'firefox-esr', present: () => anyExists(process.env.ELANUS_FIREFOX ?? '/usr/bin/firefox-esr') },
  WebKitGTK: { package: 'webkit2gtk-driver', present: () => which('WebKitWebDriver') !== undefined },
  Xvfb: { package: 'xvfb', present: () => which('Xvfb') !== undefined },
  'Python with venv': {
    package: 'python3-venv',
    present: () => outputOf('python3', ['-c', 'import ensurepip, venv']) !== undefined,
  },
  "Python's headers": { package: 'python3-dev', present: () => anyExists(pythonHeader() ?? '') },
  'Clang 22 for wasm32': clangForWasm(22),
  'Clang 19 for wasm32': clangForWasm(19),
  'the Emscripten compiler': { package: 'emscripten', present: () => which('em++') !== undefined },
};

function pythonHeader() {
  return outputOf('python3', ['-c', "import sysconfig; print(sysconfig.get_path('include') + '/Python.h')"])?.trim();
}

/** A clang++ whose libFuzzer is installed, or undefined. */
export function fuzzingClang() {
  const names = ['clang++', ...Array.from({ length: 20 }, (_, i) => `clang++-${33 - i}`)];
  return names.map(which).find((clang) => {
    if (clang === undefined) return false;
    const folder = outputOf(clang, ['-print-runtime-dir'])?.trim() ?? '';
    return existsSync(folder) && readdirSync(folder).some((file) => file.startsWith('libclang_rt.fuzzer'));
  });
}

/** How to run apt-get here: a prefix of the command line, or undefined if it cannot be run. */
function aptPrefix() {
  if (which('apt-get') === undefined) return undefined;
  if (process.getuid?.() === 0) return [];
  return which('sudo') && outputOf('sudo', ['-n', 'true']) !== undefined ? ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive'] : undefined;
}

async function apt(prefix, log, args) {
  const [command, ...rest] = [...prefix, 'apt-get', ...args];
  await run(log, command, rest, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
}

/** Sees to it that the tools named are there. Returns a note for the step's line. Errors: StepError, saying what to install. */
export async function setUpSystemPackages(names) {
  const missing = names.filter((name) => !tools[name].present());
  if (missing.length === 0) return 'as they were';
  const packages = missing.flatMap((name) => tools[name].package);
  const prefix = aptPrefix();
  if (prefix === undefined) {
    throw new StepError(
      `Missing: ${missing.join(', ')}. This script can install them only with apt-get, as root or through sudo without a password.\n` +
        `On Debian or Ubuntu run, as root:\n\n  apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}\n\n` +
        'Elsewhere install the same by your own package manager, then run this command again.',
    );
  }
  await apt(prefix, 'apt-update', ['update']);
  await apt(prefix, 'apt-install', ['install', '-y', '--no-install-recommends', ...packages]);
  const absent = missing.filter((name) => !tools[name].present());
  if (absent.length > 0) throw new StepError(`apt-get installed ${packages.join(' ')}, yet ${absent.join(', ')} is still not found`);
  return `installed ${packages.join(' ')}`;
}
