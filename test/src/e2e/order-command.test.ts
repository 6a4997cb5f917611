import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiagnosticReport, ServiceRequest } from 'fhir/r4';
import { succeeded as ok, vitaledger as run, type Run } from '../harness/command.js';
import { condition, enrol, type TestPatient } from '../harness/patient.js';
import { as } from '../harness/suite-network.js';

const subject = { reference: 'Patient/example' };
const code = { coding: [{ system: 'http://loinc.org', code: '2823-3', display: 'Potassium' }] };
const request: ServiceRequest = {
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  subject,
  code,
};
const report: DiagnosticReport = {
  resourceType: 'DiagnosticReport',
  status: 'final',
  subject,
  code,
  conclusion: 'Potassium 6.9 mmol/L',
};

const json = async <T>(running: Promise<Run>): Promise<T> => JSON.parse(await ok(running)) as T;

describe('vitaledger lab and referral', function () {
  // Each command is a process of its own.
  this.timeout(180_000);
  let folder: string;
  let patient: TestPatient;
  let asked: string;
  const clinic = (...args: readonly string[]) =>
    run('clinic', 'service', ...args, '--actor', 'practitioner/c1');
  const laboratory = (...args: readonly string[]) =>
    run('hospital', 'service', ...args, '--actor', 'laboratory/l1');
  const file = (name: string): string => join(folder, name);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'order-command-'));
    patient = await enrol(['clinic', 'ClinicMSP'], ['hospital', 'HospitalMSP']);
    asked = await registered('clinic', 'ClinicMSP', request);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  async function registered(organization: string, mspId: string, resource: object): Promise<string> {
    const ledger = await as(organization, 'registrar');
    const { records } = await ledger.records.register(patient.at[mspId]!.patient, resource as never);
    return records[0]!;
  }
  const place = (command: string, ...args: readonly string[]) =>
    clinic(command, 'order', patient.at.ClinicMSP!.patient, asked, '--performer', 'HospitalMSP', ...args);

  it('orders, accepts, results, lists what is critical, reports and acknowledges', async () => {
    const ticket = file('a.ticket');
    assert.match(await ok(place('lab', '--dry-run')), /Nothing was written/);
    const unknown = await clinic(
      'lab',
      'order',
      patient.at.ClinicMSP!.patient,
      'ab'.repeat(16),
      '--performer',
      'HospitalMSP',
      '--dry-run',
    );
    assert.equal(unknown.code, 4, unknown.err);
    const { order } = await json<{ order: string }>(place('lab', '--ticket', ticket, '--json'));
    assert.equal(statSync(ticket).mode & 0o777, 0o600);

    const { records } = await json<{ records: readonly { content: ServiceRequest }[] }>(
      laboratory('lab', 'open', ticket, '--json'),
    );
    assert.equal(records[0]?.content.resourceType, 'ServiceRequest');
    assert.equal((await clinic('lab', 'open', ticket)).code, 3);
    await ok(laboratory('lab', 'accept', ticket, patient.at.HospitalMSP!.patient));
    assert.equal(await ok(clinic('lab', 'status', order)), 'accepted\n');
    assert.equal((await clinic('lab', 'report', order)).code, 5);

    const result = await registered('hospital', 'HospitalMSP', report);
    assert.match(await ok(laboratory('lab', 'result', order, result, '--critical')), /CRITICAL/);
    assert.match(
      await ok(laboratory('lab', 'list', '--critical')),
      new RegExp(`${order} +ClinicMSP +\\S+Z +CRITICAL`),
    );
    const output = file('results');
    assert.match(await ok(clinic('lab', 'report', order, '-o', output)), /^CRITICAL\n[^]*DiagnosticReport/);
    assert.match(readdirSync(output).join(), /^DiagnosticReport-.*\.json$/);
    await ok(clinic('lab', 'acknowledge', order));
    assert.doesNotMatch(await ok(laboratory('lab', 'list')), new RegExp(order));
    assert.match(await ok(laboratory('lab', 'task', order)), /^acknowledged, of ClinicMSP/);
    const late = await clinic('lab', 'cancel', order, '--reason', 'Too late');
    assert.equal(late.code, 5);
  });

  it('refers with the records that travel along, and calls off with a reason', async () => {
    const history = await registered('clinic', 'ClinicMSP', condition());
    const { order } = await json<{ order: string }>(place('referral', '--with', history, '--json'));
    const ticket = file('b.ticket');
    await ok(clinic('referral', 'ticket', order, '-o', ticket));
    const specialist = ['--actor', 'practitioner/s1'];
    const opened = await ok(run('hospital', 'service', 'referral', 'open', ticket, ...specialist));
    assert.match(opened, /ServiceRequest[^]*Condition/);
    assert.match(
      await ok(clinic('referral', 'cancel', order, '--reason', 'The patient moved', '--dry-run')),
      /not accepted yet: it would be called off. Nothing was written/,
    );
    await ok(clinic('referral', 'cancel', order, '--reason', 'The patient moved'));
    const task = await ok(run('hospital', 'service', 'referral', 'task', order, ...specialist));
    assert.match(task, /^cancelled, of ClinicMSP: The patient moved/);
    assert.equal((await laboratory('lab', 'open', file('nothing'))).code, 4);
  });
});
