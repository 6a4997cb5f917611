import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { EngineContext } from '../engine/engine.js';
import type { ChaincodeSpec, OrganizationSpec } from '../topology/topology.js';
import { Lifecycle } from './lifecycle.js';
import { peersOf } from './members.js';
import type { PeerCli } from './peer-cli.js';
import type { ProgramResult } from './run-program.js';

const hospital: OrganizationSpec = {
  name: 'hospital',
  mspId: 'HospitalMSP',
  displayName: 'General Hospital',
  domain: 'hospital.example',
  kinds: [],
  jurisdiction: 'DE',
  peers: 1,
  identities: [],
};
const [peer] = peersOf(hospital);

const chaincode: ChaincodeSpec = {
  name: 'care',
  channel: 'care',
  version: '2.0',
  path: '/care',
  tls: true,
  consortium: false,
  policy: 'majority',
};
const definition = {
  version: '2.0',
  policy: "OR('HospitalMSP.peer')",
  collections: null,
  packageId: 'care_2.0:00',
  sequence: 2,
};

const succeeded: ProgramResult = { succeeded: true, stdout: '', stderr: '' };

function failed(stderr: string): ProgramResult {
  return { succeeded: false, stdout: '', stderr };
}

/** A lifecycle whose `peer` command gives these results, one after the other. */
function lifecycleWith(...results: ProgramResult[]): { lifecycle: Lifecycle; run: sinon.SinonStub } {
  const run = sinon.stub();
  results.forEach((result, call) => run.onCall(call).resolves(result));
  const cli = { run, targets: () => [], orderer: (name: string) => ['--orderer', name] };
  const orderers = { mspId: 'OrdererMSP', domain: 'orderer.example', count: 2 };
  const context = { topology: { orderers } } as unknown as EngineContext;
  return { lifecycle: new Lifecycle(cli as unknown as PeerCli, context), run };
}

describe('The chaincode lifecycle', () => {
  it('tries the next orderer while there is no leader', async () => {
    const refusal = failed('Error: got unexpected status: SERVICE_UNAVAILABLE -- no Raft leader');
    const { lifecycle, run } = lifecycleWith(refusal, succeeded);
    await lifecycle.approve(peer!, chaincode, definition);
    const orderers = run.args.map((args: string[]) => args[args.indexOf('--orderer') + 1]);
    assert.deepEqual(orderers, ['orderer0.orderer.example', 'orderer1.orderer.example']);
  });

  it('takes an approval that had arrived before as given', async () => {
    const { lifecycle, run } = lifecycleWith(
      failed('attempted to redefine uncommitted sequence (2) for namespace care with unchanged content'),
    );
    await lifecycle.approve(peer!, chaincode, definition);
    assert.equal(run.callCount, 1);
  });

  it('says who cannot approve, and why', async () => {
    const { lifecycle } = lifecycleWith(
      failed('log line\nError: proposal failed with status: 500 - bad policy\n'),
    );
    await assert.rejects(lifecycle.approve(peer!, chaincode, definition), {
      code: 'DEPLOY_FAILED',
      message:
        'General Hospital (HospitalMSP) cannot approve care 2.0: Error: proposal failed with status: 500 - bad policy',
    });
  });

  it('does not install what is installed', async () => {
    const installed = JSON.stringify({ installed_chaincodes: [{ package_id: 'care_2.0:00' }] });
    const { lifecycle, run } = lifecycleWith({ ...succeeded, stdout: installed });
    await lifecycle.install(peer!, 'care_2.0:00', '/package.tar.gz');
    assert.equal(run.callCount, 1);
  });

  it('knows a chaincode that was never committed from a ledger that does not answer', async () => {
    const undefinedChaincode = failed('Error: query failed with status: 404 - namespace care is not defined');
    assert.equal(await lifecycleWith(undefinedChaincode).lifecycle.committed(peer!, chaincode), undefined);
    await assert.rejects(lifecycleWith(failed('Error: no')).lifecycle.committed(peer!, chaincode), {
      code: 'DEPLOY_FAILED',
    });
  });
});
