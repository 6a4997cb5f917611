import { RemoteVault, type ConnectOptions, type Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../harness/eventually.js';
import { all, enrol, grantToClinic, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';

const BIN = join(__dirname, '../../../client/bin/vitaledger.js');

describe('vitaledger vault serve', function () {
  this.timeout(60_000);
  let serving: ChildProcess;
  let url: string;
  const lines: string[] = [];
  let hospital: Vitaledger;
  let doctor: Vitaledger;

  /** The vault as the clinic reaches it: over the network only. */
  const overNetwork = (tlsRoots: string): Pick<ConnectOptions, 'vault'> => {
    const remote = new RemoteVault({ url, tlsRoots, attempts: 2 });
    return { vault: (mspId) => (mspId === 'HospitalMSP' ? remote : undefined) };
  };

  before(async () => {
    const network = await suiteNetwork();
    // The certificate of the hospital's peer is one for localhost.
    const profile = JSON.parse(readFileSync(network.profile('hospital'), 'utf8')) as {
      peers: Record<string, { tlsCACerts: { pem: string } }>;
    };
    const [[peer, { tlsCACerts }] = assert.fail('no peer')] = Object.entries(profile.peers);
    const tls = join(dirname(network.profile('hospital')), 'peers', peer, 'tls');
    const args = ['vault', 'serve', '--listen', 'localhost:0'];
    args.push('--profile', network.profile('hospital'));
    args.push('--identity', network.identity('hospital', 'service').mspDirectory);
    args.push('--tls-certificate', join(tls, 'server.crt'), '--tls-key', join(tls, 'server.key'));
    serving = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const output = createInterface({ input: serving.stdout! });
    output.on('line', (line) => lines.push(line));
    const [first] = (await once(output, 'line')) as [string];
    url = /https:\S+/.exec(first)?.[0] ?? assert.fail(first);
    hospital = await as('hospital', 'service', { actor: { role: 'practitioner', subject: 'd1' } });
    const actor = { role: 'practitioner', subject: 'c1' } as const;
    doctor = await as('clinic', 'service', { actor, ...overNetwork(tlsCACerts.pem) });
  });
  after(() => {
    serving.kill('SIGKILL');
  });

  const patientWithRecord = async (): Promise<TestPatient> => {
    const patient = await enrol(['hospital', 'HospitalMSP']);
    await hospital.records.register(patient.at.HospitalMSP!.patient, observation(151));
    return patient;
  };

  it('lends what a receipt opens, and nothing once the consent is revoked', async () => {
    const patient = await patientWithRecord();
    const at = patient.at.HospitalMSP!;
    const consent = await grantToClinic(hospital, patient);
    const receipt = await doctor.access.request({ ...at, purpose: 'TREAT' });
    const [record] = await all(doctor.access.open(receipt));
    const [late] = await all(doctor.access.open(receipt));
    const resource = (await record!.json()) as { valueQuantity?: { value?: number } };
    assert.equal(resource.valueQuantity?.value, 151);
    const secret = await patient.key.revocationSecret(consent);
    await hospital.consents.revoke({ consent, secret, patients: [at] });
    // It has the manifest and the ledger's share already; the vault asks again.
    const refusal = await refused('CONSENT_DENIED', late!.json());
    assert.equal(refusal.details.receipt, receipt.receipt);
    await eventually(
      () => Promise.resolve(lines.map((line) => line.slice(line.indexOf(' ') + 1))),
      (told) =>
        ['capability OK', 'share OK', 'object OK', 'capability CONSENT_DENIED'].every((one) =>
          told.includes(one),
        ),
    );
    assert.ok(!lines.join('\n').includes(at.patient), 'the log names nobody');
  });

  it('that has ended is said to be down', async () => {
    const patient = await patientWithRecord();
    await grantToClinic(hospital, patient);
    const receipt = await doctor.access.request({ ...patient.at.HospitalMSP!, purpose: 'TREAT' });
    const [record] = await all(doctor.access.open(receipt));
    const ended = once(serving, 'exit');
    serving.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    await refused('UNAVAILABLE', record!.json(), /does not answer/);
  });
});
