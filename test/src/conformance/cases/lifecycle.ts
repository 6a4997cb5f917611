import { channels } from '../network.js';
import type { ProposalSpec } from '../proposal.js';
import type { Session } from '../session.js';
import { packageIdOf, type CollectionSpec, type DefinitionSpec, type SystemCall } from '../system-calls.js';
import type { CaseGroup, ConformanceCase } from './case.js';

const row = '5.9';
const mspIds = ['Org1MSP', 'Org2MSP', 'Org3MSP'] as const;
const noChannel = { flaw: 'no channel' } as const;

/** A call of `_lifecycle` by an administrator of org1, on the main channel. */
const call = (system: SystemCall, options: Partial<ProposalSpec> = {}): ProposalSpec => ({
  as: 'org1/Admin',
  chaincode: '_lifecycle',
  system,
  ...options,
});

const approval = (definition: DefinitionSpec, options: Partial<ProposalSpec> = {}): ProposalSpec =>
  call({ name: 'ApproveChaincodeDefinitionForMyOrg', definition }, options);
const commitment = (definition: DefinitionSpec, options: Partial<ProposalSpec> = {}): ProposalSpec =>
  call({ name: 'CommitChaincodeDefinition', definition }, options);
const readiness = (definition: DefinitionSpec): ProposalSpec =>
  call({ name: 'CheckCommitReadiness', definition });
const committed = (name: string): ProposalSpec =>
  call({ name: 'QueryChaincodeDefinition', definition: { name } });

/** Approves for organizations and waits for the commit. */
async function approve(s: Session, numbers: readonly number[], definition: DefinitionSpec): Promise<void> {
  for (const number of numbers) {
    await s.transact(approval(definition, { as: `org${String(number)}/Admin` }), {
      organizations: [`Org${String(number)}MSP`],
    });
  }
}

const once = (name: string, spec: ProposalSpec): ConformanceCase => ({
  name,
  row,
  run: async (s) => {
    await s.propose(spec);
  },
});

const flawedPackages = [
  'garbage',
  'empty',
  'truncated',
  'no code',
  'no metadata',
  'no JSON',
  'bad label',
  'no label',
] as const;

const flawedCollections: Readonly<Record<string, readonly CollectionSpec[]>> = {
  'a collection name that cannot be': [{ name: '_c', members: ['Org1MSP'] }],
  'the same collection twice': [
    { name: 'c', members: ['Org1MSP'] },
    { name: 'c', members: ['Org2MSP'] },
  ],
  'more peers required than there may be': [{ name: 'c', members: ['Org1MSP'], required: 2, maximum: 1 }],
  'fewer peers than none': [{ name: 'c', members: ['Org1MSP'], required: -1, maximum: 1 }],
  'a collection without members': [{ name: 'c' }],
  'a collection that all members must sign for': [{ name: 'c', members: ['Org1MSP', 'Org2MSP'], n: 2 }],
  'a collection of a stranger': [{ name: 'c', members: ['Org1MSP', 'Org9MSP'] }],
};

