import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { msp as protos } from '@hyperledger/fabric-protos';
import fc from 'fast-check';
import { rolePrincipal } from '../policy/policy-builder.js';
import { TestAuthority } from '../testing/certificate-authority.js';
import { createOrganization, writeAll, type TestOrganization } from '../testing/organization.js';
import { readDer, readDerChildren } from './der.js';
import { Membership } from './membership.js';
import { Msp, MspConfigurationError } from './msp.js';
import { readMspDirectory } from './msp-directory.js';
import { signatureFormError, signLowS, VerifiedSignatures } from './signature.js';
import { SigningIdentity } from './signing-identity.js';

describe('an MSP folder', () => {
  let root: string;
  let organization: TestOrganization;
  const folder = () => join(organization.directory, 'msp');
  const load = async () => new Msp(await readMspDirectory('Org1MSP', folder()), new VerifiedSignatures());

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'msp-'));
    organization = await createOrganization(root, 'Org1MSP', 'org1.example');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('tells members, clients, peers and admins apart by their OU', async () => {
    const msp = await load();
    for (const role of ['client', 'peer', 'admin', 'orderer'] as const) {
      const identity = msp.identity(Buffer.from((await organization.issue('x', role)).certificate));
      assert.equal(identity.invalidity, undefined);
      for (const other of ['client', 'peer', 'admin', 'orderer'] as const) {
        assert.equal(
          identity.satisfies(rolePrincipal('Org1MSP', other)),
          role === other,
          `${role} as ${other}`,
        );
      }
      assert.ok(identity.satisfies(rolePrincipal('Org1MSP', 'member')));
      assert.ok(!identity.satisfies(rolePrincipal('Org2MSP', 'member')));
    }
  });

  it('accepts no authority, no stranger and nobody without a role', async () => {
    const msp = await load();
    const invalidity = (pem: string) => msp.identity(Buffer.from(pem)).invalidity;
    assert.match(
      invalidity(organization.authority.certificate) ?? '',
      /authority cannot be used as an identity/,
    );
    const stranger = await (
      await TestAuthority.create('ca.org1.example')
    ).issue({ commonName: 's', unit: 'client' });
    assert.throws(() => invalidity(stranger.certificate), /unknown authority/);
    const roleless = await organization.authority.issue({ commonName: 'r' });
    assert.match(invalidity(roleless.certificate) ?? '', /does not have an OU/);
  });

  it('judges validity at the time of issue, and expiry apart from it', async () => {
    const msp = await load();
    const late = await organization.authority.issue({
      commonName: 'late',
      unit: 'client',
      notAfter: new Date(Date.now() - 1_000),
    });
    const identity = msp.identity(Buffer.from(late.certificate));
    assert.equal(identity.invalidity, undefined);
    assert.equal(identity.isExpired(), true);
  });

  it('refuses whom a revocation list of its authority names', async () => {
    const good = await organization.issue('good', 'client');
    const bad = await organization.issue('bad', 'client');
    await writeAll(folder(), { 'crls/list.pem': await organization.authority.revoke(bad.certificate) });
    const msp = await load();
    assert.equal(msp.identity(Buffer.from(good.certificate)).invalidity, undefined);
    assert.equal(msp.identity(Buffer.from(bad.certificate)).invalidity, 'the certificate has been revoked');
  });

  it('that cannot be used is refused with what to correct', async () => {
    await rm(join(folder(), 'cacerts'), { recursive: true });
    await assert.rejects(load(), (error: unknown) => {
      assert.ok(error instanceof MspConfigurationError);
      assert.match(error.message, /MSP Org1MSP: no CA certificate in .*cacerts/);
      return true;
    });
    await writeAll(folder(), { 'cacerts/ca.pem': 'not a certificate' });
    await assert.rejects(load(), /a file in cacerts is not a PEM certificate/);
    await writeAll(folder(), {
      'cacerts/ca.pem': organization.authority.certificate,
      'config.yaml':
        'NodeOUs: {Enable: true, ClientOUIdentifier: {Certificate: cacerts/none.pem, OrganizationalUnitIdentifier: client}}',
    });
    await assert.rejects(load(), /config\.yaml names .*none\.pem, which is not there/);
    await writeAll(folder(), { 'config.yaml': 'NodeOUs: {Enable: false}' });
    await assert.rejects(load(), /administrators must be declared when no admin ou classification is set/);
  });

  it('without NodeOUs knows admins by their certificates', async () => {
    const admin = await organization.issue('boss', 'client');
    await writeAll(folder(), {
      'config.yaml': 'NodeOUs: {Enable: false}',
      'admincerts/boss.pem': admin.certificate,
    });
    const msp = await load();
    assert.ok(msp.identity(Buffer.from(admin.certificate)).satisfies(rolePrincipal('Org1MSP', 'admin')));
    const other = msp.identity(Buffer.from((await organization.issue('x', 'admin')).certificate));
    assert.ok(!other.satisfies(rolePrincipal('Org1MSP', 'admin')));
    assert.ok(other.satisfies(rolePrincipal('Org1MSP', 'member')));
  });

  it('gives signers once each, and only those with good signatures', async () => {
    const msp = await load();
    const membership = new Membership([msp]);
    const peer = await organization.issue('peer0', 'peer');
    const signatures = new VerifiedSignatures();
    const signer = new SigningIdentity('Org1MSP', peer.certificate, peer.key, signatures);
    const data = Buffer.from('message');
    const good = { data, identity: signer.serialized, signature: await signer.sign(data) };
    const bad = { ...good, data: Buffer.from('other') };
    assert.equal(membership.signers([good, good]).length, 1);
    assert.equal(membership.signers([bad]).length, 0);
    assert.equal(membership.signers([bad, good]).length, 1);
    const unknown = new protos.SerializedIdentity();
    unknown.setMspid('NobodyMSP');
    assert.equal(membership.identity(unknown.serializeBinary()), undefined);
    assert.equal(membership.identity(Buffer.from('garbage')), undefined);
  });

  it('does not let a key sign for the certificate of another', async () => {
    const one = await organization.issue('one', 'peer');
    const two = await organization.issue('two', 'peer');
    assert.throws(
      () => new SigningIdentity('Org1MSP', one.certificate, two.key, new VerifiedSignatures()),
      /the signing key does not belong to the signing certificate/,
    );
  });
});

