import { connect, type Vitaledger } from '@vitaledger/client';
import { readTopology, startNetwork, topologies, type Network } from '@vitaledger/network';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installClient } from '../harness/client-package.js';
import { refused } from '../harness/refusal.js';
import { engine } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

const PROGRAM = join(__dirname, '../../../client/bin/vitaledger.js');
const MEMBERS = { research: 'ResearchMSP', ethics: 'EthicsMSP' } as const;

describe('a registry with an authority', function () {
  this.timeout(180_000);
  let folder: string;
  let network: Network;
  const connections: Vitaledger[] = [];
  const as = async (organization: string, user: string): Promise<Vitaledger> => {
    const ledger = await connect({
      profile: network.profile(organization),
      identity: network.identity(organization, user).mspDirectory,
    });
    connections.push(ledger);
    return ledger;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vitaledger-authority-'));
    const clock = { intervalSeconds: 3, skewSeconds: 30 };
    const topology = { ...readTopology(topologies.registry), clock };
    network = await startNetwork({ topology, engine, directory: join(folder, 'network') });
  });
  after(async () => {
    for (const ledger of connections) ledger.close();
    await network.clean();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives each role its part in the life of a trial, and no other', async () => {
    const [sponsor, investigator] = [await as('research', 'sponsor'), await as('research', 'investigator')];
    const [ethics, regulator] = [await as('ethics', 'ethics'), await as('authority', 'regulator')];
    const reader = await as('authority', 'auditor');
    const { registered, amended } = newTrial();
    const { trial } = await sponsor.trials.register(registered);
    const { digest } = await sponsor.trials.get(trial);
    const decision = { approved: true, digest };
    for (const other of [sponsor, investigator, regulator, reader])
      await refused('PERMISSION_DENIED', other.trials.approve(trial, decision));
    await ethics.trials.approve(trial, decision);
    await refused('PERMISSION_DENIED', regulator.trials.advance(trial, 'recruit', 'Not ours'));
    await investigator.trials.advance(trial, 'recruit', 'First participant');
    const amendment = { version: 1, record: amended, reason: 'Another outcome' };
    for (const other of [ethics, regulator, reader])
      await refused('PERMISSION_DENIED', other.trials.amend(trial, amendment));
    await investigator.trials.amend(trial, amendment);

    const delay = { kind: 'good-cause', reason: 'Flooded archive', until: '2031-01-01' } as const;
    await refused('PERMISSION_DENIED', regulator.trials.delay(trial, delay));
    const { delay: number } = await sponsor.trials.delay(trial, delay);
    const granted = {
      event: 'granted',
      date: new Date().toISOString().slice(0, 10),
      until: delay.until,
    } as const;
    for (const other of [sponsor, investigator, ethics, reader])
      await refused('PERMISSION_DENIED', other.trials.endDelay(trial, number, granted));
    await regulator.trials.endDelay(trial, number, granted);

    const waiver = { kind: 'waiver', reason: 'National security' } as const;
    await refused('PERMISSION_DENIED', regulator.trials.delay(trial, waiver));
    const { delay: asked } = await sponsor.trials.delay(trial, waiver);
    const denied = { event: 'denied', date: granted.date } as const;
    await refused('PERMISSION_DENIED', sponsor.trials.endDelay(trial, asked, denied));
    await regulator.trials.endDelay(trial, asked, denied);

    assert.equal((await reader.trials.outcomes(trial)).silentlySwitched, true);
    assert.equal((await reader.trials.delays(trial))[0]?.ended?.organization, 'AuthorityMSP');
    const { clocks } = await reader.trials.clocks(trial, '2030-06-01T00:00:00.000Z');
    assert.equal(clocks.find(({ clock }) => clock === 'us-results')?.due?.last, delay.until);
    const found: string[] = [];
    for await (const { id } of reader.trials.search({ sponsor: 'ResearchMSP', status: 'recruiting' }))
      found.push(id);
    assert.deepEqual(found, [trial]);
  });

  it('is proved right on a machine without it: with the proof, the document and root certificates, the ledger gone', async () => {
    const sponsor = await as('research', 'sponsor');
    const { trial } = await sponsor.trials.register(newTrial().registered);
    const content = Buffer.from('the analysis plan');
    const draft = {
      kind: 'statistical-analysis-plan',
      title: 'Plan',
      language: 'en',
      mediaType: 'text/plain',
    } as const;
    const { digest } = await sponsor.trialDocuments.register(trial, { ...draft, content });
    const made = join(folder, 'made.proof.json');
    const { mspDirectory } = network.identity('authority', 'auditor');
    const env = {
      ...process.env,
      VITALEDGER_PROFILE: network.profile('authority'),
      VITALEDGER_IDENTITY: mspDirectory,
    };
    writeFileSync(join(folder, 'plan.txt'), content);
    const create = ['proof', 'create', trial, '--file', join(folder, 'plan.txt'), '--output', made, '--wait'];
    execFileSync(process.execPath, [PROGRAM, ...create], { env, stdio: 'pipe' });

    // All that the other machine gets.
    const away = mkdtempSync(join(tmpdir(), 'vitaledger-away-'));
    try {
      mkdirSync(join(away, 'roots'));
      for (const [organization, mspId] of Object.entries(MEMBERS)) {
        const authorities = join(network.identity(organization, 'Admin').mspDirectory, 'cacerts');
        copyFileSync(
          join(authorities, readdirSync(authorities)[0] ?? ''),
          join(away, 'roots', `${mspId}.pem`),
        );
      }
      const program = installClient(away);
      copyFileSync(made, join(away, 'plan.proof.json'));
      writeFileSync(join(away, 'plan.txt'), content);
      writeFileSync(join(away, 'other.txt'), 'another plan');
      for (const ledger of connections.splice(0)) ledger.close();
      await network.clean();
      const verify = (file: string) =>
        spawnSync(
          process.execPath,
          [program, 'verify', 'proof', 'plan.proof.json', '--roots', 'roots', '--file', file],
          {
            cwd: away,
            encoding: 'utf8',
            env: { PATH: process.env.PATH, HOME: away },
          },
        );
      const { status, stdout, stderr } = verify('plan.txt');
      assert.equal(status, 0, stderr);
      const { proven } = JSON.parse(stdout) as { proven: { trial: string; digest: string } };
      assert.deepEqual([proven.trial, proven.digest], [trial, digest]);
      assert.equal(verify('other.txt').status, 7);
      const proof = JSON.parse(readFileSync(made, 'utf8')) as { endorsements: unknown[] };
      const forged = { ...proof, endorsements: proof.endorsements.slice(0, 1) };
      writeFileSync(join(away, 'plan.proof.json'), JSON.stringify(forged));
      const { status: forgedStatus, stderr: why } = verify('plan.txt');
      assert.equal(forgedStatus, 7, why);
      assert.match(why, /Too few organizations signed.*\[INTEGRITY\]/);
    } finally {
      rmSync(away, { recursive: true });
    }
  });
});