/** Fabric's `_lifecycle`. */
export const lifecycleCases: CaseGroup = {
  name: 'lifecycle',
  cases: [
    {
      name: 'a package is installed once',
      row,
      run: async (s) => {
        const install: SystemCall = {
          name: 'InstallChaincode',
          package: { chaincode: 'any', version: 'lc' },
        };
        const packageId = packageIdOf('any', 'lc');
        await s.propose(call(install, noChannel));
        await s.propose(call(install, noChannel));
        await s.propose(call({ name: 'QueryInstalledChaincode', packageId }, noChannel));
        await s.propose(call({ name: 'GetInstalledChaincodePackage', packageId }, noChannel));
      },
    },
    ...flawedPackages.map((flaw) =>
      once(`a package with ${flaw}`, call({ name: 'InstallChaincode', package: { flaw } }, noChannel)),
    ),
    {
      name: 'packages that are not installed',
      row,
      run: async (s) => {
        await s.propose(call({ name: 'QueryInstalledChaincode', packageId: 'a:b' }, noChannel));
        await s.propose(call({ name: 'GetInstalledChaincodePackage', packageId: 'a:b' }, noChannel));
        await s.propose(call({ name: 'GetInstalledChaincodePackage' }, noChannel));
      },
    },
    {
      name: 'packages are an administrator’s matter',
      row: '5.8',
      run: async (s) => {
        const install: SystemCall = {
          name: 'InstallChaincode',
          package: { chaincode: 'any', version: 'denied' },
        };
        await s.propose(call(install, { as: 'org1', ...noChannel }));
        await s.propose(call(install, { as: 'org2/Admin', ...noChannel }), { at: 'org1' });
        await s.propose(call({ name: 'QueryInstalledChaincodes' }, { as: 'org1', ...noChannel }));
        await s.propose(call(install, { as: 'org1' }));
        await s.propose(call(install, { as: 'org2/Admin' }), { at: 'org1' });
      },
    },
    {
      name: 'an approval and what it writes',
      row,
      run: async (s) => {
        await s.propose(approval({ name: 'lc-written' }));
        await s.propose(
          approval({
            name: 'lc-written',
            version: '2.0-b+c',
            init: true,
            policy: { n: 2, of: mspIds },
            collections: [{ name: 'c', members: ['Org1MSP', 'Org2MSP'], maximum: 1, blockToLive: 3 }],
            packageId: 'label:hash',
            endorsementPlugin: 'mine',
            validationPlugin: 'yours',
          }),
        );
      },
    },
    {
      name: 'approvals are told to their own organization',
      row,
      run: async (s) => {
        await approve(s, [1], { name: 'lc-approved', packageId: 'label:hash' });
        const query: SystemCall = {
          name: 'QueryApprovedChaincodeDefinition',
          definition: { name: 'lc-approved' },
        };
        await s.propose(call(query));
        await s.propose(call({ ...query, definition: { name: 'lc-approved', sequence: 1 } }));
        await s.propose(call({ ...query, definition: { name: 'lc-approved', sequence: 2 } }));
        await s.propose(call(query, { as: 'org2/Admin' }));
        await s.propose(call(query, { as: 'org1' }));
        await s.propose(call(query, { as: 'org2/Admin' }), { at: 'org1' });
      },
    },
    {
      name: 'an approval again, and another one',
      row,
      run: async (s) => {
        await approve(s, [1], { name: 'lc-again', version: '1.0' });
        await s.propose(approval({ name: 'lc-again', version: '1.0' }));
        await s.propose(approval({ name: 'lc-again', version: '1.0', packageId: 'label:hash' }));
        await s.propose(approval({ name: 'lc-again', version: '1.1' }));
        await approve(s, [1], { name: 'lc-again', version: '1.1' });
        await s.propose(readiness({ name: 'lc-again', version: '1.0' }));
        await s.propose(readiness({ name: 'lc-again', version: '1.1' }));
      },
    },
    {
      name: 'sequences that cannot be approved',
      row,
      run: async (s) => {
        for (const sequence of [0, 2, 5, -1]) await s.propose(approval({ name: 'lc-sequence', sequence }));
      },
    },
    {
      name: 'names and versions that cannot be',
      row,
      run: async (s) => {
        for (const name of ['', 'a b', '_lifecycle', 'qscc', 'a--b', '-a'])
          await s.propose(approval({ name }));
        for (const version of ['', 'a b', '1/2']) await s.propose(approval({ name: 'lc-name', version }));
        await s.propose(commitment({ name: 'a b' }));
      },
    },
    ...Object.entries(flawedCollections).map(([name, collections]) =>
      once(name, approval({ name: 'lc-collections', collections })),
    ),
    {
      name: 'who is ready, and in what the others differ',
      row,
      run: async (s) => {
        const definition: DefinitionSpec = { name: 'lc-ready', policy: { n: 2, of: mspIds } };
        await s.propose(readiness(definition));
        await approve(s, [1], definition);
        await approve(s, [2], { ...definition, version: '1.1' });
        await approve(s, [3], { ...definition, policy: { n: 1, of: mspIds } });
        await s.propose(readiness(definition));
        await s.propose(readiness({ ...definition, collections: [{ name: 'c', members: ['Org1MSP'] }] }));
        await s.propose(readiness({ ...definition, init: true }));
        await s.propose(readiness({ ...definition, sequence: 2 }));
        await s.propose(readiness({ ...definition, sequence: 0 }));
      },
    },
    {
      name: 'a definition that the peer’s organization has not approved is not committed',
      row,
      run: async (s) => {
        await approve(s, [2], { name: 'lc-own' });
        await s.propose(commitment({ name: 'lc-own' }));
        await s.propose(commitment({ name: 'lc-own' }, { as: 'org2/Admin' }));
      },
    },
    {
      name: 'a definition that a minority endorses is invalid',
      row: '5.6',
      run: async (s) => {
        await approve(s, [1], { name: 'lc-minority' });
        await s.transact(commitment({ name: 'lc-minority' }), { organizations: ['Org1MSP'] });
        await s.propose(committed('lc-minority'));
      },
    },
    {
      name: 'a definition is committed, once',
      row,
      run: async (s) => {
        const definition: DefinitionSpec = {
          name: 'lc-committed',
          policy: { n: 1, of: mspIds },
          collections: [{ name: 'c', members: ['Org1MSP', 'Org2MSP'], maximum: 1, blockToLive: 3 }],
        };
        await approve(s, [1, 2], definition);
        await s.transact(commitment(definition), { organizations: ['Org1MSP', 'Org2MSP'] });
        await s.propose(committed('lc-committed'));
        await s.propose(committed('lc-committed'), { at: 'org3' });
        await s.propose(commitment(definition));
        await s.propose(readiness(definition));
        await s.propose(approval({ ...definition, version: '1.1' }));
        await s.propose(approval({ ...definition, policy: { n: 2, of: mspIds } }));
        await s.propose(approval({ ...definition, init: true }));
        await s.propose(approval(definition));
        await s.propose(approval({ ...definition, packageId: 'label:hash' }));
        await s.propose(approval(definition, { as: 'org3/Admin' }));
        await s.propose(approval({ ...definition, sequence: 3 }));
      },
    },
    {
      name: 'a chaincode that is committed and not installed, or not approved',
      row: '5.2',
      run: async (s) => {
        const definition: DefinitionSpec = { name: 'lc-absent', policy: { n: 1, of: mspIds } };
        await approve(s, [1, 2], { ...definition, packageId: 'label:hash' });
        await s.transact(commitment(definition), { organizations: ['Org1MSP', 'Org2MSP'] });
        await s.propose({ chaincode: 'lc-absent', run: [['get', 'a']] });
        await s.propose({ chaincode: 'lc-absent', run: [['get', 'a']], as: 'org3' });
        await s.endorse({ chaincode: 'lc-absent', run: [['get', 'a']] });
      },
    },
    {
      name: 'the next definition keeps collections and their lifetime',
      row,
      run: async (s) => {
        const collection: CollectionSpec = { name: 'kept', members: ['Org1MSP'], blockToLive: 3 };
        const definition: DefinitionSpec = { name: 'lc-next', collections: [collection] };
        await approve(s, [1, 2], definition);
        await s.transact(commitment(definition), { organizations: ['Org1MSP', 'Org2MSP'] });
        const next: DefinitionSpec = { name: 'lc-next', sequence: 2 };
        await s.propose(approval(next));
        await s.propose(approval({ ...next, collections: [{ ...collection, name: 'other' }] }));
        await s.propose(approval({ ...next, collections: [{ ...collection, blockToLive: 4 }] }));
        const sound: DefinitionSpec = {
          ...next,
          collections: [collection, { name: 'more', members: ['Org2MSP'] }],
        };
        await approve(s, [1, 2], sound);
        await s.transact(commitment(sound), { organizations: ['Org1MSP', 'Org2MSP'] });
        await s.propose(committed('lc-next'));
        await s.propose(approval(definition));
      },
    },
    {
      name: 'the gateway plans approvals and commitments',
      row: '5.1',
      run: async (s) => {
        await s.endorse(approval({ name: 'lc-planned' }));
        await s.evaluate(committed('lc-planned'));
        await s.evaluate(committed('lc-committed'));
      },
    },
    {
      name: 'definitions that are not there',
      row,
      run: async (s) => {
        await s.propose(committed('lc-nothing'));
        await s.propose(committed(''));
        await s.propose(
          call({ name: 'QueryApprovedChaincodeDefinition', definition: { name: 'lc-nothing' } }),
        );
      },
    },
    {
      name: 'clients may commit and ask, and not approve',
      row: '5.8',
      run: async (s) => {
        await s.propose(approval({ name: 'lc-client' }, { as: 'org1' }));
        await s.propose(approval({ name: 'lc-client' }, { as: 'org2/Admin' }), { at: 'org1' });
        await s.propose(commitment({ name: 'lc-client' }, { as: 'org1' }));
        await s.propose({ ...readiness({ name: 'lc-client' }), as: 'org2' }, { at: 'org1' });
        await s.propose({ ...committed('lc-client'), as: 'org3' });
      },
    },
    {
      name: 'calls that are none',
      row,
      run: async (s) => {
        await s.propose(call({ name: 'Nothing' }));
        await s.propose(call({ name: 'CommitChaincodeDefinition', flaw: 'none' }));
        await s.propose(call({ name: 'CommitChaincodeDefinition', flaw: 'too many' }));
        await s.propose(call({ name: 'CommitChaincodeDefinition', flaw: 'garbage' }));
        await s.propose(call({ name: 'InstallChaincode', flaw: 'garbage' }, noChannel));
      },
    },
    {
      name: 'definitions without a channel',
      row,
      run: async (s) => {
        await s.propose(approval({ name: 'lc-channel' }, noChannel));
        await s.propose(commitment({ name: 'lc-channel' }, noChannel));
        await s.propose({ ...committed('lc-channel'), ...noChannel });
      },
    },
    {
      name: 'two approvals of an organization in one block',
      row: '5.6',
      run: async (s) => {
        const specs = ['1.0', '2.0'].map((version) =>
          approval({ name: 'lc-both', version }, { channel: channels.batch }),
        );
        await s.together(specs, { organizations: ['Org1MSP'] });
      },
    },
  ],
};
