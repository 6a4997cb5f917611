import { FileVault, PatientKey, type Registered } from '@vitaledger/client';
import type { PatientFile } from '../input/patient-file.js';
import { bytes, counted, short } from '../narrator/layout.js';
import type { Narrator } from '../narrator/narrator.js';
import { all, parties, type Cast, type CastPatient } from '../stage/cast.js';
import type { Stage } from '../stage/stage.js';

export async function recordsAreRegistered(
  narrator: Narrator,
  stage: Stage,
  cast: Cast,
  files: readonly PatientFile[],
): Promise<readonly CastPatient[]> {
  narrator.scene(`The hospital registers ${counted(files.length, 'patient')}`);
  narrator.tell(
    'A patient’s device makes its keys; the hospital enrols the public ones under a random number. Then the patient’s FHIR bundle ' +
      'goes in, whole or not at all: every content encrypted into the hospital’s own vault, one transaction on the ledger.',
  );
  const patients: CastPatient[] = [];
  for (const [index, file] of files.entries()) {
    patients.push(await registerPatient(narrator, cast, file, index + 1));
  }
  narrator.blank();
  await showWhereItIs(narrator, stage, cast, patients);
  return patients;
}

async function registerPatient(
  narrator: Narrator,
  { registrar, hospital }: Cast,
  file: PatientFile,
  number: number,
): Promise<CastPatient> {
  const key = await PatientKey.generate();
  const jurisdiction = 'US-MA';
  const token = await narrator.does(
    parties.hospital,
    ({ patient }) => `enrols patient ${number} as ${short(patient)}`,
    () => registrar.patients.enrol({ keys: key.publicKeys, jurisdiction }),
  );
  const { records } = await narrator.does(
    parties.hospital,
    (registered: Registered) => `registers ${counted(registered.records.length, 'record')} of ${file.file}`,
    (report) =>
      hospital.records.registerBundle(token.patient, file.content, {
        onProgress: ({ step, stored, total }) => {
          report(
            step === 'vault'
              ? `encrypts ${stored} of ${total} records of ${file.file}`
              : `submits ${total} records`,
          );
        },
      }),
  );
  return { file, key, token, records };
}

/** The same things, as the three places hold them. */
async function showWhereItIs(
  narrator: Narrator,
  stage: Stage,
  { registrar }: Cast,
  patients: readonly CastPatient[],
): Promise<void> {
  const listed = (
    await Promise.all(patients.map(({ token }) => all(registrar.records.list(token.patient))))
  ).flat();
  const size = listed.reduce((sum, { manifest }) => sum + manifest.size, 0);
  const example = listed.find(({ class: type }) => type === 'Condition') ?? listed[0];
  if (!example) return;
  const vault = new FileVault(stage.network.vault('hospital'));
  const head = await firstBytes(vault.getObject(example.manifest.object));
  const code = example.codes[0];
  narrator.sees(
    'In the vault',
    `${counted(listed.length, 'object')} of ciphertext, ${bytes(size)} of content, at the hospital only. One of them, ${short(example.manifest.object)}, begins with ${head}`,
  );
  narrator.sees(
    'Hospital’s peer',
    `of the same record, as private data that can be erased: ${example.class}, code ${code?.code ?? 'none'}, date ${example.date?.slice(0, 10) ?? 'none'}, and one half of its key. The other half is in the vault.`,
  );
  narrator.sees(
    parties.everybody,
    `${counted(2 * patients.length, 'transaction')} with salted hashes: no name, no number of a patient, no code. The last scene looks.`,
  );
}

async function firstBytes(content: AsyncIterable<Uint8Array>): Promise<string> {
  for await (const chunk of content) {
    return [...chunk.subarray(0, 12)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  }
  return 'nothing';
}
