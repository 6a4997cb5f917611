import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const project = join(__dirname, '../../validator');
/** Where Maven has told what the validator is made of; taken again by the next run. */
const cache = join(__dirname, '../../../node_modules/.cache/vitaledger/hapi-8.8.1');
const classpath = join(cache, 'classpath');
const resolver = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath';

/** One thing that the validator says of a file. */
export interface Finding {
  readonly file: string;
  readonly severity: string;
  readonly place: string;
  readonly message: string;
}

/**
 * HAPI's validator of FHIR R4, which needs no server; undefined, with the reason on the console, where there is no Java 17 with Maven,
 * where its 90 MB cannot be had, and where nobody asked for it.
 */
export async function hapiValidator(): Promise<typeof validate | undefined> {
  const skipped = (why: string): void => {
    console.warn(`      SKIPPED: HAPI does not judge what is written as FHIR: ${why}`);
  };
  if (process.env.VITALEDGER_FHIR_TESTS === undefined) {
    skipped('VITALEDGER_FHIR_TESTS=1 has it do so (with Java 17 and Maven, a minute)');
    return undefined;
  }
  if (!existsSync(classpath)) {
    try {
      mkdirSync(cache, { recursive: true });
      const part = join(cache, 'resolving');
      await run('mvn', ['-q', '-B', '-f', join(project, 'pom.xml'), resolver, `-Dmdep.outputFile=${part}`]);
      writeFileSync(classpath, readFileSync(part));
    } catch (error) {
      skipped(`Maven cannot install it: ${String(error)}`);
      return;
    }
  }
  try {
    await run('javac', ['-version']);
  } catch {
    skipped('there is no Java 17 development kit');
    return;
  }
  return validate;
}

/** What the validator says of resources, errors and warnings. */
async function validate(resources: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vitaledger-fhir-'));
  try {
    const names = Object.keys(resources);
    for (const [name, json] of Object.entries(resources)) writeFileSync(join(folder, name), json);
    const files = names.map((name) => join(folder, name));
    const program = ['-cp', readFileSync(classpath, 'utf8').trim(), join(project, 'Validate.java'), ...files];
    const { stdout } = await run('java', program, { maxBuffer: 64 * 1024 * 1024 });
    const lines = stdout.trim().split('\n');
    const findings = lines.map((line) => {
      const [file = '', severity = '', place = '', message = ''] = line.split('\t');
      return { file: file.slice(folder.length + 1), severity, place, message };
    });
    const judged = findings.filter(({ severity }) => severity === 'DONE');
    if (judged.length !== names.length) throw new Error('The validator did not judge all files');
    return findings.filter(({ severity }) => severity !== 'DONE');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
