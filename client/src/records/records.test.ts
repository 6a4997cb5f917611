import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DocumentReference, FhirResource, ImagingStudy } from 'fhir/r4';
import {
  RESOURCE_TYPES,
  validateRecords,
  VitaledgerError,
  type PublicJwk,
  type RecordInput,
  type RecordMetadata,
} from '@vitaledger/domain';
import { ReleasedRecord } from '../access/released-record.js';
import { sealed } from '../testing/sealed-answer.js';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { TransactionError, type Call, type CustodianCall } from '../transaction/index.js';
import { forgetBackup, noteBackup } from '../vault/backups.js';
import { FileVault } from '../vault/file-vault.js';
import { readContent } from '../vault/objects.js';
import { newUpload } from '../vault/upload.js';
import { Records } from './records.js';

const patient = 'ab'.repeat(16);

const bundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    entry('urn:uuid:00000000-0000-4000-8000-000000000001', {
      resourceType: 'Patient',
      name: [{ family: 'Mustermann' }],
    }),
    entry('urn:uuid:00000000-0000-4000-8000-000000000002', {
      resourceType: 'Condition',
      subject: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' },
      code: { coding: [{ system: 'http://snomed.info/sct', code: '44054006' }, { code: 'local' }] },
      onsetDateTime: '2020-02-03',
    }),
    entry('urn:uuid:00000000-0000-4000-8000-000000000003', {
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' },
      reasonReference: [{ reference: 'urn:uuid:00000000-0000-4000-8000-000000000002' }],
      medicationCodeableConcept: {
        coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '860975' }],
      },
    }),
  ],
};

function entry(
  fullUrl: string,
  resource: { readonly resourceType: string; readonly [member: string]: unknown },
): object {
  return { fullUrl, resource, request: { method: 'POST', url: resource.resourceType } };
}

/** A ledger that would take everything, and where submitting ends so. */
function submitFails(error: Error): Script {
  return (_call, kind) => {
    if (kind === 'submit') {
      throw error;
    }
    return '';
  };
}

function failure(fate: 'failed' | 'unknown'): TransactionError {
  return new TransactionError(
    fate === 'failed' ? 'PERMISSION_DENIED' : 'UNAVAILABLE',
    'no',
    {},
    {
      phase: 'commit',
      fate,
      transactionId: 'tx',
      attempts: 1,
    },
  );
}

