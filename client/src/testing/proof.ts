import 'reflect-metadata';
import { createHash, createPrivateKey, randomBytes, sign, webcrypto, type KeyObject } from 'node:crypto';
import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import * as x509 from '@peculiar/x509';
import {
  canonicalJson,
  PROOF_FILE,
  PROOF_STATEMENT,
  type PortableProof,
  type ProofEndorsement,
  type ProofStatement,
} from '@vitaledger/domain';
import { lowSDer } from '../signer/native-signer.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const [validFrom, validTo] = [new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z')];

/** A certificate with its key. */
export interface TestCertificate {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly pem: string;
  readonly privateKey: KeyObject;
}

interface Issuing {
  readonly issuer?: TestCertificate;
  readonly isAuthority?: boolean;
  readonly unit?: string;
  readonly notAfter?: Date;
  readonly curve?: 'P-256' | 'P-384';
}

/** Issues a certificate; self-signed without an issuer. */
export async function issue(name: string, options: Issuing = {}): Promise<TestCertificate> {
  x509.cryptoProvider.set(webcrypto);
  const own = { ...algorithm, namedCurve: options.curve ?? 'P-256' };
  const keys = await webcrypto.subtle.generateKey(own, true, ['sign', 'verify']);
  const { issuer, isAuthority = false, unit, notAfter = validTo } = options;
  const subject = unit === undefined ? `CN=${name}` : `CN=${name}, OU=${unit}`;
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer ? issuer.certificate.subject : subject,
    notBefore: validFrom,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: (issuer ?? { keys }).keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(isAuthority, undefined, true)],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  return { certificate, keys, pem: certificate.toString('pem'), privateKey };
}

/** An organization with its root and a peer. */
export interface TestOrganization {
  readonly mspId: string;
  readonly root: TestCertificate;
  readonly peer: TestCertificate;
}

export async function organization(mspId: string): Promise<TestOrganization> {
  const root = await issue(`ca.${mspId}`, { isAuthority: true });
  return { mspId, root, peer: await issue(`peer0.${mspId}`, { issuer: root, unit: 'peer' }) };
}

const TRIAL = `VL-${'12'.repeat(8)}`;

/** What peers of three organizations state of a document. */
export function exampleStatement(): ProofStatement {
  const active = { name: 'Organization', kinds: ['hospital'], jurisdiction: 'DE', status: 'active' } as const;
  return {
    format: PROOF_STATEMENT,
    subject: {
      kind: 'document',
      trial: TRIAL,
      document: `VD-${'34'.repeat(8)}`,
      documentKind: 'protocol',
      version: 1,
      digest: 'ab'.repeat(32),
      organization: 'AMSP',
      instant: '2026-03-01T12:00:10.000Z',
    },
    after: { beat: 7, instant: '2026-03-01T12:00:00.000Z', skewSeconds: 30 },
    before: { beat: 9, instant: '2026-03-01T12:02:00.000Z', skewSeconds: 30 },
    proved: '2026-03-02T00:00:00.000Z',
    consortium: {
      version: 1,
      organizations: { AMSP: active, BMSP: active, CMSP: active },
      packs: [],
      clock: { intervalSeconds: 60, skewSeconds: 30 },
    },
  };
}

/** A key that was read: with the block of its version, or none. */
export type TestRead = readonly [key: string, block: number | undefined];

export function exampleReads({ subject }: ProofStatement): readonly TestRead[] {
  return [
    ['beat/7', 10],
    ['beat/8', 12],
    ['beat/9', 13],
    ['consortium', 2],
    [`trial-document-digest/${subject.trial}/${subject.digest}`, 11],
    [`trial-document-version/${subject.trial}/${subject.document ?? ''}/000001`, 11],
  ];
}

/** What peers are asked and answer; tests change single parts. */
export interface TestAnswer {
  readonly channel: string;
  readonly chaincode: string;
  readonly answeringChaincode: string;
  readonly arguments: readonly string[];
  readonly timestamp: string;
  readonly transactionId: string | undefined;
  readonly headerType: number;
  readonly proposalHash: Buffer | undefined;
  readonly status: number;
  readonly statement: unknown;
  /** In place of the canonical JSON of the statement. */
  readonly text: string | undefined;
  readonly events: string;
  readonly namespaces: readonly { readonly name: string; readonly reads: readonly TestRead[] }[];
  readonly writes: readonly string[];
}

function exampleAnswer(): TestAnswer {
  const statement = exampleStatement();
  const { subject, proved } = statement;
  return {
    channel: 'registry',
    chaincode: 'registry',
    answeringChaincode: 'registry',
    arguments: ['ProofContract:document', subject.trial, subject.digest],
    timestamp: proved,
    transactionId: undefined,
    headerType: common.HeaderType.ENDORSER_TRANSACTION,
    proposalHash: undefined,
    status: 200,
    statement,
    text: undefined,
    events: '',
    namespaces: [
      { name: '_lifecycle', reads: [['namespaces/fields/registry/Sequence', 3]] },
      { name: 'registry', reads: exampleReads(statement) },
    ],
    writes: [],
  };
}

