import * as grpc from '@grpc/grpc-js';
import { connect, hash } from '@hyperledger/fabric-gateway';
import { nativeSigner, readIdentity, readProfile } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { condition, enrol } from '../harness/patient.js';
import { as, suiteNetwork } from '../harness/suite-network.js';

/** What a peer hands to an identity that asks for its blocks with the private data in them; or why it does not. */
async function delivered(mspId: string, mspDirectory: string, peerName: string): Promise<number | Error> {
  const network = await suiteNetwork();
  const { profile } = await readProfile(network.profile('research'));
  const peer = profile.peers[peerName]!;
  const { certificate, privateKey } = await readIdentity(mspDirectory);
  const client = new grpc.Client(
    new URL(peer.url).host,
    grpc.credentials.createSsl(Buffer.from(peer.tlsCACerts.pem)),
    { 'grpc.ssl_target_name_override': peerName },
  );
  const gateway = connect({
    client,
    identity: { mspId, credentials: Buffer.from(certificate) },
    signer: nativeSigner(privateKey),
    hash: hash.none,
    blockAndPrivateDataEventsOptions: () => ({ deadline: Date.now() + 10_000 }),
  });
  try {
    const events = await gateway.getNetwork('care').getBlockAndPrivateDataEvents({ startBlock: 0n });
    try {
      for await (const event of events)
        if (event.getPrivateDataMapMap().getLength() > 0) return event.getPrivateDataMapMap().getLength();
      return 0;
    } finally {
      events.close();
    }
  } catch (error) {
    return error as Error;
  } finally {
    gateway.close();
    client.close();
  }
}

describe('a custodian’s peer, asked for its private data with the blocks', () => {
  before(async () => {
    const hospital = await as('hospital', 'service', {
      actor: { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' },
    });
    const patient = await enrol(['hospital', 'HospitalMSP']);
    await hospital.records.register(patient.at.HospitalMSP!.patient, condition());
  });

  for (const [who, organization, mspId, domain, folder] of [
    ['another member’s admin', 'clinic', 'ClinicMSP', 'clinic.example', 'users/Admin@clinic.example/msp'],
    ['another member’s peer', 'clinic', 'ClinicMSP', 'clinic.example', 'peers/peer0.clinic.example/msp'],
    ['another member’s client', 'clinic', 'ClinicMSP', 'clinic.example', 'users/service@clinic.example/msp'],
    [
      'a researcher’s admin',
      'research',
      'ResearchMSP',
      'research.example',
      'users/Admin@research.example/msp',
    ],
  ] as const) {
    it(`hands none to ${who}`, async () => {
      const network = await suiteNetwork();
      assert.equal(network.topology.organizations.find(({ name }) => name === organization)?.mspId, mspId);
      const msp = join(network.directory.peerOrganization(domain), folder);
      const answer = await delivered(mspId, msp, 'peer0.hospital.example');
      assert.ok(answer instanceof Error, `it handed over private data of ${String(answer)} transactions`);
      assert.match(String(answer), /403|FORBIDDEN/);
    });
  }
});
