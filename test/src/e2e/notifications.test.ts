import * as grpc from '@grpc/grpc-js';
import { connect, hash } from '@hyperledger/fabric-gateway';
import {
  nativeSigner,
  readIdentity,
  readProfile,
  type EventPosition,
  type ReceivedNotice,
  type Vitaledger,
} from '@vitaledger/client';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { eventually } from '../harness/eventually.js';
import { all, enrol, grantToClinic, observation, type TestPatient } from '../harness/patient.js';
import { as, suiteNetwork } from '../harness/suite-network.js';

/** What a patient's device hears, until it is stopped. */
class Device {
  readonly heard: ReceivedNotice[] = [];
  readonly #stop = new AbortController();
  readonly #listening: Promise<void>;

  constructor(relay: Vitaledger, patient: TestPatient, after: EventPosition) {
    this.#listening = this.#listen(relay, patient, after);
  }

  async until(count: number): Promise<void> {
    await eventually(
      () => Promise.resolve(this.heard.length),
      (length) => length >= count,
    );
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#listening;
  }

  async #listen(relay: Vitaledger, patient: TestPatient, after: EventPosition): Promise<void> {
    const { signal } = this.#stop;
    const notices = relay.notifications.watch(Object.values(patient.at), patient.key, { after, signal });
    for await (const notice of notices) this.heard.push(notice);
  }
}

/** The next events behind a place, as a client of a member that holds no patient data receives them. */
async function eventsSince({ block }: EventPosition, count: number) {
  const network = await suiteNetwork();
  const { profile } = await readProfile(network.profile('research'));
  const [[peerName, peer] = assert.fail('no peer')] = Object.entries(profile.peers);
  const { certificate, privateKey } = await readIdentity(
    network.identity('research', 'service').mspDirectory,
  );
  const client = new grpc.Client(
    new URL(peer.url).host,
    grpc.credentials.createSsl(Buffer.from(peer.tlsCACerts.pem)),
    { 'grpc.ssl_target_name_override': peerName },
  );
  const identity = { mspId: 'ResearchMSP', credentials: Buffer.from(certificate) };
  const gateway = connect({ client, identity, signer: nativeSigner(privateKey), hash: hash.none });
  const events = await gateway.getNetwork('care').getChaincodeEvents('care', { startBlock: block + 1n });
  try {
    const seen: { name: string; payload: string }[] = [];
    for await (const { eventName, payload } of events) {
      seen.push({ name: eventName, payload: Buffer.from(payload).toString() });
      if (seen.length === count) break;
    }
    return seen;
  } finally {
    events.close();
    gateway.close();
    client.close();
  }
}

describe('notices', () => {
  let hospital: Vitaledger;
  let doctor: Vitaledger;

  before(async () => {
    hospital = await as('hospital', 'service', { actor: { role: 'practitioner', subject: 'd1' } });
    doctor = await as('clinic', 'service', { actor: { role: 'practitioner', subject: 'c1' } });
  });

  /** A place in the ledger behind which everything that follows happens. */
  const here = async (): Promise<EventPosition> => {
    const { block } = await hospital.consents.revoke({
      consent: 'none',
      secret: randomBytes(32).toString('hex'),
    });
    return { block };
  };

  it('tell the patient who asked for what, and what became of consents, through any member’s gateway', async () => {
    const patient = await enrol(['hospital', 'HospitalMSP']);
    const other = await enrol(['hospital', 'HospitalMSP']);
    const [at, elsewhere] = [patient.at.HospitalMSP!, other.at.HospitalMSP!];
    await hospital.records.register(at.patient, observation());
    const device = new Device(await as('pharmacy', 'service'), patient, await here());
    try {
      await grantToClinic(hospital, other);
      const consent = await grantToClinic(hospital, patient);
      await device.until(1);
      const receipt = await doctor.access.request({ ...at, purpose: 'TREAT' });
      await doctor.access.request({ ...elsewhere, purpose: 'TREAT' });
      assert.equal((await all(doctor.access.open(receipt))).length, 1);
      await device.until(2);
      await hospital.notifications.changeKey(at, patient.key);
      await device.until(3);
      const secret = await patient.key.revocationSecret(consent);
      await hospital.consents.revoke({ consent, secret, patients: [at] });
      await doctor.access.request({ ...at, purpose: 'TREAT' });
      await device.until(5);
      // Whatever else there was to hear would have come before this.
      await grantToClinic(hospital, patient);
      await device.until(6);
      assert.deepEqual(
        device.heard.map(({ kind, entry, token }) => [kind, entry?.outcome, token]),
        [
          ['consent', undefined, at],
          ['access', 'permit', at],
          ['key', undefined, at],
          ['closed', undefined, at],
          ['access', 'deny', at],
          ['consent', undefined, at],
        ],
      );
      const [, access] = device.heard;
      assert.deepEqual(access!.entry?.actor, { mspId: 'ClinicMSP', role: 'practitioner', subject: 'c1' });
      assert.equal(access!.transaction, receipt.receipt);
    } finally {
      await device.stop();
    }
  });

  it('can be heard later, from where a device stopped', async () => {
    const patient = await enrol(['hospital', 'HospitalMSP']);
    const relay = await as('clinic', 'service');
    const start = await here();
    const consent = await grantToClinic(hospital, patient);
    await doctor.access.request({ ...patient.at.HospitalMSP!, purpose: 'TREAT' });
    const first = new Device(relay, patient, start);
    await first.until(1);
    await first.stop();
    const [{ position } = { position: start }] = first.heard;
    const second = new Device(relay, patient, position);
    await second.until(1);
    await second.stop();
    assert.deepEqual([first.heard[0]?.kind, second.heard[0]?.kind], ['consent', 'access']);
    assert.ok(consent);
  });

  it('show to a client of the channel one name and a tag, for everything and everybody', async () => {
    const patients = [await enrol(['hospital', 'HospitalMSP']), await enrol(['hospital', 'HospitalMSP'])];
    const start = await here();
    for (const patient of patients) {
      await grantToClinic(hospital, patient);
      await doctor.access.request({ ...patient.at.HospitalMSP!, purpose: 'TREAT' });
    }
    const seen = await eventsSince(start, 4);
    assert.deepEqual([...new Set(seen.map(({ name }) => name))], ['notice']);
    const payloads = seen.map(({ payload }) => payload);
    for (const payload of payloads) assert.match(payload, /^[0-9a-f]{64}$/);
    assert.equal(new Set(payloads).size, payloads.length, 'no two have anything in common');
  });
});
