// An ordinary Fabric Gateway application. Everything it knows comes from the environment variables that such
// applications usually read; folders and file names are those of Fabric's test network.
import * as grpc from '@grpc/grpc-js';
import { connect, hash, signers } from '@hyperledger/fabric-gateway';
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const variable = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

const firstFile = async (folder) => join(folder, (await readdir(folder)).at(0) ?? '');

const client = new grpc.Client(
  variable('PEER_ENDPOINT'),
  grpc.credentials.createSsl(await readFile(variable('TLS_CERT_PATH'))),
  { 'grpc.ssl_target_name_override': variable('PEER_HOST_ALIAS') },
);
const gateway = connect({
  client,
  identity: {
    mspId: variable('MSP_ID'),
    credentials: await readFile(await firstFile(variable('CERT_DIRECTORY_PATH'))),
  },
  signer: signers.newPrivateKeySigner(
    createPrivateKey(await readFile(await firstFile(variable('KEY_DIRECTORY_PATH')))),
  ),
  hash: hash.sha256,
  evaluateOptions: () => ({ deadline: Date.now() + 15_000 }),
  endorseOptions: () => ({ deadline: Date.now() + 15_000 }),
  submitOptions: () => ({ deadline: Date.now() + 5_000 }),
  commitStatusOptions: () => ({ deadline: Date.now() + 60_000 }),
});

const text = (bytes) => Buffer.from(bytes).toString();
const network = gateway.getNetwork(variable('CHANNEL_NAME'));
const contract = network.getContract(variable('CHAINCODE_NAME'));
const id = `crate-${process.pid}`;

const events = await network.getChaincodeEvents(variable('CHAINCODE_NAME'));
await contract.submitTransaction('Create', id, 'Lisbon');
const move = await contract.submitAsync('Move', { arguments: [id, 'Porto'] });
assert.equal(text(move.getResult()), 'Lisbon');
assert.equal((await move.getStatus()).successful, true);
assert.deepEqual(JSON.parse(text(await contract.evaluateTransaction('Read', id))), { id, place: 'Porto' });
assert.ok(JSON.parse(text(await contract.evaluateTransaction('List'))).some((crate) => crate.id === id));

const seen = [];
for await (const event of events) {
  if (text(event.payload) === id) seen.push(event.eventName);
  if (seen.length === 2) break;
}
events.close();
assert.deepEqual(seen, ['Created', 'Moved']);

await contract.submit('SetPrice', {
  arguments: [id],
  transientData: { price: Buffer.from('120') },
  endorsingOrganizations: [variable('MSP_ID')],
});
const price = await contract.evaluate('Price', {
  arguments: [id],
  endorsingOrganizations: [variable('MSP_ID')],
});
assert.equal(text(price), '120');

await assert.rejects(contract.submitTransaction('Create', id, 'Faro'), (error) => {
  assert.match(error.details[0].message, /the crate .* exists already/);
  return true;
});

gateway.close();
client.close();
console.log('done');
