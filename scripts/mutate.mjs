// Breaks the embedded ledger at one place after the other (test/conformance/mutations.json) and demands that a trace of the
// row of the checklist fails that the place belongs to. A mutation that no trace notices is an error. Rows as arguments: only
// those.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const embedded = join(root, 'network/embedded');
const mutations = JSON.parse(readFileSync(join(root, 'test/conformance/mutations.json'), 'utf8'));
const only = process.argv.slice(2);
const compilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  esModuleInterop: true,
};

/** The file's program with the mutation in it. */
function mutated({ file, find, replace, also = [] }) {
  let source = readFileSync(join(embedded, 'src', file), 'utf8');
  for (const edit of [{ find, replace }, ...also]) {
    if (source.split(edit.find).length !== 2) throw new Error(`${file}: not exactly once: ${edit.find}`);
    source = source.replace(edit.find, () => edit.replace);
  }
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

/** Whether a trace of the row fails. */
function isNoticed(row) {
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'test/dist/conformance/main.js'), '--engine', 'embedded', '--row', row],
    // A mutation may leave a request without its answer.
    { stdio: 'ignore', timeout: 90_000, env: { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'error' } },
  );
  return status !== 0;
}

/** Whether the traces of its row notice a mutation; the build is as before afterwards. */
function tried(mutation) {
  const built = join(embedded, 'dist', mutation.file.replace(/\.ts$/, '.js'));
  const original = readFileSync(built);
  const program = mutated(mutation);
  try {
    writeFileSync(built, program);
    return isNoticed(mutation.row);
  } finally {
    writeFileSync(built, original);
  }
}

// A change that changes nothing must not be noticed: otherwise the others say nothing.
const [first] = mutations;
if (tried({ ...first, replace: first.find, also: [] })) {
  throw new Error(`the traces of ${first.row} fail without a mutation`);
}
let survivors = 0;
for (const mutation of mutations.filter(({ row }) => only.length === 0 || only.includes(row))) {
  const noticed = tried(mutation);
  if (!noticed) survivors += 1;
  console.log(`${noticed ? 'noticed ' : 'SURVIVED'}  ${mutation.row}  ${mutation.file}: ${mutation.find}`);
}
console.log(`${survivors} survived`);
process.exit(survivors === 0 ? 0 : 1);