describe('records', () => {
  const folder = temporaryFolder();
  const vault = (): FileVault => new FileVault(folder());

  async function files(): Promise<readonly string[]> {
    const entries = await readdir(folder(), { recursive: true, withFileTypes: true });
    return entries.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  }

  function connected(script: Script): { session: ScriptedSession; records: Records } {
    const session = new ScriptedSession(script, vault());
    return { session, records: new Records(session) };
  }

  let key: PublicJwk | undefined;

  /** A page of an inspection, as the custodian answers it. */
  const page = async (to: PublicJwk, ids: readonly string[], bookmark: string): Promise<object> => ({
    jwe: await sealed({ receipt: 'r1', records: ids.map((id) => ({ id })) }, to),
    bookmark,
  });

  function registered(session: ScriptedSession): readonly RecordInput[] {
    const input = session.inputs('RecordContract:register').at(-1);
    return validateRecords(input!.records);
  }

  it('registers a bundle in one transaction that the contract accepts, contents first', async () => {
    const { session, records } = connected(() => '');
    const steps: string[] = [];
    const done = await records.registerBundle(patient, bundle, {
      onProgress: ({ step, stored, total }) => steps.push(`${step} ${stored}/${total}`),
    });
    assert.deepEqual(session.kinds, ['evaluate', 'submit']);
    assert.deepEqual(
      registered(session).map(({ id }) => id),
      done.records,
    );
    assert.deepEqual(steps, ['vault 1/3', 'vault 2/3', 'vault 3/3', 'ledger 3/3', 'done 3/3']);
    assert.equal((await files()).length, 6, 'an object and a share each, and no note');
  });

  it('makes references between entries references between records, and keeps what references tell', async () => {
    const { session, records } = connected(() => '');
    await records.registerBundle(patient, JSON.stringify(bundle));
    const [subject, condition, medication] = registered(session);
    assert.deepEqual(condition!.codes, [{ system: 'http://snomed.info/sct', code: '44054006' }]);
    assert.equal(condition!.date, '2020-02-03');
    assert.ok(
      medication!.codes.some(({ code }) => code === '44054006'),
      'the condition behind the prescription',
    );
    const parts: Uint8Array[] = [];
    const { keyShare, manifest, id } = condition!;
    for await (const part of readContent(vault(), { manifest, keyShare }, { record: id, version: 1 })) {
      parts.push(part);
    }
    const resource = JSON.parse(Buffer.concat(parts).toString()) as {
      id: string;
      subject: { reference: string };
    };
    assert.equal(resource.id, id);
    assert.equal(resource.subject.reference, `Patient/${subject!.id}`);
  });

  it('leave nothing in the vault when the ledger refuses', async () => {
    const { records } = connected(submitFails(failure('failed')));
    await assert.rejects(records.registerBundle(patient, bundle), { code: 'PERMISSION_DENIED' });
    assert.deepEqual(await files(), []);
  });

  it('write nothing at all when the ledger would refuse anyway', async () => {
    const { session, records } = connected(() => {
      throw failure('failed');
    });
    async function* unread(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield assert.fail('the document must not be read');
    }
    const document = { content: unread(), mediaType: 'application/dicom' };
    await assert.rejects(records.registerDocument(patient, document), { code: 'PERMISSION_DENIED' });
    assert.deepEqual(session.kinds, ['evaluate']);
  });

  it('leave nothing when the bundle is bad, and send nothing', async () => {
    const { session, records } = connected(() => '');
    const another = structuredClone(bundle) as { entry: { resource: { resourceType: string } }[] };
    another.entry[2]!.resource.resourceType = 'Medicine';
    for (const bad of [another, JSON.stringify(bundle).slice(0, 300), { ...bundle, type: 'batch' }]) {
      await assert.rejects(records.registerBundle(patient, bad), { code: 'INVALID_ARGUMENT' });
    }
    const many = {
      ...bundle,
      entry: Array.from({ length: 2001 }, (_, index) =>
        entry(`urn:uuid:${index}`, { resourceType: 'Basic' }),
      ),
    };
    await assert.rejects(records.registerBundle(patient, many), { code: 'INVALID_ARGUMENT' });
    assert.equal(session.calls.length, 0);
    assert.deepEqual(await files(), []);
  });

  it('leave nothing when the registration is aborted or the vault fails halfway', async () => {
    const abort = new AbortController();
    const { session, records } = connected(() => '');
    const onProgress = (): void => {
      abort.abort();
    };
    await assert.rejects(records.registerBundle(patient, bundle, { signal: abort.signal, onProgress }), {
      name: 'AbortError',
    });
    assert.deepEqual(session.kinds, ['evaluate']);
    assert.deepEqual(await files(), []);

    let left = 2;
    class FullVault extends FileVault {
      override putObject(...args: Parameters<FileVault['putObject']>): Promise<void> {
        return left-- > 0 ? super.putObject(...args) : Promise.reject(new Error('ENOSPC'));
      }
    }
    const full = new Records(new ScriptedSession(() => '', new FullVault(folder())));
    await assert.rejects(full.registerBundle(patient, bundle), /ENOSPC/);
    assert.deepEqual(await files(), []);
  });

  it('stay in the vault while it is not known whether they are registered, until the ledger tells', async () => {
    const unknown = connected(submitFails(failure('unknown')));
    await assert.rejects(unknown.records.registerBundle(patient, bundle), { fate: 'unknown' });
    assert.equal((await files()).length, 7, 'three objects, three shares and a note');

    const young = connected(() => assert.fail('it is too young to be asked for'));
    assert.equal((await young.records.recover()).confirmed, 0);

    const names = (await files()).map((file) => basename(file));
    const there = connected((call) => {
      if (call.function === 'ErasureContract:preview') return { objects: names };
      throw new VitaledgerError('ALREADY_EXISTS', 'taken');
    });
    const later = new Date(Date.now() + 1000);
    assert.deepEqual(await there.records.recover(later), {
      confirmed: 1,
      withdrawn: 0,
      erased: 0,
      dropped: 0,
    });
    assert.equal((await files()).length, 6);
  });

  it('are removed from the vault where the records were registered from another attempt', async () => {
    const unknown = connected(submitFails(failure('unknown')));
    await assert.rejects(unknown.records.registerBundle(patient, bundle));
    const repeated = connected((call) => {
      if (call.function === 'ErasureContract:preview') return { objects: ['another'] };
      throw new VitaledgerError('ALREADY_EXISTS', 'taken');
    });
    assert.equal((await repeated.records.recover(new Date(Date.now() + 1000))).withdrawn, 1);
    assert.deepEqual(await files(), []);
  });

  it('are removed from the vault when the ledger never took them, and kept when it cannot tell', async () => {
    const unknown = connected(submitFails(failure('unknown')));
    await assert.rejects(unknown.records.registerBundle(patient, bundle));
    const later = new Date(Date.now() + 1000);
    const cannotTell = connected(() => {
      throw new VitaledgerError('UNAVAILABLE', 'private data missing');
    });
    await assert.rejects(cannotTell.records.recover(later), { code: 'UNAVAILABLE' });
    assert.equal((await files()).length, 7);
    const absent = connected((call, kind) => {
      assert.equal(kind, 'evaluate', 'recovery must not write');
      validateRecords((call as unknown as { input: { records: unknown } }).input.records);
      return '';
    });
    assert.deepEqual(await absent.records.recover(later), {
      confirmed: 0,
      withdrawn: 1,
      erased: 0,
      dropped: 0,
    });
    assert.deepEqual(await files(), []);
  });

  it('are amended by a new version, which is stored as such and read by its own number', async () => {
    const { session, records } = connected(() => '');
    const resource = { resourceType: 'Basic', code: { text: 'right' } } as const;
    const version = { id: 'cd'.repeat(16), version: 3 };
    const amended = await records.amend(patient, version, resource, { reason: 'typing error' });
    assert.deepEqual(amended, { id: version.id, version: 4, transactionId: 'tx', block: 7n });
    const [input] = session.inputs('CorrectionContract:amend');
    assert.deepEqual([input!.version, input!.reason], [3, { text: 'typing error' }]);
    const [record] = validateRecords([input!.record]);
    const metadata = { ...record!, version: 4 } as RecordMetadata;
    assert.equal((await new ReleasedRecord(metadata, vault).json()).id, version.id);
    await assert.rejects(new ReleasedRecord({ ...metadata, version: 3 }, vault).bytes(), {
      code: 'INTEGRITY',
    });
  });

  it('leave nothing of an amendment that was overtaken, and settle one of unknown fate by its object', async () => {
    const resource = { resourceType: 'Basic', code: { text: 'right' } } as const;
    const version = { id: 'cd'.repeat(16), version: 1 };
    const amend = (script: Script) =>
      connected(script).records.amend(patient, version, resource, { reason: 'typing error' });
    await assert.rejects(amend(submitFails(failure('failed'))), { code: 'PERMISSION_DENIED' });
    assert.deepEqual(await files(), []);
    const later = new Date(Date.now() + 60_000);
    let object = '';
    const unknown: Script = (call) => {
      const { record } = (call as CustodianCall & { input: { record: RecordInput } }).input;
      object = record.manifest.object;
      throw failure('unknown');
    };
    const settle = (objects: () => string[]) =>
      connected((call) => {
        assert.equal(call.function, 'ErasureContract:preview');
        return { objects: objects() };
      }).records.recover(later);
    await assert.rejects(amend(unknown), { fate: 'unknown' });
    assert.equal((await settle(() => ['another'])).withdrawn, 1);
    assert.deepEqual(await files(), []);
    await assert.rejects(amend(unknown), { fate: 'unknown' });
    assert.equal((await settle(() => ['another', object])).confirmed, 1);
    assert.equal((await files()).length, 2);
  });

  it('are listed page by page, as far as they are asked for', async () => {
    const { session, records } = connected((call, kind) => {
      const { input } = call as unknown as { input: { bookmark?: string; encryptionKey: PublicJwk } };
      if (kind === 'submit') {
        key = input.encryptionKey;
        return { receipt: 'r1' };
      }
      return input.bookmark === 'b' ? page(key!, ['3'], '') : page(key!, ['1', '2'], 'b');
    });
    const ids: string[] = [];
    for await (const { id } of records.list(patient, { pageSize: 2 })) {
      ids.push(id);
    }
    assert.deepEqual(ids, ['1', '2', '3']);
    for await (const record of records.list(patient)) {
      assert.equal(record.id, '1');
      break;
    }
    assert.deepEqual(session.kinds, ['submit', 'evaluate', 'evaluate', 'submit', 'evaluate']);
  });

  it('are listed by an answer to this inspection only', async () => {
    const { records } = connected(async (call, kind) => {
      const { input } = call as unknown as { input: { encryptionKey: PublicJwk } };
      if (kind === 'submit') {
        key = input.encryptionKey;
        return { receipt: 'another' };
      }
      return page(key!, ['1'], '');
    });
    await assert.rejects(records.list(patient).next(), { code: 'INTEGRITY' });
  });

  it('are opened to an auditor, who reads their contents from the own vault', async () => {
    const { session, records } = connected(() => '');
    await records.register(patient, { resourceType: 'Basic', code: { text: 'x' } });
    const [record] = registered(session);
    const audit = connected(async (call, kind) => {
      const { input } = call as unknown as { input: { encryptionKey: PublicJwk; scope: string } };
      if (kind === 'submit') {
        assert.equal(input.scope, 'content');
        key = input.encryptionKey;
        return { receipt: 'r1' };
      }
      return {
        jwe: await sealed({ receipt: 'r1', records: [{ ...record, version: 1 }] }, key!),
        bookmark: '',
      };
    });
    const opened = await audit.records.audit(patient).next();
    assert.equal(((await (opened.value as ReleasedRecord).json()) as { id?: string }).id, record!.id);
  });

  it('register a document with the resource that describes it, which points to it and classifies it', async () => {
    const { session, records } = connected(() => '');
    const restricted = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
    const loinc = { system: 'http://loinc.org', code: '18748-4' };
    const subject = { reference: 'Patient/1' };
    const study = {
      resourceType: 'ImagingStudy',
      status: 'available',
      subject,
      started: '2024-05-01',
    } as const;
    const report = {
      resourceType: 'DocumentReference',
      status: 'current',
      subject,
      type: { coding: [loinc] },
      date: '2024-05-02T10:00:00Z',
      securityLabel: [{ coding: [restricted] }],
      content: [{ attachment: { title: 'Report' } }],
    } as const;
    for (const [describedBy, pointer] of [
      [study, (one: ImagingStudy) => one.extension?.[0]?.valueReference?.reference],
      [report, (one: DocumentReference) => one.content[0]?.attachment.url],
    ] as const) {
      const document = { content: Buffer.from('bytes'), mediaType: 'application/dicom' };
      const done = await records.registerDocument(patient, {
        ...document,
        describedBy: structuredClone(describedBy) as unknown as FhirResource,
      });
      const [content, description] = registered(session);
      assert.deepEqual([content!.id, description!.id], done.records);
      assert.equal(content!.mediaType, 'application/dicom');
      for (const member of ['class', 'codes', 'date', 'labels'] as const) {
        assert.deepEqual(content![member], description![member], member);
      }
      const released = new ReleasedRecord({ ...description!, version: 1 } as RecordMetadata, vault);
      assert.equal(pointer((await released.json()) as never), `Binary/${content!.id}`);
    }
    assert.deepEqual(registered(session)[0]!.labels, [restricted]);
    assert.deepEqual(registered(session)[0]!.codes, [loinc]);
  });

  it('are of any resource type of FHIR R4', async () => {
    for (const resourceType of RESOURCE_TYPES) {
      const { session, records } = connected(() => '');
      await records.register(patient, { resourceType } as never);
      assert.equal(registered(session)[0]!.class, resourceType);
    }
  });

  it('register a document from a stream', async () => {
    const { session, records } = connected(() => '');
    async function* scan(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(100, 1);
      await Promise.resolve();
      yield Buffer.alloc(50, 2);
    }
    await records.registerDocument(patient, {
      content: scan(),
      mediaType: 'application/dicom',
      class: 'ImagingStudy',
      date: '2024-05',
      chunkSize: 64,
    });
    const [record] = registered(session);
    assert.equal(record!.class, 'ImagingStudy');
    assert.deepEqual([record!.manifest.size, record!.manifest.chunks], [150, 3]);
  });

  it('register a document under the same id and object when its upload is taken up again, at whatever step it ended', async () => {
    const upload = newUpload({ chunkSize: 64 });
    const content = Buffer.alloc(150, 7);
    const document = { mediaType: 'application/dicom', upload };
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield content.subarray(0, 130);
      await Promise.resolve();
      throw new Error('the scanner was unplugged');
    }
    const first = connected(() => '');
    await assert.rejects(
      first.records.registerDocument(patient, { ...document, content: broken() }),
      /unplugged/,
    );
    const refused = connected(submitFails(failure('failed')));
    await assert.rejects(refused.records.registerDocument(patient, { ...document, content }));
    const { session, records } = connected(() => '');
    await records.registerDocument(patient, { ...document, content });
    const [record] = registered(session);
    assert.deepEqual([record!.id, record!.manifest.object], [upload.record, upload.object]);
    assert.equal(record!.manifest.size, 150);

    const taken = new VitaledgerError('ALREADY_EXISTS', 'The id is taken');
    const again = connected(submitFails(taken));
    await assert.rejects(again.records.registerDocument(patient, { ...document, content }), {
      code: 'ALREADY_EXISTS',
    });
    const { manifest, keyShare } = record!;
    const held: Uint8Array[] = [];
    for await (const part of readContent(vault(), { manifest, keyShare }, { record: record!.id, version: 1 }))
      held.push(part);
    assert.deepEqual(Buffer.concat(held), content);
  });
});

