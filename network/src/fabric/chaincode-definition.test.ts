import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChaincodeSpec } from '../topology/topology.js';
import { definitionOf, sameDefinition, type ChaincodeDefinition } from './chaincode-definition.js';

describe('The definition of a chaincode', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitaledger-definition-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function withCollections(text: string): Promise<ChaincodeDefinition> {
    const collections = join(folder, 'collections.json');
    await writeFile(collections, text);
    const chaincode: ChaincodeSpec = {
      name: 'care',
      channel: 'care',
      version: '1.0',
      path: folder,
      tls: true,
      consortium: false,
      policy: 'majority',
      collections,
    };
    return definitionOf(chaincode, "OR('A.peer')", 'care_1.0:00');
  }

  it('is the same when the collections file is only written differently', async () => {
    const compact = await withCollections('[{"name":"shared"}]');
    assert.equal(sameDefinition(compact, await withCollections('[\n  { "name": "shared" }\n]\n')), true);
    assert.equal(sameDefinition(compact, await withCollections('[{"name":"other"}]')), false);
  });

  it('differs by version, policy and package', async () => {
    const definition = await withCollections('[]');
    for (const change of [{ version: '1.1' }, { policy: "OR('B.peer')" }, { packageId: 'care_1.0:01' }]) {
      assert.equal(sameDefinition(definition, { ...definition, ...change }), false);
    }
  });

  it('refuses a collections file that is no list', async () => {
    await assert.rejects(withCollections('{"name":"shared"}'), { code: 'TOPOLOGY_INVALID' });
    await assert.rejects(withCollections('[{'), { code: 'TOPOLOGY_INVALID' });
  });
});
