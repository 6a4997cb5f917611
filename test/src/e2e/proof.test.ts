import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { gateway as messages } from '@hyperledger/fabric-protos';
import {
  nativeSigner,
  registrationProofOf,
  readIdentity,
  readProfile,
  readRoots,
  verifyRegistrationProof,
  type PortableProof,
  type TrustedRoots,
  type Vitaledger,
} from '@vitaledger/client';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

const program = join(__dirname, '../../../client/bin/vitaledger.js');
const members = { hospital: 'HospitalMSP', research: 'ResearchMSP', ethics: 'EthicsMSP' } as const;

describe('a portable proof', () => {
  let sponsor: Vitaledger;
  let reader: Vitaledger;
  let administrator: Vitaledger;
  let folder: string;
  let roots: TrustedRoots;
  let trial: string;
  let from: string;
  let to: string;
  const content = Buffer.from(`protocol ${String(process.pid)}`);
  let proof: PortableProof;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vitaledger-proof-'));
    const network = await suiteNetwork();
    sponsor = await as('research', 'sponsor');
    reader = await as('hospital', 'service');
    administrator = await as('hospital', 'Admin');
    mkdirSync(join(folder, 'roots'));
    for (const [organization, mspId] of Object.entries(members)) {
      const authorities = join(network.identity(organization, 'Admin').mspDirectory, 'cacerts');
      const [root = ''] = readdirSync(authorities);
      copyFileSync(join(authorities, root), join(folder, 'roots', `${mspId}.pem`));
    }
    roots = await readRoots(join(folder, 'roots'));
    trial = (await sponsor.trials.register(newTrial().registered)).trial;
    from = new Date().toISOString();
    await register(content);
    to = new Date().toISOString();
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const draft = (of: Buffer) =>
    ({ kind: 'protocol', title: 'Protocol', language: 'en', mediaType: 'text/plain', content: of }) as const;
  const register = (of: Buffer) => sponsor.trialDocuments.register(trial, draft(of));
  const digest = (of: Buffer): string => createHash('sha256').update(of).digest('hex');

  /** Moves the channel's clock, as soon as it may be moved again. */
  const beat = async (): Promise<void> => {
    const { beat: before } = await administrator.consortium.clock('registry');
    for (;;) {
      await administrator.consortium.beat('registry').catch(() => undefined);
      if ((await administrator.consortium.clock('registry')).beat > before) return;
      await sleep(500);
    }
  };

  it('cannot be made before the clock has beaten twice since', async () => {
    const error = await refused(
      'PRECONDITION_FAILED',
      reader.proofs.create({ trial, digest: digest(content) }),
      /must beat 2 times/,
    );
    assert.equal(error.details.reason, 'NOT_YET_BOUNDED');
  });

  it('is signed by all organizations’ peers, and says between when a document was registered', async () => {
    const waiting = reader.proofs.create({ trial, digest: digest(content) }, { wait: true });
    await beat();
    await beat();
    proof = await waiting;
    const fact = verifyRegistrationProof(proof, { roots, digest: digest(content) });
    assert.deepEqual(fact.signedBy, ['EthicsMSP', 'HospitalMSP', 'ResearchMSP']);
    assert.equal(fact.subject.trial, trial);
    assert.equal(fact.subject.documentKind, 'protocol');
    assert.ok(fact.registered.from <= from && to <= fact.registered.to, JSON.stringify(fact.registered));
    assert.ok(fact.statement.after.instant < fact.subject.instant);
  });

  it('is verified by the command in a process and folder of its own, without a ledger', () => {
    const [file, document, other] = ['proof.json', 'protocol.txt', 'other.txt'].map((name) =>
      join(folder, name),
    );
    writeFileSync(file!, JSON.stringify(proof));
    writeFileSync(document!, content);
    writeFileSync(other!, 'another protocol');
    const verify = (...args: readonly string[]) =>
      spawnSync(process.execPath, [program, 'verify', 'proof', ...args, '--roots', 'roots'], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH },
      });
    const verified = verify(file!, '--file', document!);
    assert.equal(verified.status, 0, verified.stderr);
    const { proven } = JSON.parse(verified.stdout) as { proven: { digest: string } };
    assert.equal(proven.digest, digest(content));
    const wrong = verify(file!, '--file', other!);
    assert.equal(wrong.status, 7);
    assert.match(wrong.stderr, /another content/);
    writeFileSync(file!, JSON.stringify({ ...proof, endorsements: proof.endorsements.slice(0, 1) }));
    const lonely = verify(file!);
    assert.equal(lonely.status, 7);
    assert.match(lonely.stderr, /Too few organizations signed: 1 of the 3 active members/);
  });

  it('proves nothing once any of its parts is altered', () => {
    const altered = (encoded: string): string => {
      const bytes = Buffer.from(encoded, 'base64');
      const place = bytes.length >> 1;
      bytes[place] = bytes[place]! ^ 1;
      return bytes.toString('base64');
    };
    const [first, ...others] = proof.endorsements;
    const forged: readonly PortableProof[] = [
      ...(['channelHeader', 'signatureHeader', 'payload'] as const).map((part) => ({
        ...proof,
        proposal: { ...proof.proposal, [part]: altered(proof.proposal[part]) },
      })),
      { ...proof, response: altered(proof.response) },
      { ...proof, endorsements: [{ ...first!, signature: altered(first!.signature) }, ...others] },
      { ...proof, endorsements: [{ ...first!, endorser: altered(first!.endorser) }, ...others] },
      { ...proof, endorsements: [first!, first!] },
    ];
    for (const one of forged)
      assert.throws(() => verifyRegistrationProof(one, { roots }), { code: 'INTEGRITY' });
    const { HospitalMSP, ResearchMSP, EthicsMSP } = roots;
    const swapped = { HospitalMSP: ResearchMSP!, ResearchMSP: HospitalMSP!, EthicsMSP: EthicsMSP! };
    assert.throws(() => verifyRegistrationProof(proof, { roots: swapped }), {
      code: 'INTEGRITY',
      message: /does not lead to a root certificate of its organization/,
    });
  });

  it('is made of a version of the trial’s record too, by whatever number the trial is asked', async () => {
    const { protocolSection } = (await reader.trials.get(trial)).record as unknown as {
      protocolSection: { identificationModule: { orgStudyIdInfo: { id: string } } };
    };
    const number = `ResearchMSP/${protocolSection.identificationModule.orgStudyIdInfo.id}`;
    const made = await reader.proofs.create({ trial: number, version: 1 }, { wait: true });
    const { subject } = verifyRegistrationProof(made, { roots });
    const [version] = await reader.trials.history(trial);
    assert.deepEqual([subject.kind, subject.trial, subject.version], ['trial-version', trial, 1]);
    assert.equal(subject.digest, version?.digest);
  });

  describe('of a registration that did not become valid', () => {
    const held = Buffer.from(`held back ${String(process.pid)}`);
    let client: Client;
    let gateway: Gateway;

    before(async () => {
      const network = await suiteNetwork();
      const { profile } = await readProfile(network.profile('research'));
      const [name = '', peer] = Object.entries(profile.peers)[0] ?? [];
      const { mspId, mspDirectory } = network.identity('research', 'sponsor');
      const { certificate, privateKey } = await readIdentity(mspDirectory);
      client = new Client(new URL(peer!.url).host, credentials.createSsl(Buffer.from(peer!.tlsCACerts.pem)), {
        'grpc.ssl_target_name_override': name,
      });
      gateway = connect({
        client,
        identity: { mspId, credentials: Buffer.from(certificate) },
        signer: nativeSigner(privateKey),
        hash: hash.none,
      });
    });
    after(() => {
      gateway.close();
      client.close();
    });

    it('cannot be made while it is held back, nor after it was committed as invalid, nor of its own endorsements', async () => {
      const description = { ...draft(held), content: undefined, digest: digest(held), size: held.length };
      const contract = gateway.getNetwork('registry').getContract('registry');
      const transaction = await contract
        .newProposal('TrialDocumentContract:register', { arguments: [trial, JSON.stringify(description)] })
        .endorse();
      const question = { trial, digest: digest(held) };
      await refused('NOT_FOUND', reader.proofs.create(question));

      // A majority has signed that it would be registered. That it was is another thing.
      const prepared = messages.PreparedTransaction.deserializeBinary(transaction.getBytes());
      const forged = registrationProofOf({ envelope: prepared.getEnvelope()!.serializeBinary() }, {});
      assert.throws(() => verifyRegistrationProof(forged, { roots }), { code: 'INTEGRITY' });

      await beat();
      await beat();
      const { code, successful } = await (await transaction.submit()).getStatus();
      assert.deepEqual([code, successful], [11, false], 'MVCC_READ_CONFLICT');
      await refused('NOT_FOUND', reader.proofs.create(question));
    });
  });
});
