import {
  connect,
  OfflineSigning,
  TransactionError,
  Wallet,
  type OfflineCommit,
  type Unsigned,
} from '@vitaledger/client';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../harness/eventually.js';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

/** The program of a device: it is given a key and a digest, and tells a signature. */
const DEVICE = `
  const { signers } = require(process.argv[1]);
  const key = require('node:crypto').createPrivateKey(require('node:fs').readFileSync(process.argv[2]));
  signers.newPrivateKeySigner(key)(Buffer.from(process.argv[3], 'hex')).then((signature) => {
    process.stdout.write(Buffer.from(signature).toString('hex'));
  });`;

describe('identities', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vitaledger-identities-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** Files of an identity of the network. */
  const filesOf = async (organization: string, user: string) => {
    const directory = (await suiteNetwork()).identity(organization, user).mspDirectory;
    const only = (part: string) => {
      const [name = assert.fail(`nothing in ${part}`)] = readdirSync(join(directory, part));
      return join(directory, part, name);
    };
    return { certificate: readFileSync(only('signcerts'), 'utf8'), keyFile: only('keystore'), directory };
  };

  it('come from wallets, and sign elsewhere; many work over one connection', async () => {
    const profile = (await suiteNetwork()).profile('research');
    const { certificate, keyFile, directory } = await filesOf('research', 'sponsor');
    const privateKey = readFileSync(keyFile, 'utf8');
    const wallet = new Wallet(join(folder, 'wallet'));
    await wallet.put('sponsor', { mspId: 'ResearchMSP', certificate, privateKey });
    await using fromWallet = await connect({ profile, identity: await wallet.get('sponsor') });
    const { trial } = await fromWallet.trials.register(newTrial().registered);
    let signatures = 0;
    const remote = {
      certificate,
      sign: (digest: Uint8Array) => {
        signatures++;
        return Promise.resolve(deviceSigns(keyFile, Buffer.from(digest).toString('hex')));
      },
    };
    await using elsewhere = await fromWallet.withIdentity(remote);
    assert.equal((await elsewhere.trials.get(trial)).id, trial);
    assert.equal(signatures, 1);
    fromWallet.close();
    await using third = await elsewhere.withIdentity(directory);
    assert.equal((await third.trials.get(trial)).id, trial);
    await refused('PRECONDITION_FAILED', fromWallet.withIdentity(directory), /closed/);
    const hospital = (await suiteNetwork()).profile('hospital');
    await refused('INVALID_ARGUMENT', connect({ profile: hospital, identity: await wallet.get('sponsor') }));
  });

  it('sign offline: only digests and signatures cross to the process with the key', async () => {
    const sponsor = await as('research', 'sponsor');
    const board = await as('ethics', 'ethics');
    const { trial } = await sponsor.trials.register(newTrial().registered);
    const { digest } = await eventually(
      () => board.trials.get(trial),
      () => true,
    );
    const profile = (await suiteNetwork()).profile('ethics');
    const { certificate, keyFile } = await filesOf('ethics', 'ethics');
    // Each step could be another process: what goes on is JSON.
    const step = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
    const signed = (unsigned: Unsigned) => deviceSigns(keyFile, unsigned.digest);
    await using one = await OfflineSigning.connect({ profile, certificate });
    await using other = await OfflineSigning.connect({ profile, certificate });
    const decision = JSON.stringify({ approved: true, digest });
    const call = { function: 'TrialRegistryContract:approve', arguments: [trial, decision] };
    const approve = async (): Promise<OfflineCommit> => {
      const proposal = step(one.propose('registry', call));
      const { result, transaction } = await other.endorse(proposal, signed(proposal));
      assert.deepEqual(JSON.parse(Buffer.from(result).toString()), { trial, status: 'registered' });
      const commit = step(await one.submit(step(transaction), signed(transaction)));
      const committed = await other.committed(commit, signed(commit));
      assert.equal(committed.transactionId, proposal.transactionId);
      return committed;
    };
    // Who signs elsewhere repeats by themselves what a beat of the clock came between.
    const { block } = await repeatedly(approve);
    assert.ok(block > 0n);
    const asked = one.propose('registry', { function: 'TrialRegistryContract:get', arguments: [trial] });
    const read = Buffer.from(await one.evaluate(asked, signed(asked))).toString();
    assert.equal((JSON.parse(read) as { status: string }).status, 'registered');
  });

  it('are refused when a signature is of another key, of another step, or none', async () => {
    const profile = (await suiteNetwork()).profile('research');
    const { certificate, keyFile } = await filesOf('research', 'sponsor');
    await using offline = await OfflineSigning.connect({ profile, certificate });
    const call = { function: 'TrialRegistryContract:get', arguments: ['VL-0'] };
    const proposal = offline.propose('registry', call);
    const { keyFile: otherKey } = await filesOf('hospital', 'service');
    const error = await refused(
      'PERMISSION_DENIED',
      offline.evaluate(proposal, deviceSigns(otherKey, proposal.digest)),
    );
    assert.ok(error instanceof TransactionError);
    assert.equal(error.transactionId, proposal.transactionId);
    const own = deviceSigns(keyFile, proposal.digest);
    await refused(
      'INVALID_ARGUMENT',
      offline.submit(proposal, own),
      /takes a signed transaction, not a proposal/,
    );
    await refused('INVALID_ARGUMENT', offline.evaluate(proposal, own.subarray(1)), /DER or raw/);
    const missing = await refused('NOT_FOUND', offline.evaluate(proposal, own));
    assert.ok(missing instanceof TransactionError && missing.phase === 'evaluate');
  });
});

/** What an application does that signs elsewhere, as `docs/sdk/identities.md` says. */
async function repeatedly<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransactionError) || error.code !== 'CONFLICT' || attempt === 5) throw error;
    }
  }
}

/** What a device does: another process, with the key and a digest. */
function deviceSigns(keyFile: string, digest: string): Buffer {
  const gateway = require.resolve('@hyperledger/fabric-gateway');
  const out = execFileSync(process.execPath, ['-e', DEVICE, gateway, keyFile, digest], { encoding: 'utf8' });
  return Buffer.from(out, 'hex');
}
