import { fillToken, PatientKey, permission, type PatientToken, type Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { all, enrol, medication, observation } from '../harness/patient.js';
import { as, suiteNetwork } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';
import { searchCanaries, type Canary } from '../privacy/canary.js';
import { fileContents } from '../privacy/haystacks.js';

/** Plants a value and remembers where; alphabetical so that it passes as a name, and never the same twice. */
class Plantation {
  readonly canaries: Canary[] = [];

  plant(where: string, value = `Cnry${randomBytes(9).toString('hex').replace(/\d/g, 'q')}`): string {
    this.canaries.push({ where, value });
    return value;
  }
}

/** A patient's bundle with a canary in every place that may hold one. */
function bundleOf(grow: (where: string) => string): object {
  const urn = (n: number): string => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const entry = (n: number, resource: { resourceType: string }): object => ({
    fullUrl: urn(n),
    resource,
    request: { method: 'POST', url: resource.resourceType },
  });
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      entry(1, {
        resourceType: 'Patient',
        id: grow('Patient.id'),
        identifier: [{ system: 'urn:oid:1.2.3', value: grow('Patient.identifier') }],
        name: [
          {
            family: grow('Patient.name.family'),
            given: [grow('Patient.name.given')],
            text: grow('Patient.name.text'),
          },
        ],
        telecom: [{ system: 'phone', value: grow('Patient.telecom') }],
        address: [{ line: [grow('Patient.address.line')], city: grow('Patient.address.city') }],
        birthDate: '1971-02-03',
        contact: [{ name: { text: grow('Patient.contact.name') } }],
      } as { resourceType: string }),
      entry(2, {
        resourceType: 'Condition',
        subject: { reference: urn(1), display: grow('Condition.subject.display') },
        code: {
          text: grow('Condition.code.text'),
          coding: [
            { system: 'http://snomed.info/sct', code: '66590003', display: grow('Condition.code.display') },
          ],
        },
        note: [{ text: grow('Condition.note') }],
        onsetDateTime: '2021-07-14',
      } as { resourceType: string }),
      entry(3, {
        resourceType: 'Observation',
        status: 'final',
        subject: { reference: urn(1) },
        code: { coding: [{ system: 'urn:vitaledger:test', code: grow('Observation.code') }] },
        valueString: grow('Observation.value'),
        performer: [{ display: grow('Observation.performer.display') }],
      } as { resourceType: string }),
    ],
  };
}