/** A proof as these peers would sign it, also of what no peer would. */
export function proofBy(
  signers: readonly { readonly mspId: string; readonly peer: TestCertificate }[],
  change: Partial<TestAnswer> = {},
): PortableProof {
  const answer = { ...exampleAnswer(), ...change };
  const proposal = proposalOf(answer);
  const hash = createHash('sha256');
  for (const part of Object.values(proposal)) hash.update(part);
  const response = responseOf(answer, answer.proposalHash ?? hash.digest());
  return {
    format: PROOF_FILE,
    proposal: {
      channelHeader: proposal.channelHeader.toString('base64'),
      signatureHeader: proposal.signatureHeader.toString('base64'),
      payload: proposal.payload.toString('base64'),
    },
    response: response.toString('base64'),
    endorsements: signers.map(({ mspId, peer: signer }) => endorsementOf(response, mspId, signer)),
    intermediates: {},
  };
}

export function endorsementOf(
  response: Buffer,
  mspId: string,
  { pem, privateKey }: TestCertificate,
): ProofEndorsement {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(Buffer.from(pem));
  const endorser = Buffer.from(identity.serializeBinary());
  const raw = sign('sha256', Buffer.concat([response, endorser]), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return {
    endorser: endorser.toString('base64'),
    signature: Buffer.from(lowSDer(raw)).toString('base64'),
  };
}

function proposalOf(answer: TestAnswer) {
  const [nonce, creator] = [randomBytes(24), Buffer.from('creator')];
  const signature = new common.SignatureHeader();
  signature.setNonce(nonce);
  signature.setCreator(creator);
  const id = new peer.ChaincodeID();
  id.setName(answer.chaincode);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(id);
  const header = new common.ChannelHeader();
  header.setType(answer.headerType);
  header.setChannelId(answer.channel);
  const transactionId = createHash('sha256').update(nonce).update(creator).digest('hex');
  header.setTxId(answer.transactionId ?? transactionId);
  header.setExtension$(extension.serializeBinary());
  const input = new peer.ChaincodeInput();
  input.setArgsList(answer.arguments.map((argument) => Buffer.from(argument)));
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(id);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return {
    channelHeader: Buffer.concat([header.serializeBinary(), timestampField(new Date(answer.timestamp))]),
    signatureHeader: Buffer.from(signature.serializeBinary()),
    payload: Buffer.from(payload.serializeBinary()),
  };
}

/** Field 3 of a channel header, a `google.protobuf.Timestamp`; its class is in a package of its own. */
function timestampField(time: Date): Buffer {
  const milliseconds = time.getTime();
  const [seconds, nanos] = [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1_000_000];
  const message = Buffer.of(0x08, ...varint(seconds), 0x10, ...varint(nanos));
  return Buffer.concat([Buffer.of(0x1a, message.length), message]);
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
}

function responseOf(answer: TestAnswer, hash: Buffer): Buffer {
  const id = new peer.ChaincodeID();
  id.setName(answer.answeringChaincode);
  const response = new peer.Response();
  response.setStatus(answer.status);
  response.setPayload(Buffer.from(answer.text ?? canonicalJson(answer.statement)));
  const action = new peer.ChaincodeAction();
  action.setChaincodeId(id);
  action.setResponse(response);
  action.setEvents(Buffer.from(answer.events));
  action.setResults(resultsOf(answer));
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(hash);
  payload.setExtension$(action.serializeBinary());
  return Buffer.from(payload.serializeBinary());
}

function resultsOf({ namespaces, writes }: TestAnswer): Uint8Array {
  const { TxReadWriteSet, NsReadWriteSet, kvrwset } = ledger.rwset;
  const set = new TxReadWriteSet();
  set.setNsRwsetList(
    namespaces.map(({ name, reads }) => {
      const keys = new kvrwset.KVRWSet();
      keys.setReadsList(reads.map(readOf));
      keys.setWritesList(
        writes.map((key) => {
          const write = new kvrwset.KVWrite();
          write.setKey(key);
          return write;
        }),
      );
      const namespace = new NsReadWriteSet();
      namespace.setNamespace(name);
      namespace.setRwset(keys.serializeBinary());
      return namespace;
    }),
  );
  return set.serializeBinary();
}

function readOf([key, block]: TestRead): ledger.rwset.kvrwset.KVRead {
  const read = new ledger.rwset.kvrwset.KVRead();
  read.setKey(key);
  if (block !== undefined) {
    const version = new ledger.rwset.kvrwset.Version();
    version.setBlockNum(block);
    read.setVersion(version);
  }
  return read;
}
