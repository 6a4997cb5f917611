// Runs the JavaScript of a story: `node docs/stories/read.cjs docs/stories/broken-glass.md`, from the project's folder, with a network up.
'use strict';
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const sdk = require('@vitaledger/client');

const members = process.env.VITALEDGER_NETWORK ?? '.vitaledger/network';
const connections = [];

/** Connects a user of an organization; a `service` says for whom it acts. */
async function as(organization, user, actor) {
  const folder = join(members, 'organizations/peerOrganizations', `${organization}.example`);
  const ledger = await sdk.connect({
    profile: join(folder, `vitaledger-${organization}.json`),
    identity: join(folder, 'users', `${user}@${organization}.example`, 'msp'),
    ...(actor === undefined ? {} : { actor }),
  });
  connections.push(ledger);
  return ledger;
}

/** A patient with a phone, known at organizations. `at.hospital` is what the hospital calls them. */
async function patientOf(...organizations) {
  const key = await sdk.PatientKey.generate();
  const at = {};
  for (const organization of organizations) {
    const registrar = await as(organization, 'registrar');
    at[organization] = await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'US-CA' });
  }
  return { key, at, everywhere: Object.values(at) };
}

/** The patient signs on the phone; a relay brings it to every custodian. Returns the consent's id. */
async function signs(patient, relay, provision, content) {
  const patients = patient.everywhere;
  const consent = await patient.key.consent({ patients, provision, text: { content, language: 'en' } });
  const report = await relay.consents.grant({ consent, patients, key: patient.key });
  if (!report.complete) throw new Error(String(report));
  return consent.consent;
}

/** What comes of work: `done`, or the code of its refusal with the reason. */
async function outcomeOf(work) {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (!(error instanceof sdk.VitaledgerError)) throw error;
    return [error.code, error.details.reason, error.details.citation].filter(Boolean).join(' ');
  }
}

async function all(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Another organization's peer has a block a moment later: looks again until it is so. */
async function until(look, expected) {
  for (let tries = 0; tries < 100; tries++) {
    if ((await look()) === expected) return expected;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never became: ${expected}`);
}

const observation = (value) => ({
  resourceType: 'Observation',
  status: 'final',
  subject: { reference: 'Patient/example' },
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6', display: 'Systolic blood pressure' }] },
  effectiveDateTime: '2024-03-02',
  valueQuantity: { value, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
});

async function main([story]) {
  const blocks = [...readFileSync(story, 'utf8').matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
  const cast = { ...sdk, as, patientOf, signs, outcomeOf, all, until, observation, tell: console.log };
  const script = blocks.map((code, index) => `console.log('scene ${String(index)}');\n${code}`).join('\n');
  const { constructor: AsyncFunction } = Object.getPrototypeOf(main);
  try {
    await new AsyncFunction(...Object.keys(cast), script)(...Object.values(cast));
  } finally {
    for (const ledger of connections) ledger.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
