import {
  connect,
  fileSource,
  FileVault,
  newObjectName,
  PatientKey,
  storeContent,
  type Vitaledger,
} from '@vitaledger/client';
import { startNetwork } from '@vitaledger/network';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EngineName } from './ledger-system.js';
import { median } from './load.js';
import type { Result } from './results.js';
import { syntheticPeople } from './synthetic-people.js';
import { recordsTopology } from './topology.js';

/** What storing a document is aimed to reach. */
export const VAULT_GATES = {
  /** Of the rate of a bare loop of AES-256-GCM and SHA-256 over the same chunks. */
  ratio: 0.7,
  growthMiB: 64,
} as const;

const MIB = 1 << 20;
const DOCUMENT_MIB = 1024;
const ENROLLED_AT_ONCE = 16;

export interface VaultRunOptions {
  /** People whose records are imported. */
  readonly patients: number;
  readonly rounds: number;
  readonly engines: readonly EngineName[];
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** Measures the storing of a document of 1 GiB beside the bare work on its bytes, and an import of many people's records. */
export async function vaultRun(options: VaultRunOptions): Promise<readonly Result[]> {
  const results = [...(await documentRun(options))];
  for (const engine of options.engines) results.push(...(await importRun(engine, options)));
  return results;
}

async function documentRun({ rounds, folder, onProgress }: VaultRunOptions): Promise<readonly Result[]> {
  const chunk = randomBytes(MIB);
  const vault = new FileVault(join(folder, 'vault'));
  const ratios: number[] = [];
  const rates: number[] = [];
  const processor: number[] = [];
  let growth = 0;
  for (let round = 0; round <= rounds; round++) {
    const bare = await timed(() => {
      bareLoop(chunk);
    });
    const object = newObjectName();
    const stored = await timed(() =>
      storeContent(vault, repeated(chunk), { object, record: 'ab'.repeat(16), version: 1 }),
    );
    await vault.erase(object);
    onProgress(
      `document: round ${String(round)} of ${String(rounds)}, ${(bare.ms / stored.ms).toFixed(2)} of the bare loop`,
    );
    // The first round warms up.
    if (round === 0) continue;
    ratios.push(bare.ms / stored.ms);
    processor.push(bare.cpu / stored.cpu);
    rates.push((DOCUMENT_MIB * 1000) / stored.ms);
    growth = Math.max(growth, stored.growth);
  }
  const { ratio, growthMiB } = VAULT_GATES;
  return [
    result('vault.document.of-bare-loop', median(ratios), 'ratio', {
      gate: `>= ${String(ratio)}`,
      met: median(ratios) >= ratio,
    }),
    result('vault.document.memory', growth, 'MiB', {
      gate: `<= ${String(growthMiB)}`,
      met: growth <= growthMiB,
    }),
    result('vault.document.of-bare-loop.processor', median(processor), 'ratio'),
    result('vault.document.rate', median(rates), 'MiB/s'),
  ];
}

/** What no way of storing can leave out. */
function bareLoop(chunk: Uint8Array): void {
  const key = randomBytes(32);
  const nonce = Buffer.alloc(12);
  const hash = createHash('sha256');
  for (let index = 0; index < DOCUMENT_MIB; index++) {
    nonce.writeUInt32BE(index);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.update(chunk);
    cipher.final();
    cipher.getAuthTag();
    hash.update(chunk);
  }
  hash.digest();
}

async function* repeated(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < DOCUMENT_MIB; index++) yield await Promise.resolve(chunk);
}

async function importRun(
  engine: EngineName,
  { patients, folder, onProgress }: VaultRunOptions,
): Promise<readonly Result[]> {
  const network = await startNetwork({
    topology: recordsTopology(),
    engine,
    directory: join(folder, engine),
    onProgress,
  });
  try {
    await using registrar = await connect({
      profile: network.profile('hospital'),
      identity: network.identity('hospital', 'registrar').mspDirectory,
    });
    const ids = await enrolled(registrar, patients);
    onProgress(`${engine}: ${String(patients)} patients enrolled`);
    const path = join(folder, `${engine}.ndjson`);
    await pipeline(Readable.from(lines(patients)), createWriteStream(path));
    let told = 0;
    const imported = await timed(() =>
      registrar.fhir.import(fileSource(path), {
        patients: (subject) => ids.get(subject),
        onProgress: ({ position, total }) => {
          if (position - told < 5000) return;
          told = position;
          onProgress(`${engine}: ${String(position)} of ${String(total)} resources`);
        },
      }),
    );
    const { registered, failed, total } = imported.result;
    if (registered !== total || failed > 0)
      throw new Error(`Only ${String(registered)} of ${String(total)} went in`);
    return [
      result(`${engine}.import.resources`, (registered * 1000) / imported.ms, '1/s'),
      result(`${engine}.import.patients`, (patients * 1000) / imported.ms, '1/s'),
      result(`${engine}.import.memory`, imported.growth, 'MiB'),
      result(`${engine}.import.count`, registered, 'resources'),
    ];
  } finally {
    await network.clean();
  }
}

async function enrolled(registrar: Vitaledger, count: number): Promise<ReadonlyMap<string, string>> {
  // One device for all: making keys is not what is measured.
  const { publicKeys: keys } = await PatientKey.generate();
  const ids = new Map<string, string>();
  const waiting = Array.from({ length: count }, (_, n) => `Patient/p${String(n)}`).values();
  const work = async (): Promise<void> => {
    for (const name of waiting)
      ids.set(name, (await registrar.patients.enrol({ keys, jurisdiction: 'US-CA' })).patient);
  };
  await Promise.all(Array.from({ length: ENROLLED_AT_ONCE }, work));
  return ids;
}

function* lines(patients: number): Generator<string> {
  for (const resource of syntheticPeople(patients)) yield `${JSON.stringify(resource)}\n`;
}

interface Timed<T> {
  readonly result: T;
  readonly ms: number;
  /** Microseconds of the program's own work, without the system's. */
  readonly cpu: number;
  /** MiB that the process grew by at most. */
  readonly growth: number;
}

async function timed<T>(work: () => T | Promise<T>): Promise<Timed<T>> {
  const resident = (): number => process.memoryUsage.rss() / MIB;
  const before = resident();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, resident())), 20);
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  try {
    const done = await work();
    const ms = performance.now() - began;
    return { result: done, ms, cpu: process.cpuUsage(cpu).user, growth: Math.max(most, resident()) - before };
  } finally {
    clearInterval(watch);
  }
}

function result(name: string, value: number, unit: string, aim: Pick<Result, 'gate' | 'met'> = {}): Result {
  return { name, value: Number(value.toPrecision(3)), unit, reference: null, ...aim };
}

/** The figures as a text for a terminal. */
export function vaultReport(results: readonly Result[], patients: number): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const rows = results.map(({ name, value, unit, gate, met }) => {
    const aim = gate === undefined ? '' : `  ${gate}: ${met === true ? 'met' : 'NOT MET'}`;
    return `  ${name.padEnd(width)}  ${String(value)} ${unit}${aim}`;
  });
  return [
    '',
    `A document of 1 GiB encrypted and stored in a folder, beside a bare loop of AES-256-GCM and SHA-256; records of ${String(patients)} made-up people imported; memory: growth of the client`,
    ...rows,
  ].join('\n');
}