describe('what replicates names nobody', function () {
  this.timeout(240_000);
  const plantation = new Plantation();
  const errors: string[] = [];
  const subjects = { doctor: randomBytes(16).toString('hex'), nurse: randomBytes(16).toString('hex') };
  let marker: string;

  /** Keeps what an error says, all the way down: it ends in logs and on screens. */
  const failing = async (work: Promise<unknown>): Promise<void> => {
    const error: unknown = await work.then(
      () => assert.fail('it should have failed'),
      (reason: unknown) => reason,
    );
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      errors.push(
        `${cause.message} ${JSON.stringify(cause)} ${JSON.stringify((cause as { details?: unknown }).details ?? '')}`,
      );
    }
  };

  const care = async (): Promise<void> => {
    const grow = (where: string): string => plantation.plant(where);
    const hospital = await as('hospital', 'service', {
      actor: { role: 'practitioner', subject: plantation.plant('actor: doctor', subjects.doctor) },
    });
    const clinic = await as('clinic', 'service', {
      actor: { role: 'practitioner', subject: plantation.plant('actor: specialist', subjects.nurse) },
    });
    const registrar = await as('hospital', 'registrar');
    const { key, at } = await enrol(['hospital', 'HospitalMSP'], ['clinic', 'ClinicMSP']);
    for (const [mspId, token] of Object.entries(at))
      plantation.plant(`patient id at ${mspId}`, token.patient);
    for (const { jwk, use } of key.publicKeys) plantation.plant(`patient's ${use} key`, jwk.x);
    const token = at.HospitalMSP!;

    const { records } = await hospital.records.registerBundle(token.patient, bundleOf(grow));
    records.forEach((id, n) => plantation.plant(`record id ${n}`, id));
    const content = Buffer.from(grow('document content'));
    const scan = await hospital.records.registerDocument(token.patient, {
      content: [content],
      mediaType: 'text/plain',
    });
    plantation.plant('document record id', scan.records[0]);

    const [, , observed = ''] = records;
    const amended = { ...observation(), note: [{ text: grow('amended note') }] };
    await hospital.records.amend(token.patient, { id: observed, version: 1 }, amended, {
      reason: grow('reason of an amendment'),
    });
    const wrong = await hospital.records.register(token.patient, observation());
    plantation.plant('retracted record id', wrong.records[0]);
    await hospital.records.retract(
      token.patient,
      { id: wrong.records[0]!, version: 1 },
      {
        reason: grow('reason of a retraction'),
      },
    );

    const consent = await key.consent({
      patients: Object.values(at),
      provision: permission({
        to: [{ organization: 'ClinicMSP', subject: subjects.nurse }],
        purposes: ['TREAT'],
      }),
      text: { content: grow('consent text'), language: 'en' },
    });
    plantation.plant('consent id', consent.consent);
    plantation.plant('signed consent', consent.jws.split('.')[1]?.slice(0, 60));
    assert.ok((await hospital.consents.grant({ consent, patients: Object.values(at), key })).complete);

    const question = { ...token, purpose: 'TREAT' };
    const released = await all(clinic.access.read(question));
    assert.equal(released.length, 4);
    for (const record of released) await record.bytes();
    await all(clinic.access.log(token, key));
    const restricted = { system: 'urn:vitaledger:test', code: grow('label of an inspection') };
    await all(registrar.records.list(token.patient, { filter: { labels: [restricted] } }));
    for await (const copied of clinic.records.transfer({ from: token, patient: at.ClinicMSP!.patient })) {
      plantation.plant('record id of a copy', copied.record);
      plantation.plant('proof of a copy', copied.source.proof);
    }
    await registrar.patientLinks.link(token.patient, at.ClinicMSP!, { reason: grow('reason of a link') });
    await clinic.patientLinks.declare({ at: at.ClinicMSP!, other: token, key });
    const duplicate = (await registrar.patients.enrol({ keys: [], jurisdiction: 'US-CA' })).patient;
    plantation.plant('patient id of a duplicate', duplicate);
    await registrar.patientLinks.merge(token.patient, duplicate, { reason: grow('reason of a merge') });
    await all(clinic.access.read(question));
    await registrar.patientLinks.unmerge(token.patient, duplicate, { reason: grow('reason of its end') });
    const { rectifications } = registrar;
    const asked = { reason: grow('what the patient says is wrong') };
    const request = await rectifications.request(token.patient, observed, asked);
    plantation.plant('rectification request id', request);
    const refusal = { reason: grow('reason of a refusal'), citation: grow('citation of a refusal') };
    await rectifications.refuse(token.patient, { request, record: observed }, refusal);
    await all(clinic.rectifications.answers(token, key));
    const { careTeams } = registrar;
    const nurse = { mspId: 'ClinicMSP', subject: subjects.nurse, role: 'practitioner' as const };
    const team = await careTeams.declare(
      {
        patient: token.patient,
        name: grow('name of a care team'),
        organizations: ['ClinicMSP'],
        participants: [nurse],
      },
      { reason: grow('reason of a care team') },
    );
    plantation.plant('care team id', team.team);
    const left = { reason: grow('reason of leaving a care team') };
    await careTeams.change(token.patient, team, { leave: [nurse] }, left);
    await failing(careTeams.end(token.patient, team, { reason: grow('reason of a refused end') }));
    await all(clinic.careTeams.history(token, key));
    const auditor = await as('hospital', 'service', {
      actor: {
        role: 'auditor',
        subject: plantation.plant('actor: auditor', randomBytes(16).toString('hex')),
      },
    });
    const hold = await auditor.holds.place(token.patient, {
      records: [observed],
      reason: grow('reason of a legal hold'),
    });
    plantation.plant('legal hold id', hold);
    await failing(registrar.records.erase(token.patient, observed, grow('reason of a refused erasure')));
    await registrar.records.erase(token.patient, scan.records[0]!, grow('erasure reason'), {
      ground: 'unlawful',
    });
    await failures(hospital, clinic, registrar, token, grow);
    const secret = await key.revocationSecret(consent.consent);
    await hospital.consents.revoke({ consent: consent.consent, secret, patients: Object.values(at) });
    await failing(all(clinic.access.read(question)));
  };

  /** Every refusal has something personal in its input. */
  const failures = async (
    hospital: Vitaledger,
    clinic: Vitaledger,
    registrar: Vitaledger,
    token: PatientToken,
    grow: (where: string) => string,
  ): Promise<void> => {
    const unknown = plantation.plant('unknown patient id', randomBytes(16).toString('hex'));
    const strange = plantation.plant('unknown record id', randomBytes(16).toString('hex'));
    await failing(hospital.access.request({ custodian: 'HospitalMSP', patient: unknown, purpose: 'TREAT' }));
    await failing(registrar.records.erase(token.patient, strange, 'no such record'));
    await failing(registrar.records.erase(grow('malformed patient id'), strange, 'malformed'));
    await failing(
      hospital.records.registerBundle(
        token.patient,
        `{"resourceType":"Bundle","name":"${grow('truncated bundle')}"`,
      ),
    );
    await failing(hospital.records.register(token.patient, { resourceType: grow('unknown type') } as never));
    await failing(hospital.access.request({ ...token, purpose: grow('unknown purpose') }));
    await failing(
      hospital.access.request({ ...token, purpose: 'TREAT', filter: { classes: [grow('unknown class')] } }),
    );
    const stranger = await PatientKey.generate();
    await failing(all(clinic.access.log(token, stranger)));
    const report = await hospital.consents.grant({
      consent: await stranger.consent({
        patients: [token],
        provision: {
          type: 'permit',
          [grow('unknown provision member')]: grow('unknown provision value'),
        } as never,
        text: { content: grow('refused consent text'), language: 'en' },
      }),
      patients: [token],
    });
    for (const { error } of report.deliveries) await failing(Promise.reject(error ?? new Error('accepted')));
  };

  /** A prescription, redeemed and filled; what a fill publishes is not planted. */
  const prescriptions = async (): Promise<void> => {
    const doctor = await as('hospital', 'service', {
      actor: { role: 'practitioner', subject: subjects.doctor },
    });
    const pharmacist = await as('pharmacy', 'service', {
      actor: {
        role: 'pharmacist',
        subject: plantation.plant('actor: pharmacist', randomBytes(16).toString('hex')),
      },
    });
    const { at } = await enrol(['hospital', 'HospitalMSP']);
    const { patient } = at.HospitalMSP!;
    plantation.plant('patient id of the prescription', patient);
    const drug = { ...medication(), note: [{ text: plantation.plant('prescription note') }] };
    const { records } = await doctor.records.register(patient, drug);
    plantation.plant('record id of the prescription', records[0]);
    const validUntil = new Date(Date.now() + 30 * 24 * 60 * 60 * 1000);
    const token = await doctor.prescriptions.issue({ patient, record: records[0]!, fills: 2, validUntil });
    plantation.plant('prescription id', token.prescription);
    plantation.plant("the patient's prescription secret", token.secret);
    const shown = fillToken(token, 1);
    plantation.plant('the secret that opens the content', shown.contentSecret);
    plantation.plant('the secret of a fill not made', fillToken(token, 2).fillSecret);
    const redeemed = await pharmacist.prescriptions.redeem(shown);
    await redeemed.medication();
    const authorized = { value: 30, unit: plantation.plant('dispensed unit') };
    const { dispense } = await pharmacist.prescriptions.dispense(redeemed, { authorized });
    plantation.plant('dispense id', dispense);
    await failing(
      pharmacist.prescriptions.redeem({
        ...fillToken(token, 2),
        prescription: strangeId('unknown prescription'),
      }),
    );
  };

  /** An order, resulted, opened and acknowledged, with a new notification key in between. */
  const orders = async (): Promise<void> => {
    const actor = (where: string): string =>
      plantation.plant(`actor: ${where}`, randomBytes(16).toString('hex'));
    const doctor = await as('clinic', 'service', {
      actor: { role: 'practitioner', subject: actor('who orders') },
    });
    const laboratory = await as('hospital', 'service', {
      actor: { role: 'laboratory', subject: actor('laboratory') },
    });
    const { key, at } = await enrol(['clinic', 'ClinicMSP'], ['hospital', 'HospitalMSP']);
    const [ordered, examined] = [at.ClinicMSP!, at.HospitalMSP!];
    plantation.plant('patient id where it was ordered', ordered.patient);
    plantation.plant('patient id where it was examined', examined.patient);
    const code = { text: plantation.plant('what is ordered') };
    const subject = { reference: 'Patient/example' };
    const request = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject,
      code,
    } as const;
    const [requested = ''] = (await doctor.records.register(ordered.patient, request)).records;
    const terms = {
      kind: 'laboratory',
      patient: ordered.patient,
      performer: 'HospitalMSP',
      request: plantation.plant('record id of the order', requested),
    } as const;
    const order = await doctor.orders.place(terms);
    const calledOff = await doctor.orders.place(terms);
    plantation.plant('id of an order called off', calledOff.order);
    await doctor.orders.cancel(calledOff, { reason: plantation.plant('why an order was called off') });
    plantation.plant('order id', order.order);
    plantation.plant('secret that opens the order', order.ticket.secret);
    plantation.plant('secret that opens the result', order.reportSecret);
    await (await laboratory.orders.request(order.ticket)).records[0]?.json();
    await laboratory.orders.accept(order.ticket, examined.patient);
    const conclusion = plantation.plant('conclusion of the result');
    const report = { resourceType: 'DiagnosticReport', status: 'final', subject, code, conclusion } as const;
    const { records } = await laboratory.records.register(examined.patient, report);
    plantation.plant('record id of the result', records[0]);
    await laboratory.orders.result(order.order, records, { critical: true });
    await (await doctor.orders.report(order)).records[0]?.json();
    await doctor.orders.acknowledge(order);
    await failing(doctor.orders.cancel(order, { reason: plantation.plant('why it came too late') }));
    await laboratory.notifications.changeKey(examined, key);
    await failing(doctor.orders.placed(strangeId('unknown order')));
  };

  const strangeId = (where: string): string => plantation.plant(where, randomBytes(16).toString('hex'));

  const trials = async (): Promise<void> => {
    const sponsor = await as('research', 'sponsor');
    const { registered } = newTrial();
    marker = `A marker ${randomBytes(6).toString('hex')}`;
    registered.protocolSection.identificationModule.briefTitle = marker;
    const contact = registered.protocolSection.contactsLocationsModule.centralContacts[0]!;
    contact.name = `${plantation.plant('contact given name')} ${plantation.plant('contact family name')}`;
    contact.phone = plantation.plant('contact phone', '+1 617-555-9137');
    contact.email = `${plantation.plant('contact mail')}@example.org`;
    await sponsor.trials.register(registered);
  };

  /** Research under a patient's terms, a count that the patient is in, and a data set that is handed over. */
  const research = async (): Promise<void> => {
    const researcher = await as('research', 'researcher');
    const ethics = await as('ethics', 'ethics');
    const registrar = await as('hospital', 'registrar');
    const hospital = await as('hospital', 'service');
    const { key, at } = await enrol(['hospital', 'HospitalMSP']);
    const token = at.HospitalMSP!;
    plantation.plant('patient id of the research', token.patient);
    const { records } = await registrar.records.register(token.patient, observation());
    plantation.plant('record id of the research', records[0]);
    const consent = await key.consent({
      patients: [token],
      provision: permission({ to: [{ organization: 'ResearchMSP' }], purposes: ['HRESCH'] }),
      dataUse: {
        permission: { code: 'GRU' },
        modifiers: [{ code: 'PS', approved: [plantation.plant('data-use term')] }],
      },
      recontact: true,
      text: { content: plantation.plant('text of the consent to research'), language: 'en' },
    });
    plantation.plant('id of the consent to research', consent.consent);
    assert.ok((await registrar.consents.grant({ consent, patients: [token], key })).complete);
    const study = await researcher.studies.register({
      title: 'A study',
      purpose: { aims: ['health'], undertakings: [] },
      committee: 'EthicsMSP',
    });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const document = randomBytes(32).toString('hex');
    await failing(
      ethics.studies.decide(study, { approved: true, document, until, comment: `Ask ${mail('comment')}` }),
    );
    await ethics.studies.decide(study, { approved: true, document, until });
    assert.equal((await all(researcher.access.read({ ...token, purpose: 'HRESCH', study }))).length, 1);
    const asked = await researcher.cohorts.ask({ custodian: 'HospitalMSP', study, question: 'consented' });
    plantation.plant('key of a question', asked.key.x);
    await failing(researcher.cohorts.read(asked));
    await hospital.cohorts.answer(asked.receipt);
    await researcher.cohorts.read(asked);
    await handOver(researcher, ethics);
  };

  const mail = (where: string): string => `${plantation.plant(`mail in a ${where}`)}@example.org`;

  const handOver = async (researcher: Vitaledger, ethics: Vitaledger): Promise<void> => {
    const sponsor = await as('research', 'sponsor');
    const { trial } = await sponsor.trials.register(newTrial().registered);
    const content = Buffer.from(`participant,${plantation.plant('data set of a trial')}`);
    const described = { kind: 'data-set', title: 'Data', language: 'en', mediaType: 'text/csv' } as const;
    const { document } = await sponsor.trialDocuments.register(trial, { ...described, content });
    const terms = { permission: { code: 'GRU' }, modifiers: [] } as const;
    await sponsor.trialData.offer(trial, document, { terms, committee: 'EthicsMSP' });
    await sponsor.trialData.hold({ trial, document }, content);
    const purpose = { aims: ['health'], undertakings: [] } as const;
    const { request } = await researcher.trialData.request(trial, document, { title: 'Study', purpose });
    await failing(all(researcher.trialData.content(request)));
    const until = new Date(Date.now() + 86_400_000).toISOString();
    await ethics.trialData.decide(request, { approved: true, until });
    await all(researcher.trialData.content(request));
  };

  before(async () => {
    await care();
    await prescriptions();
    await orders();
    await trials();
    await research();
  });

  it('in every block, with the creators, arguments, keys, read sets and events in it, of peers and orderers', async () => {
    const network = await suiteNetwork();
    const files = [...fileContents(network.blockFiles())];
    // The search itself must work: what is public is found, in the blocks of both channels.
    for (const known of ['HospitalMSP', 'RecordContract', 'AccessContract', marker]) {
      assert.ok(
        searchCanaries([{ where: 'public', value: known }], files).length > 0,
        `${known} is not in the blocks searched`,
      );
    }
    const count = plantation.canaries.length;
    assert.ok(count >= 45, `only ${count} canaries were planted`);
    assert.deepEqual(searchCanaries(plantation.canaries, files), []);
  });

  it('in every log', async () => {
    const network = await suiteNetwork();
    const files = [...fileContents(network.logFiles())];
    assert.ok(files.length > 0, 'there are no logs');
    assert.deepEqual(searchCanaries(plantation.canaries, files), []);
  });

  it('in every error', () => {
    assert.ok(errors.length >= 10);
    assert.deepEqual(
      searchCanaries(plantation.canaries, [{ name: 'errors', bytes: Buffer.from(errors.join('\n')) }]),
      [],
    );
  });
});
