import assert from 'node:assert/strict';
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { signLowS } from '../identity/signature.js';
import { derTag, readDerChildren, readDer, writeDer, writeDerInteger } from '../identity/der.js';
import type { IssuedCertificate } from '../testing/certificate-authority.js';
import { TestNetwork, channelName } from '../testing/test-network.js';
import { TestAuthority } from '../testing/certificate-authority.js';

interface ProposalParts {
  readonly identity: IssuedCertificate;
  readonly mspId?: string;
  readonly channel?: string;
  readonly transactionId?: string;
  readonly epoch?: number;
  readonly nonce?: Uint8Array;
  readonly type?: number;
  readonly sign?: (bytes: Uint8Array) => Uint8Array;
}

/** A proposal to put a value, as a client makes it; the parts replace what a client would do right. */
function signedProposal(parts: ProposalParts): peer.SignedProposal {
  const creator = new msp.SerializedIdentity();
  creator.setMspid(parts.mspId ?? 'Org1MSP');
  creator.setIdBytes(Buffer.from(parts.identity.certificate));
  const nonce = parts.nonce ?? randomBytes(24);
  const creatorBytes = creator.serializeBinary();
  const transactionId = createHash('sha256').update(nonce).update(creatorBytes).digest('hex');
  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName('probe');
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(parts.type ?? common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setChannelId(parts.channel ?? channelName);
  channelHeader.setTxId(parts.transactionId ?? transactionId);
  channelHeader.setEpoch(parts.epoch ?? 0);
  channelHeader.setTimestamp(Timestamp.fromDate(new Date()));
  channelHeader.setExtension$(extension.serializeBinary());
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creatorBytes);
  signatureHeader.setNonce(nonce);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const input = new peer.ChaincodeInput();
  input.setArgsList(['put', 'k', 'v'].map((argument) => Buffer.from(argument)));
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(chaincodeId);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const bytes = proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(
    (parts.sign ?? ((message) => signLowS(createPrivateKey(parts.identity.key), message)))(bytes),
  );
  return signed;
}