describe('signatures', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });

  it('are made in strict DER with low S, and verify', () => {
    const key = createPrivateKey(pem);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (message) => {
        const signature = signLowS(key, message);
        assert.equal(signatureFormError('prime256v1', signature), undefined);
        assert.ok(new VerifiedSignatures().verify('key', createPublicKey(pem), message, signature));
      }),
      { numRuns: 50 },
    );
  });

  it('are refused when S is high, although they verify mathematically', () => {
    let refused = 0;
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const signature = sign('sha256', Buffer.from([attempt]), privateKey);
      const high = signatureFormError('prime256v1', signature) !== undefined;
      assert.equal(
        new VerifiedSignatures().verify('key', publicKey, Buffer.from([attempt]), signature),
        !high,
      );
      refused += high ? 1 : 0;
    }
    assert.ok(refused > 0 && refused < 40, `${refused} of 40`);
  });

  it('are refused, never crashed upon, whatever their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (signature) => {
        assert.equal(typeof signatureFormError('prime256v1', signature), 'string');
      }),
    );
  });

  it('that were verified once are known again, but only for the same message and key', () => {
    const known = new VerifiedSignatures();
    const signature = signLowS(privateKey, Buffer.from('m'));
    known.add('key', Buffer.from('m'), signature);
    assert.ok(known.verify('key', publicKey, Buffer.from('m'), signature));
    assert.ok(!known.verify('key', publicKey, Buffer.from('n'), signature));
    const { publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    assert.ok(!known.verify('other', other, Buffer.from('m'), signature));
  });

  it('are DER pairs', () => {
    const children = readDerChildren(readDer(signLowS(privateKey, Buffer.from('m'))).content);
    assert.equal(children.length, 2);
  });
});
