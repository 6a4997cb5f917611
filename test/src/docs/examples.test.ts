import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import * as sdk from '@vitaledger/client';

const SOURCES = join(__dirname, '../../../client/src');
const run = promisify(execFile);

/** What examples take for granted, with its type: a reader has something of the kind. */
const GIVEN: Readonly<Record<string, string>> = {
  'ledger, doctor, hospital': 'sdk.Vitaledger',
  'key, patientKey, daughter': 'sdk.PatientKey & { publicKeys: readonly [sdk.EnrolledKey] }',
  'token, clinic, pharmacy': 'sdk.PatientToken',
  patients: 'readonly sdk.PatientToken[]',
  'patient, record, networkId, tlsRoots, pem, subject': 'string',
  'profile, identity': 'string',
  'consent, before': 'sdk.SignedConsent',
  question: 'sdk.AccessQuestion',
  questions: 'Parameters<typeof sdk.explain>[0]["questions"]',
  provision: 'sdk.ConsentProvision',
  text: '{ content: string; language: string }',
  signal: 'AbortSignal',
  request: 'string',
  validUntil: 'Date',
  medicationRequest: 'sdk.fhir4.MedicationRequest',
  resources: 'AsyncIterable<sdk.BulkRecord>',
  records: 'AsyncIterable<unknown>',
  error: 'unknown',
  credentials: 'sdk.S3Credentials',
  device: '{ sign(digest: string): Promise<Uint8Array> }',
  client: 'import("@grpc/grpc-js").Client',
  idsByReference: 'Map<string, string>',
};

/** Names that an example needs of others. */
const IMPORTS = `
import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import * as sdk from '@vitaledger/client';
const { ${Object.keys(sdk).join(', ')} } = sdk;
type Logger = sdk.Logger;
type DatabaseOfNode = sdk.SqlDatabase;
declare const DatabaseSync: new (file: string) => DatabaseOfNode;
declare function handle(event: unknown): Promise<void>;
`;

interface Example {
  /** Where it stands. */
  readonly file: string;
  readonly code: string;
  /** Where its words differ from those that most examples take for granted. */
  readonly given: string;
}

function examples(): readonly Example[] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort()
    .flatMap((name) => {
      const text = readFileSync(join(SOURCES, name), 'utf8');
      return [...text.matchAll(/```typescript\n(.*?)```/gsu)].map(([, lines = '']) => {
        const code = lines.replaceAll(/^ *\* ?/gmu, '');
        return { file: name, code, given: givenFor(name, code) };
      });
    });
}

/** Declarations of what an example uses and does not make itself. */
function givenFor(name: string, code: string): string {
  return Object.entries({ ...GIVEN, ...OWN[name] })
    .flatMap(([names, type]) => names.split(', ').map((one) => [one, type] as const))
    .reduce<(readonly [string, string])[]>(
      (all, [one, type]) => [...all.filter(([known]) => known !== one), [one, type]],
      [],
    )
    .filter(([one]) => !new RegExp(`\\b(const|function) (\\{[^}]*)?\\b${one}\\b`, 'u').test(code))
    .map(([one, type]) => `declare const ${one}: ${type};`)
    .join('\n');
}

const OWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'consents/consents.ts': { hospital: 'sdk.PatientToken' },
  'records/records.ts': { certificate: 'sdk.ContentCertificate' },
  'offline/offline-signing.ts': { certificate: 'string' },
  'exchange/import-source.ts': { patients: 'string' },
  'observability/logger.ts': {
    pino: '() => Record<"debug" | "info" | "warn" | "error", (fields: object, message: string) => void>',
  },
  'signer/native-signer.ts': {
    fabric: 'typeof import("@hyperledger/fabric-gateway")',
    identity: 'import("@hyperledger/fabric-gateway").Identity',
  },
};

describe('the examples in the documentation of the SDK', function () {
  this.timeout(60_000);

  it('compile as they stand there', async () => {
    const found = examples();
    assert.ok(found.length >= 30, `only ${found.length} were found`);
    const folder = mkdtempSync(join(__dirname, 'examples-'));
    try {
      const files = found.map(({ file, code, given }, index) => {
        const path = join(folder, `${file.replaceAll(/[/.]/gu, '_')}-${index}.mts`);
        writeFileSync(path, `${IMPORTS}\n${given}\n{\n${code}\n}\n`);
        return path;
      });
      const tsc = join(dirname(require.resolve('@typescript/native/package.json')), 'bin/tsc');
      const options = [
        '--noEmit',
        '--target',
        'es2022',
        '--lib',
        'es2023,esnext.disposable',
        '--module',
        'nodenext',
      ];
      const strict = ['--types', 'node', '--strict', '--skipLibCheck', '--ignoreConfig'];
      await run(process.execPath, [tsc, ...options, ...strict, ...files]).catch((error: unknown) => {
        const { stdout } = error as { stdout: string };
        assert.fail(stdout.replaceAll(relative(process.cwd(), folder), ''));
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