describe('erasing a record', () => {
  const folder = temporaryFolder();
  const reason = 'The patient asked for it';

  async function withRecord(): Promise<{ id: string; object: string; vault: FileVault }> {
    const vault = new FileVault(folder());
    const session = new ScriptedSession(() => '', vault);
    const { records } = await new Records(session).register(patient, {
      resourceType: 'Basic',
      code: { text: 'x' },
    });
    const [record] = validateRecords(session.inputs('RecordContract:register')[0]!.records);
    return { id: records[0]!, object: record!.manifest.object, vault };
  }

  /** A ledger with one record, whose erasure goes as told. */
  function ledger(id: string, object: string, erase: () => unknown): Script {
    return (call) => (call.function === 'ErasureContract:preview' ? erasable(call, id, object) : erase());
  }

  function erasable(call: Call, id: string, object: string): object {
    if ((call as CustodianCall & { input: { record: string } }).input.record === id)
      return { objects: [object], registered: '2026-03-01T12:00:00.000Z' };
    throw new VitaledgerError('NOT_FOUND', 'no such record');
  }

  it('purges on the ledger and deletes object and share, and says what remains', async () => {
    const { id, object, vault } = await withRecord();
    const session = new ScriptedSession(
      ledger(id, object, () => ''),
      vault,
    );
    for (const backup of [
      { name: 'daily-9', taken: '2026-03-09T00:00:00.000Z' },
      { name: 'weekly-1', taken: '2026-02-28T00:00:00.000Z' },
      { name: 'weekly-2', taken: '2026-03-07T00:00:00.000Z', until: '2999-01-01T00:00:00.000Z' },
      { name: 'weekly-0', taken: '2026-03-02T00:00:00.000Z', until: '2026-03-05T00:00:00.000Z' },
      { name: 'purged', taken: '2026-03-08T00:00:00.000Z' },
    ]) {
      await noteBackup(vault, backup);
    }
    await forgetBackup(vault, 'purged');
    const receipt = await new Records(session).erase(patient, id, reason);
    assert.deepEqual(receipt.vault, [{ name: object, object: true, share: true }]);
    assert.equal(receipt.transactionId, 'tx');
    assert.deepEqual(
      receipt.backups.map(({ name }) => name),
      ['weekly-2', 'daily-9'],
    );
    assert.ok(receipt.destroyed.some(({ where }) => where.includes(object)));
    assert.ok(receipt.destroyed.some(({ where }) => where.includes('_implicit_org_HospitalMSP')));
    assert.ok(receipt.remains.some(({ where }) => where.includes('daily-9')));
    assert.ok(receipt.remains.some(({ until }) => until.includes('block 7')));
    assert.deepEqual(
      session.inputs('ErasureContract:erase').map((input) => [input.record, input.reason]),
      [[id, reason]],
    );
    assert.deepEqual(await vault.store('erasures').names(), []);
  });

  it('leaves the vault alone when the ledger refuses', async () => {
    const { id, object, vault } = await withRecord();
    const session = new ScriptedSession(
      ledger(id, object, () => {
        throw failure('failed');
      }),
      vault,
    );
    await assert.rejects(new Records(session).erase(patient, id, reason), { code: 'PERMISSION_DENIED' });
    assert.ok((await vault.getShare(object)).length > 0);
    assert.deepEqual(await vault.store('erasures').names(), []);
  });

  it('is finished by a second call when the first was interrupted after the ledger', async () => {
    const { id, object, vault } = await withRecord();
    class StuckVault extends FileVault {
      override erase(): Promise<never> {
        return Promise.reject(new Error('EIO'));
      }
    }
    const stuck = new ScriptedSession(
      ledger(id, object, () => ''),
      new StuckVault(folder()),
    );
    await assert.rejects(new Records(stuck).erase(patient, id, reason), /EIO/);
    const gone = new ScriptedSession((call) => {
      assert.equal(call.function, 'ErasureContract:erase');
      throw new VitaledgerError('NOT_FOUND', 'erased already');
    }, vault);
    const receipt = await new Records(gone).erase(patient, id, reason);
    assert.equal(receipt.transactionId, undefined);
    assert.deepEqual(receipt.vault, [{ name: object, object: true, share: true }]);
    assert.deepEqual(await vault.store('erasures').names(), []);
  });

  it('that was begun for one patient is not finished for another: the ledger does not know the record there', async () => {
    const { id, object, vault } = await withRecord();
    const unknown = new ScriptedSession(
      ledger(id, object, () => {
        throw failure('unknown');
      }),
      vault,
    );
    await assert.rejects(new Records(unknown).erase(patient, id, reason), { fate: 'unknown' });
    const mistaken = new ScriptedSession(() => {
      throw new VitaledgerError('NOT_FOUND', 'no such record');
    }, vault);
    await assert.rejects(new Records(mistaken).erase('ef'.repeat(16), id, reason), { code: 'NOT_FOUND' });
    assert.ok((await vault.getShare(object)).length > 0);
  });

  it('is finished by a recovery, and dropped when the ledger still holds the record', async () => {
    const { id, object, vault } = await withRecord();
    const unknown = new ScriptedSession(
      ledger(id, object, () => {
        throw failure('unknown');
      }),
      vault,
    );
    await assert.rejects(new Records(unknown).erase(patient, id, reason), { fate: 'unknown' });
    assert.deepEqual(await vault.store('erasures').names(), [id]);
    const later = new Date(Date.now() + 1000);
    const purged = new ScriptedSession(() => '', vault);
    assert.deepEqual(await new Records(purged).recover(later), {
      confirmed: 0,
      withdrawn: 0,
      erased: 1,
      dropped: 0,
    });
    await assert.rejects(vault.getShare(object), { code: 'NOT_FOUND' });
  });

  it('of an unknown record is refused, and nothing is begun', async () => {
    const { vault } = await withRecord();
    const session = new ScriptedSession(() => {
      throw new VitaledgerError('NOT_FOUND', 'no such record');
    }, vault);
    await assert.rejects(new Records(session).erase(patient, 'cd'.repeat(16), reason), { code: 'NOT_FOUND' });
    assert.deepEqual(await vault.store('erasures').names(), []);
  });
});
