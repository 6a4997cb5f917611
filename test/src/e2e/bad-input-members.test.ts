import { Client, credentials } from '@grpc/grpc-js';
import { connect as connectGateway, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { common, gateway as messages, msp, peer } from '@hyperledger/fabric-protos';
import {
  connect,
  nativeSigner,
  PatientKey,
  permission,
  readIdentity,
  readProfile,
  type MessageSigner,
  type Vitaledger,
} from '@vitaledger/client';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../harness/eventually.js';
import { all, condition, enrol, grantToClinic, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';

const actor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;
const text = { content: 'What this is about, in plain words.', language: 'en' };
const treatment = permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'] });

/** What members, their machines and clocks may do wrong, over the network; beside bad-input-access, which is about what is asked. */
describe('bad input by members', () => {
  let hospital: Vitaledger;
  let registrar: Vitaledger;
  let clinic: Vitaledger;
  let client: Client;
  let gateway: Gateway;
  let sign: MessageSigner;

  before(async () => {
    hospital = await as('hospital', 'service', { actor });
    registrar = await as('hospital', 'registrar');
    clinic = await as('clinic', 'service', { actor });
    const network = await suiteNetwork();
    const { profile } = await readProfile(network.profile('hospital'));
    const [name = '', node] = Object.entries(profile.peers)[0] ?? [];
    const { mspId, mspDirectory } = network.identity('clinic', 'service');
    const { certificate, privateKey } = await readIdentity(mspDirectory);
    client = new Client(new URL(node!.url).host, credentials.createSsl(Buffer.from(node!.tlsCACerts.pem)), {
      'grpc.ssl_target_name_override': name,
    });
    sign = nativeSigner(privateKey);
    gateway = connectGateway({
      client,
      identity: { mspId, credentials: Buffer.from(certificate) },
      signer: sign,
      hash: hash.none,
    });
  });
  after(() => {
    gateway.close();
    client.close();
  });

  const patientWithRecord = async (...more: Parameters<typeof enrol>): Promise<TestPatient> => {
    const patient = await enrol(['hospital', 'HospitalMSP'], ...more);
    await hospital.records.register(patient.at.HospitalMSP!.patient, observation());
    return patient;
  };
  const question = (patient: TestPatient) => ({ ...patient.at.HospitalMSP!, purpose: 'TREAT' });
  /** A request of the clinic's doctor, in the hands of Fabric's own client. */
  const proposal = async (patient: TestPatient) => {
    const { publicKeys } = await PatientKey.generate();
    const input = {
      patient: patient.at.HospitalMSP!.patient,
      scope: 'content',
      purpose: 'TREAT',
      filter: {},
      encryptionKey: publicKeys.find(({ use }) => use === 'enc')!.jwk,
      salt: randomBytes(16).toString('hex'),
      actor,
    };
    return gateway
      .getNetwork('care')
      .getContract('care')
      .newProposal('AccessContract:request', {
        transientData: { input: JSON.stringify(input) },
        endorsingOrganizations: ['HospitalMSP'],
      });
  };
  /** The same transaction with nobody's signature but that of an organization's peer, whose key is its administrator's to use. */
  const endorsedBy = async (endorsed: Uint8Array, mspId: string, domain: string) => {
    const network = await suiteNetwork();
    const folder = join(network.directory.peerOrganization(domain), 'peers', `peer0.${domain}`, 'msp');
    const { certificate, privateKey } = await readIdentity(folder);
    const endorser = new msp.SerializedIdentity();
    endorser.setMspid(mspId);
    endorser.setIdBytes(Buffer.from(certificate));

    const prepared = messages.PreparedTransaction.deserializeBinary(endorsed);
    const payload = common.Payload.deserializeBinary(prepared.getEnvelope()!.getPayload_asU8());
    const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
    const [action] = transaction.getActionsList();
    const proposed = peer.ChaincodeActionPayload.deserializeBinary(action!.getPayload_asU8());
    const signed = proposed.getAction()!;
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(endorser.serializeBinary());
    endorsement.setSignature(
      await nativeSigner(privateKey)(
        Buffer.concat([signed.getProposalResponsePayload_asU8(), endorser.serializeBinary()]),
      ),
    );
    signed.setEndorsementsList([endorsement]);
    action!.setPayload(proposed.serializeBinary());
    payload.setData(transaction.serializeBinary());
    prepared.getEnvelope()!.setPayload(payload.serializeBinary());
    const signature = await sign(payload.serializeBinary());
    return gateway.newSignedTransaction(prepared.serializeBinary(), signature);
  };

  it('an invalid private write: without the custodian’s endorsement it commits as invalid, and readers find nothing of it', async () => {
    const patient = await patientWithRecord();
    await grantToClinic(hospital, patient);
    const outcomes: (readonly [number, boolean])[] = [];
    for (const [mspId, domain] of [
      ['ClinicMSP', 'clinic.example'],
      ['HospitalMSP', 'hospital.example'],
    ] as const) {
      const endorsed = await (await proposal(patient)).endorse();
      const forged = await endorsedBy(endorsed.getBytes(), mspId, domain);
      const { code, successful } = await (await forged.submit()).getStatus();
      outcomes.push([code, successful]);
      const receipt = {
        receipt: endorsed.getTransactionId(),
        custodian: 'HospitalMSP',
        patient: patient.at.HospitalMSP!.patient,
        scope: 'content' as const,
        key: { open: () => assert.fail('something was released') },
      };
      if (successful) await clinic.access.outcome(receipt);
      else await refused('NOT_FOUND', all(clinic.access.open(receipt)));
    }
    assert.deepEqual(outcomes, [
      [10, false], // ENDORSEMENT_POLICY_FAILURE
      [0, true], // the same by the custodian's own peer, so nothing but the endorser was wrong
    ]);
    const log = await all(clinic.access.log(patient.at.HospitalMSP!, patient.key));
    assert.equal(log.length, 1);
  });

  it('a backdated timestamp: refused by the peer where it is far off, and by the clock of the channel where the peer would take it', async () => {
    const patient = await patientWithRecord();
    for (const [seconds, reason] of [
      [3600, /timestamp|timewindow/],
      [600, /TIMESTAMP_BEFORE_CLOCK/],
    ] as const) {
      const proposed = messages.ProposedTransaction.deserializeBinary((await proposal(patient)).getBytes());
      const signed = proposed.getProposal()!;
      const inner = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
      const header = common.Header.deserializeBinary(inner.getHeader_asU8());
      const channel = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
      const timestamp = channel.getTimestamp()!;
      timestamp.setSeconds(timestamp.getSeconds() - seconds);
      header.setChannelHeader(channel.serializeBinary());
      inner.setHeader(header.serializeBinary());
      signed.setProposalBytes(inner.serializeBinary());
      const signature = await sign(inner.serializeBinary());
      const backdated = gateway.newSignedProposal(proposed.serializeBinary(), signature);
      const error: unknown = await backdated.endorse().then(
        () => assert.fail('it was endorsed'),
        (thrown: unknown) => thrown,
      );
      assert.match(`${String(error)} ${JSON.stringify((error as { details?: unknown }).details)}`, reason);
    }
  });

  it('a subject minted by another organization’s CA: no member of the one it claims, and another person at its own', async () => {
    const patient = await patientWithRecord();
    const consent = await patient.key.consent({
      patients: Object.values(patient.at),
      provision: permission({
        to: [{ organization: 'HospitalMSP', subject: actor.subject }],
        purposes: ['TREAT'],
      }),
      text,
    });
    await hospital.consents.grant({ consent, patients: Object.values(patient.at), key: patient.key });
    const receipt = await hospital.access.request(question(patient));
    // The clinic lets a service of its own act under the pseudonym of the hospital's doctor.
    await refused('CONSENT_DENIED', all(clinic.access.read(question(patient))));
    await refused('PERMISSION_DENIED', all(clinic.access.open(receipt)));
    // Its certificate, presented as one of the hospital's.
    const network = await suiteNetwork();
    await using claiming = await connect({
      profile: network.profile('hospital'),
      identity: network.identity('clinic', 'service').mspDirectory,
      actor,
      retry: { attempts: 1 },
    });
    const refusal = await claiming.access.request(question(patient)).then(
      () => assert.fail('a certificate of the clinic was taken for one of the hospital'),
      (error: unknown) => error as { code: string; message: string },
    );
    assert.match(`${refusal.code} ${refusal.message}`, /PERMISSION_DENIED|PRECONDITION_FAILED/);
    assert.equal((await all(hospital.access.open(receipt))).length, 1);
  });

  it('a guardian past age-out: consents no more, and what they consented to before stays as they gave it', async function () {
    this.timeout(60_000);
    const [child, parent] = [await PatientKey.generate(), await PatientKey.generate()];
    const ageOut = new Date(Date.now() + 8000);
    const token = await registrar.patients.enrol({
      keys: child.publicKeys,
      jurisdiction: 'US-CA',
      ageOut: ageOut.toISOString(),
    });
    await hospital.records.register(token.patient, condition());
    await registrar.patients.recordGuardian({
      patient: token.patient,
      to: parent.publicKeys.find(({ use }) => use === 'sig')!.jwk,
      acts: ['consent', 'log'],
      basis: 'minor',
      document: 'd'.repeat(64),
      text,
    });
    const grant = async () => {
      const consent = await parent.consent({ patients: [token], provision: treatment, text });
      return (await hospital.consents.grant({ consent, patients: [token], key: parent })).deliveries[0];
    };
    await hospital.consents.list(token, parent);
    assert.equal((await grant())?.error, undefined);
    await new Promise((resolve) => setTimeout(resolve, ageOut.getTime() - Date.now() + 5));
    assert.match((await grant())?.error?.code ?? '', /PERMISSION_DENIED|EXPIRED/);
    const reads = [
      () => hospital.consents.list(token, parent),
      () => all(hospital.access.log(token, parent)),
    ];
    for (const read of reads) {
      const error = await (read() as Promise<unknown>).then(
        () => assert.fail('a guardian read past age-out'),
        (reason: unknown) => reason as { code: string },
      );
      assert.match(error.code, /PERMISSION_DENIED|EXPIRED/);
    }
    const own = await hospital.consents.list(token, child);
    assert.deepEqual(
      own.consents.map(({ by }) => by?.relationship),
      ['guardian'],
    );
  });

  it('a vault that lies: one flipped bit of a content, and nothing of it is handed over as genuine', async () => {
    const network = await suiteNetwork();
    const vault = network.vault('hospital');
    const files = () =>
      readdirSync(vault, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    const before = new Set(files());
    const patient = await patientWithRecord();
    await grantToClinic(hospital, patient);
    const added = files().filter((file) => !before.has(file));
    const [content] = added.sort((one, other) => statSync(other).size - statSync(one).size);
    const bytes = readFileSync(content!);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(content!, bytes);
    const [record] = await all(clinic.access.read(question(patient)));
    await refused('INTEGRITY', record!.bytes());
  });

  it('a consent delivered to two of three custodians: in force at the two, said so, and delivered to the third when it is back', async function () {
    this.timeout(180_000);
    const patient = await patientWithRecord(['clinic', 'ClinicMSP']);
    const pharmacy = await as('pharmacy', 'service', { actor: { ...actor, role: 'registrar' } });
    const third = await pharmacy.patients.enrol({ keys: patient.key.publicKeys, jurisdiction: 'US-CA' });
    const patients = [...Object.values(patient.at), third];
    const consent = await patient.key.consent({ patients, provision: treatment, text });
    const network = await suiteNetwork();
    await network.stopPeer('pharmacy');
    try {
      const report = await hospital.consents.grant({ consent, patients, key: patient.key });
      assert.deepEqual(
        [report.complete, [...report.accepted].sort(), [...report.missing]],
        [false, ['ClinicMSP', 'HospitalMSP'], ['PharmacyMSP']],
      );
      assert.equal((await all(clinic.access.read(question(patient)))).length, 1);
    } finally {
      await network.startPeer('pharmacy');
    }
    const late = await eventually(
      () => hospital.consents.grant({ consent, patients: [third], key: patient.key }),
      ({ complete }) => complete,
    );
    assert.deepEqual([...late.accepted], ['PharmacyMSP']);
    const held = await hospital.consents.list(third, patient.key);
    assert.deepEqual(
      held.consents.map((one) => one.consent),
      [consent.consent],
    );
  });
});