describe('protos.Endorser', function () {
  this.timeout(60_000);
  let network: TestNetwork;
  let client: peer.EndorserClient;
  let user: IssuedCertificate;

  before(async () => {
    network = await TestNetwork.create({ organizations: 2, ledger: { executeTimeoutMs: 400 } });
    await network.start();
    const { address, packageId } = await network.startChaincode('probe', 'peer0.org1.example');
    await network.ledger.defineChaincode({
      channel: channelName,
      name: 'probe',
      version: '1.0',
      sequence: 1,
      policy: "OR('Org1MSP.peer', 'Org2MSP.peer')",
      connections: { 'peer0.org1.example': { address, packageId, dialTimeoutMs: 500 } },
    });
    const organization = network.organization('Org1MSP');
    user = await organization.issue('user', 'client');
    client = new peer.EndorserClient(
      network.ledger.address('peer0.org1.example'),
      credentials.createSsl(Buffer.from(organization.tlsAuthority.certificate)),
    );
  });
  after(async () => {
    client.close();
    await network.close();
  });

  function process(signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
    return new Promise((resolve, reject) => {
      client.processProposal(signed, (error, response) => {
        if (response === undefined) {
          reject(error ?? new Error('no response'));
        } else {
          resolve(response);
        }
      });
    });
  }

  async function refusal(
    parts: Omit<ProposalParts, 'identity'> & { identity?: IssuedCertificate },
  ): Promise<string> {
    try {
      await process(signedProposal({ identity: user, ...parts }));
    } catch (error) {
      return (error as ServiceError).details;
    }
    return assert.fail('nothing was refused');
  }

  it('signs the result of a good proposal as its peer', async () => {
    const response = await process(signedProposal({ identity: user }));
    assert.equal(response.getResponse()?.getStatus(), 200);
    const endorser = msp.SerializedIdentity.deserializeBinary(
      response.getEndorsement()?.getEndorser_asU8() ?? new Uint8Array(),
    );
    assert.equal(endorser.getMspid(), 'Org1MSP');
    assert.ok((response.getEndorsement()?.getSignature_asU8().length ?? 0) > 60);
  });

  it("refuses malformed headers in Fabric's words", async () => {
    assert.equal(await refusal({ type: 0 }), 'error validating proposal: invalid header type MESSAGE');
    assert.equal(await refusal({ epoch: 1 }), 'error validating proposal: epoch is non-zero');
    assert.equal(await refusal({ nonce: new Uint8Array() }), 'error validating proposal: nonce is empty');
    assert.match(
      await refusal({ transactionId: 'ab' }),
      /^error validating proposal: incorrectly computed txid 'ab' -- expected '[0-9a-f]{64}'$/,
    );
  });

  it('refuses creators of unknown organizations and of other authorities', async () => {
    assert.equal(
      await refusal({ mspId: 'NobodyMSP' }),
      'error validating proposal: access denied: channel [care] creator org unknown, creator is malformed',
    );
    const stranger = await (
      await TestAuthority.create('ca.org1.example')
    ).issue({ commonName: 'x', unit: 'client' });
    assert.equal(
      await refusal({ identity: stranger }),
      'error validating proposal: access denied: channel [care] creator org unknown, creator is malformed',
    );
  });

  it('refuses a certificate without a role, and one that has expired', async () => {
    const { authority } = network.organization('Org1MSP');
    const roleless = await authority.issue({ commonName: 'roleless', unit: 'accounting' });
    assert.match(await refusal({ identity: roleless }), /creator org \[Org1MSP\]$/);
    const expired = await authority.issue({
      commonName: 'late',
      unit: 'client',
      notAfter: new Date(Date.now() - 60_000),
    });
    assert.equal(await refusal({ identity: expired }), 'proposal client identity expired');
  });

  it('refuses a wrong signature, and the high-S twin of a good one', async () => {
    const denied = 'error validating proposal: access denied: channel [care] creator org [Org1MSP]';
    const key = createPrivateKey(user.key);
    assert.equal(await refusal({ sign: () => sign('sha256', Buffer.from('other'), key) }), denied);
    assert.equal(await refusal({ sign: (bytes) => highS(signLowS(key, bytes)) }), denied);
    assert.equal(
      await refusal({ sign: () => new Uint8Array() }),
      'error validating proposal: empty signature bytes',
    );
  });

  it('lets peers not propose: that is for writers', async () => {
    const organization = network.organization('Org1MSP');
    assert.match(
      await refusal({ identity: await organization.issue('peer7', 'peer') }),
      /^Failed evaluating policy on signed data during check policy on channel \[care\] with policy \[\/Channel\/Application\/Writers\]: \[implicit policy evaluation failed - 0 sub-policies were satisfied/,
    );
  });

  it('answers with status 500 where it is not the proposal that is at fault', async () => {
    const elsewhere = await process(signedProposal({ identity: user, channel: 'nowhere' }));
    assert.equal(elsewhere.getResponse()?.getStatus(), 500);
    assert.equal(elsewhere.getResponse()?.getMessage(), "channel 'nowhere' not found");
    const second = new peer.EndorserClient(
      network.ledger.address('peer0.org2.example'),
      credentials.createSsl(Buffer.from(network.organization('Org2MSP').tlsAuthority.certificate)),
    );
    const uninstalled = await new Promise<peer.ProposalResponse>((resolve, reject) => {
      second.processProposal(signedProposal({ identity: user }), (error, response) => {
        if (response === undefined) {
          reject(error ?? new Error('no response'));
        } else {
          resolve(response);
        }
      });
    });
    second.close();
    assert.equal(
      uninstalled.getResponse()?.getMessage(),
      "make sure the chaincode probe has been successfully defined on channel care and try again: chaincode definition for 'probe' exists, but chaincode is not installed",
    );
  });

  it('gives up on a chaincode that takes too long, and on one that dies, and dials it again', async () => {
    const gateway = await network.connect('Org1MSP');
    const contract = gateway.getNetwork(channelName).getContract('probe');
    const details = async (promise: Promise<unknown>) => {
      try {
        await promise;
      } catch (error) {
        return (error as { details: { message: string }[] }).details[0]?.message ?? '';
      }
      return assert.fail('nothing was refused');
    };
    assert.match(
      await details(contract.evaluateTransaction('sleep', '5000')),
      /^error in simulation: failed to execute transaction \w+: error sending: timeout expired while executing transaction$/,
    );
    assert.match(
      await details(contract.evaluateTransaction('exit')),
      /^error in simulation: failed to execute transaction \w+: error sending: chaincode stream terminated$/,
    );
    assert.match(
      await details(contract.evaluateTransaction('get', 'k')),
      /^error in simulation: failed to execute transaction \w+: could not launch chaincode \S+: connection to \S+ failed: error cannot create connection for \S+: error creating grpc connection to \S+: failed to create new connection: context deadline exceeded$/,
    );
    await network.chaincodes.get('probe.peer0.org1.example')?.restart();
    assert.equal(Buffer.from(await contract.evaluateTransaction('get', 'k')).toString(), '');
  });
});

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other signature that the same key could have made: as valid, but refused. */
function highS(signature: Uint8Array): Uint8Array {
  const [r, s] = readDerChildren(readDer(signature).content);
  const twin = order - BigInt(`0x${s!.content.toString('hex')}`);
  return writeDer(
    derTag.sequence,
    writeDerInteger(r!.content),
    writeDerInteger(Buffer.from(twin.toString(16).padStart(64, '0'), 'hex')),
  );
}
