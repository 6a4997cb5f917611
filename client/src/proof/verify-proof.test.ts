import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError, type PortableProof, type ProofStatement } from '@vitaledger/domain';
import {
  endorsementOf,
  exampleReads,
  exampleStatement,
  issue,
  organization,
  proofBy,
  type TestAnswer,
  type TestOrganization,
  type TestRead,
} from '../testing/proof.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { readRoots, type TrustedRoots } from './roots.js';
import { verifyRegistrationProof } from './verify-proof.js';

/** Order of the P-256 group. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

describe('the verification of a proof', () => {
  let a: TestOrganization;
  let b: TestOrganization;
  let c: TestOrganization;
  let roots: TrustedRoots;

  before(async () => {
    [a, b, c] = (await Promise.all(['AMSP', 'BMSP', 'CMSP'].map(organization))) as [
      TestOrganization,
      TestOrganization,
      TestOrganization,
    ];
    roots = Object.fromEntries([a, b, c].map(({ mspId, root }) => [mspId, [root.pem]]));
  });

  const reasonOf = (
    proof: unknown,
    trust: Partial<Parameters<typeof verifyRegistrationProof>[1]> = {},
  ): unknown => {
    try {
      verifyRegistrationProof(proof, { roots, ...trust });
      return 'proven';
    } catch (error) {
      assert.ok(error instanceof VitaledgerError, String(error));
      return error.details.reason ?? error.code;
    }
  };
  /** What is refused though every organization signed it. */
  const reasonWith = (change: Partial<TestAnswer>): unknown => reasonOf(proofBy([a, b, c], change));
  const stating = (change: Partial<ProofStatement>): Partial<TestAnswer> => ({
    statement: { ...exampleStatement(), ...change },
  });

  it('says what was registered between when, and who signed that', () => {
    const fact = verifyRegistrationProof(proofBy([c, a]), { roots, digest: 'ab'.repeat(32) });
    assert.deepEqual(fact.subject, exampleStatement().subject);
    assert.deepEqual(fact.registered, { from: '2026-03-01T11:59:30.000Z', to: '2026-03-01T12:02:30.000Z' });
    assert.deepEqual(fact.signedBy, ['AMSP', 'CMSP']);
    assert.equal(fact.proved, '2026-03-02T00:00:00.000Z');
  });

  it('takes a version of a record as well', () => {
    const { document, documentKind, ...rest } = exampleStatement().subject;
    assert.ok(document && documentKind);
    const subject = { ...rest, kind: 'trial-version', version: 3 } as const;
    const reads: readonly TestRead[] = [
      ...exampleReads(exampleStatement()).slice(0, 4),
      [`trial-version/${subject.trial}/000003`, 11],
    ];
    const change = {
      ...stating({ subject }),
      arguments: ['ProofContract:version', subject.trial, '3'],
      namespaces: [{ name: 'registry', reads }],
    };
    assert.equal(reasonWith(change), 'proven');
    assert.equal(
      reasonWith({ ...change, arguments: ['ProofContract:version', subject.trial, '2'] }),
      'PROPOSAL',
    );
  });

  it('finds every single byte that was altered', function () {
    this.timeout(120_000);
    const proof = proofBy([a, b]);
    const parts: readonly (readonly [string, (encoded: string) => PortableProof])[] = [
      ...(['channelHeader', 'signatureHeader', 'payload'] as const).map(
        (part) =>
          [
            proof.proposal[part],
            (encoded: string) => ({ ...proof, proposal: { ...proof.proposal, [part]: encoded } }),
          ] as const,
      ),
      [proof.response, (response) => ({ ...proof, response })],
      ...proof.endorsements.flatMap((endorsement, index) =>
        (['endorser', 'signature'] as const).map(
          (part) =>
            [
              endorsement[part],
              (encoded: string) => ({
                ...proof,
                endorsements: proof.endorsements.with(index, { ...endorsement, [part]: encoded }),
              }),
            ] as const,
        ),
      ),
    ];
    for (const [encoded, put] of parts) {
      const bytes = Buffer.from(encoded, 'base64');
      for (let place = 0; place < bytes.length; place++) {
        bytes[place]! ^= 1;
        assert.notEqual(reasonOf(put(bytes.toString('base64'))), 'proven', `byte ${place}`);
        bytes[place]! ^= 1;
      }
      assert.notEqual(reasonOf(put(Buffer.concat([bytes, Buffer.of(0)]).toString('base64'))), 'proven');
      assert.notEqual(reasonOf(put(bytes.subarray(0, -1).toString('base64'))), 'proven');
    }
    assert.equal(reasonOf(proof), 'proven');
  });

  it('needs more than half of the members, and of the organizations that the verifier knows', async () => {
    assert.equal(reasonOf(proofBy([a])), 'TOO_FEW_ORGANIZATIONS');
    assert.equal(reasonOf(proofBy([a, b])), 'proven');
    const one = proofBy([a, b]);
    assert.equal(
      reasonOf({ ...one, endorsements: [one.endorsements[0], one.endorsements[0]] }),
      'ENDORSEMENT',
    );

    // One organization signs that it is the only member. Whoever knows the others is not taken in.
    const { consortium } = exampleStatement();
    const { AMSP, ...others } = consortium.organizations;
    const alone = stating({ consortium: { ...consortium, organizations: { AMSP: AMSP! } } });
    assert.equal(reasonOf(proofBy([a], alone)), 'TOO_FEW_ORGANIZATIONS');
    assert.equal(
      reasonOf(proofBy([a, b], stating({ consortium: { ...consortium, organizations: others } }))),
      'TOO_FEW_ORGANIZATIONS',
    );
    const suspended = { ...consortium.organizations, BMSP: { ...AMSP!, status: 'suspended' as const } };
    const without = stating({ consortium: { ...consortium, organizations: suspended } });
    assert.equal(reasonOf(proofBy([a, b], without)), 'TOO_FEW_ORGANIZATIONS');

    const d = await organization('DMSP');
    assert.equal(reasonOf(proofBy([a, b, d])), 'UNKNOWN_ORGANIZATION');
    assert.equal(
      reasonOf(proofBy([a, b]), { roots: { ...roots, DMSP: [d.root.pem] } }),
      'TOO_FEW_ORGANIZATIONS',
    );
  });

  it('takes signatures of peers only, whose certificates lead to their own organization’s root', async () => {
    const signedBy = async (unit: string | undefined, root = b.root) =>
      proofBy([a, { mspId: 'BMSP', peer: await issue('x', { issuer: root, ...(unit && { unit }) }) }]);
    assert.equal(reasonOf(await signedBy('peer')), 'proven');
    for (const unit of ['client', 'admin', undefined])
      assert.equal(reasonOf(await signedBy(unit)), 'CERTIFICATE');
    assert.equal(reasonOf(await signedBy('peer', a.root)), 'CERTIFICATE');
    assert.equal(reasonOf(proofBy([a, { mspId: 'BMSP', peer: c.peer }])), 'CERTIFICATE');
    const selfSigned = await issue('peer0.BMSP', { unit: 'peer' });
    assert.equal(reasonOf(proofBy([a, { mspId: 'BMSP', peer: selfSigned }])), 'CERTIFICATE');
    const ofPeer = await issue('x', { issuer: b.peer, unit: 'peer' });
    const leaf = { ...proofBy([a, { mspId: 'BMSP', peer: ofPeer }]), intermediates: { BMSP: [b.peer.pem] } };
    assert.equal(reasonOf(leaf), 'CERTIFICATE', 'a peer issues no certificates');
    const authority = await issue('peer0.BMSP', { issuer: b.root, unit: 'peer', isAuthority: true });
    assert.equal(reasonOf(proofBy([a, { mspId: 'BMSP', peer: authority }])), 'CERTIFICATE');
    const impostor = await issue('ca.BMSP', { isAuthority: true });
    const forged = await issue('x', { issuer: impostor, unit: 'peer' });
    assert.equal(
      reasonOf(proofBy([a, { mspId: 'BMSP', peer: forged }])),
      'CERTIFICATE',
      'a root of the same name',
    );
    const other = await issue('x', { issuer: b.root, unit: 'peer', curve: 'P-384' });
    assert.equal(reasonOf(proofBy([a, { mspId: 'BMSP', peer: other }])), 'CERTIFICATE');
  });

  it('follows intermediate certificates that the proof brings along, and wants no others', async () => {
    const between = await issue('ica.BMSP', { issuer: b.root, isAuthority: true });
    const peer = await issue('peer0.BMSP', { issuer: between, unit: 'peer' });
    const proof = proofBy([a, { mspId: 'BMSP', peer }]);
    assert.equal(reasonOf(proof), 'CERTIFICATE');
    assert.equal(reasonOf({ ...proof, intermediates: { BMSP: [between.pem] } }), 'proven');
    assert.equal(reasonOf({ ...proof, intermediates: { AMSP: [between.pem] } }), 'CERTIFICATE');
    assert.equal(reasonOf({ ...proof, intermediates: { BMSP: ['no PEM'] } }), 'CERTIFICATE');
    assert.equal(reasonOf({ ...proofBy([a, b]), intermediates: { CMSP: [between.pem] } }), 'CERTIFICATE');
  });

  it('takes certificates that were valid when the proof was made', async () => {
    const notAfter = new Date('2026-03-01T23:59:59Z');
    const expired = await issue('peer0.BMSP', { issuer: b.root, unit: 'peer', notAfter });
    assert.equal(reasonOf(proofBy([a, { mspId: 'BMSP', peer: expired }])), 'CERTIFICATE');
    const root = await issue('ca.BMSP', { isAuthority: true, notAfter });
    const peer = await issue('peer0.BMSP', { issuer: root, unit: 'peer' });
    const trust = { roots: { ...roots, BMSP: [root.pem] } };
    assert.equal(reasonOf(proofBy([a, { mspId: 'BMSP', peer }]), trust), 'CERTIFICATE');
  });

  it('refuses the twin of a signature, and other encodings of it', () => {
    const proof = proofBy([a, b]);
    const [first, second] = proof.endorsements;
    const der = Buffer.from(first!.signature, 'base64');
    const [r, s] = [der.subarray(4, 4 + der[3]!), der.subarray(6 + der[3]!)];
    const twin = (order - BigInt(`0x${s.toString('hex')}`)).toString(16).padStart(64, '0');
    const highS = Buffer.concat([Buffer.of(0), Buffer.from(twin, 'hex')]);
    const encode = (...integers: readonly Buffer[]): string => {
      const body = Buffer.concat(integers.flatMap((integer) => [Buffer.of(2, integer.length), integer]));
      return Buffer.concat([Buffer.of(0x30, body.length), body]).toString('base64');
    };
    const signed = (signature: string) => ({ ...proof, endorsements: [{ ...first, signature }, second] });
    assert.equal(reasonOf(signed(encode(r, s))), 'proven');
    assert.equal(reasonOf(signed(encode(r, highS))), 'ENDORSEMENT');
    assert.equal(reasonOf(signed(encode(Buffer.concat([Buffer.of(0), r]), s))), 'ENDORSEMENT');
    for (const garbage of ['AA==', 'MAA=', 'MAYCAQACAQA='])
      assert.equal(reasonOf(signed(garbage)), 'ENDORSEMENT');
  });

  it('takes nothing that peers have signed for another purpose, channel or chaincode', () => {
    assert.equal(reasonWith({ channel: 'care' }), 'ANOTHER_CHANNEL');
    assert.equal(reasonWith({ chaincode: 'other', answeringChaincode: 'other' }), 'ANOTHER_CHANNEL');
    assert.equal(reasonWith({ answeringChaincode: 'other' }), 'RESPONSE');
    assert.equal(reasonWith({ arguments: ['TrialDocumentContract:register', 'x', 'y'] }), 'PROPOSAL');
    assert.equal(reasonWith({ arguments: [] }), 'PROPOSAL');
    assert.equal(reasonWith({ transactionId: 'ab'.repeat(32) }), 'PROPOSAL');
    assert.equal(reasonWith({ headerType: 1 }), 'PROPOSAL');
    assert.equal(reasonWith({ timestamp: '2026-03-02T00:00:00.001Z' }), 'PROPOSAL');
    assert.equal(reasonWith({ proposalHash: Buffer.alloc(32) }), 'RESPONSE');
    assert.equal(reasonWith({ status: 500 }), 'RESPONSE');
    assert.equal(reasonWith({ events: 'x' }), 'RESPONSE');
    assert.equal(reasonWith({ text: '{' }), 'RESPONSE');
    assert.equal(reasonWith({ text: JSON.stringify(exampleStatement(), undefined, 1) }), 'RESPONSE');
    assert.equal(reasonWith({ statement: { ...exampleStatement(), more: 1 } }), 'RESPONSE');
  });

  it('takes no response that writes, or was not read from where its statement comes from', () => {
    const reads = exampleReads(exampleStatement());
    const reading = (own: readonly TestRead[], ...more: TestAnswer['namespaces']): unknown =>
      reasonWith({ namespaces: [{ name: 'registry', reads: own }, ...more] });
    const moved = (key: string, block: number | undefined) =>
      reads.map((read) => (read[0].startsWith(key) ? ([read[0], block] as const) : read));
    assert.equal(reading(reads), 'proven');
    assert.equal(reasonWith({ writes: ['x'] }), 'READ_SET');
    assert.equal(reading(reads, { name: 'other', reads: [] }), 'READ_SET');
    assert.equal(reading(reads.slice(1)), 'READ_SET');
    assert.equal(reading([...reads, ['clock', 13]]), 'READ_SET');
    assert.equal(
      reading(moved('trial-document-version', undefined)),
      'READ_SET',
      'a registration that is not there',
    );
    assert.equal(reading(moved('trial-document-', 9)), 'READ_SET', 'before the beat that it names');
    assert.equal(reading(moved('trial-document-', 12)), 'READ_SET', 'in a later one’s place');
    assert.equal(reading(moved('trial-document-digest', 9)), 'READ_SET', 'written by two transactions');
    assert.equal(reading(moved('beat/9', 12)), 'READ_SET');
    assert.equal(reasonWith({ namespaces: [] }), 'READ_SET');
  });

  it('takes no statement that contradicts itself', () => {
    const { subject, after, before } = exampleStatement();
    assert.equal(reasonWith(stating({ subject: { ...subject, digest: 'cd'.repeat(32) } })), 'PROPOSAL');
    assert.equal(reasonWith(stating({ subject: { ...subject, version: 2 } })), 'READ_SET');
    assert.equal(reasonWith(stating({ subject: { ...subject, kind: 'trial-version' } })), 'STATEMENT');
    assert.equal(reasonWith(stating({ before: { ...before, beat: 8 } })), 'STATEMENT');
    assert.equal(reasonWith(stating({ before: { ...before, instant: after.instant } })), 'STATEMENT');
    const proved = '2026-03-01T12:01:29.999Z';
    assert.equal(reasonWith({ ...stating({ proved }), timestamp: proved }), 'STATEMENT');
  });

  it('holds the proof against the content that it shall be about', () => {
    assert.equal(reasonOf(proofBy([a, b]), { digest: 'cd'.repeat(32) }), 'ANOTHER_CONTENT');
  });

  it('says what is wrong with a file that is no proof', () => {
    const proof = proofBy([a, b]);
    for (const wrong of [
      null,
      [],
      { ...proof, format: 'vitaledger-proof/2' },
      { ...proof, note: 'x' },
      { ...proof, endorsements: [] },
      { ...proof, response: 'not base64' },
      { ...proof, response: `${proof.response.replace(/=+$/, '')}====` },
    ])
      assert.equal(reasonOf(wrong), 'INVALID_ARGUMENT');
    assert.equal(reasonOf({ ...proof, response: 'AAAA' }), 'RESPONSE');
    assert.equal(reasonOf({ ...proof, proposal: { ...proof.proposal, payload: '/////w==' } }), 'PROPOSAL');
    const endorsement = endorsementOf(Buffer.of(1), 'AMSP', a.peer);
    assert.equal(
      reasonOf({ ...proof, endorsements: [{ ...endorsement, endorser: '/////w==' }] }),
      'ENDORSEMENT',
    );
  });

  describe('reads root certificates', () => {
    const folder = temporaryFolder();

    it('from files and folders named by their organizations', async () => {
      await writeFile(join(folder(), 'AMSP.pem'), `${a.root.pem}\n${b.root.pem}\n`);
      await mkdir(join(folder(), 'CMSP'));
      await writeFile(join(folder(), 'CMSP', 'ca.pem'), c.root.pem);
      await writeFile(join(folder(), 'CMSP', 'README.md'), 'about them');
      await writeFile(join(folder(), 'README.md'), 'about them');
      const read = await readRoots(folder());
      assert.deepEqual([read.AMSP?.length, read.CMSP?.length], [2, 1]);
    });

    it('and says what is missing', async () => {
      await assert.rejects(readRoots(join(folder(), 'absent')), { code: 'NOT_FOUND' });
      await assert.rejects(readRoots(folder()), { code: 'NOT_FOUND' });
      await writeFile(join(folder(), 'AMSP.pem'), 'no certificate');
      await assert.rejects(readRoots(folder()), { code: 'INVALID_ARGUMENT' });
    });

    it('of which no two organizations have the same', () => {
      assert.equal(
        reasonOf(proofBy([a, b]), { roots: { ...roots, BMSP: [a.root.pem] } }),
        'INVALID_ARGUMENT',
      );
    });
  });
});
