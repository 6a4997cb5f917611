import assert from 'node:assert/strict';
import {
  careTeamActor,
  purposeCoding,
  VitaledgerError,
  type CareTeam,
  type CareTeamVersion,
  type ConsentProvision,
  type Decision,
  type LogEntry,
} from '@vitaledger/domain';
import { AccessContract } from '../access/access-contract.js';
import { ConsentContract } from '../consent/consent-contract.js';
import { PatientLinkContract } from '../records/patient-link-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, random } from '../testing/bench.js';
import { paperConsent } from '../testing/declaration.js';
import { KeyPair, Patient, recordInput } from '../testing/patient.js';
import { CareTeamContract } from './care-team-contract.js';

const teams = new CareTeamContract();
const access = new AccessContract();
const consents = new ConsentContract();
const records = new RecordContract();
const registrar = caller('HospitalMSP', 'registrar');
const member = caller('ClinicMSP', 'practitioner', 'dr-1');
const other = caller('ClinicMSP', 'practitioner', 'dr-2');
const reader = new KeyPair();
const PERSON = { mspId: 'ClinicMSP', subject: 'dr-1', role: 'practitioner' };
const COLLEAGUE = { ...PERSON, subject: 'dr-2' };
const DAY = 86_400_000;

const because = (code: string, reason?: string) => (error: unknown) =>
  error instanceof VitaledgerError &&
  error.code === code &&
  (reason === undefined || error.details.reason === reason);

describe('CareTeamContract', () => {
  let bench: Bench;
  let patient: Patient;

  beforeEach(async () => {
    bench = await Bench.founded();
    patient = await enrolled();
  });

  const enrolled = async (): Promise<Patient> => {
    const one = new Patient(bench);
    await bench.submit(records, 'enrol', { as: registrar, input: one.enrolment() });
    const input = { patient: one.id, records: [recordInput()] };
    await bench.submit(records, 'register', { as: registrar, input });
    bench.skip(1000);
    return one;
  };
  const said = (of = patient) => ({ patient: of.id, reason: { text: 'test' }, salt: random() });
  const declare = async (change: object = {}, as = registrar, of = patient): Promise<string> => {
    const team = random();
    const organizations = ['HospitalMSP', 'ClinicMSP'];
    const input = {
      ...said(of),
      team,
      name: 'Diabetes team',
      organizations,
      participants: [PERSON],
      ...change,
    };
    await bench.submit(teams, 'declare', { as, at: 'HospitalMSP', input });
    return team;
  };
  const change = (team: string, version: number, changes: object, as = registrar) =>
    bench.submit(teams, 'change', { as, at: 'HospitalMSP', input: { ...said(), team, version, ...changes } });
  const end = (team: string, version: number) =>
    bench.submit(teams, 'end', { as: registrar, input: { ...said(), team, version } });
  const grant = (provision: ConsentProvision, of = patient) =>
    bench.submit(consents, 'grant', {
      as: registrar,
      input: { patient: of.id, statement: of.consent({ provision }), salt: random() },
    });
  const toTeam = (team: string, custodian = 'HospitalMSP'): ConsentProvision => ({
    type: 'permit',
    purpose: [purposeCoding('TREAT')],
    actor: [careTeamActor(custodian, team)],
  });
  const request = async (as = member, of = patient): Promise<string> => {
    const input = {
      patient: of.id,
      scope: 'content',
      purpose: 'TREAT',
      filter: {},
      encryptionKey: reader.jwk,
      salt: random(),
    };
    const answer = await bench.submit(access, 'request', { as, at: 'HospitalMSP', input });
    return (JSON.parse(answer) as { receipt: string }).receipt;
  };
  const outcome = async (receipt: string, as = member): Promise<Decision> =>
    (
      JSON.parse(await bench.evaluate(access, 'outcome', { as, at: 'HospitalMSP', input: { receipt } })) as {
        decision: Decision;
      }
    ).decision;
  const open = (receipt: string, as = member) =>
    bench.evaluate(access, 'open', { as, at: 'HospitalMSP', input: { receipt } });
  const listed = async (of = patient): Promise<readonly CareTeam[]> => {
    const input = { patient: of.id, encryptionKey: reader.jwk };
    const { jwe } = JSON.parse(await bench.evaluate(teams, 'list', { as: registrar, input })) as {
      jwe: string;
    };
    return ((await reader.read(jwe)) as { careTeams: readonly CareTeam[] }).careTeams;
  };

  it('lets the members of a team read that the patient permitted, and the receipt names the team’s version', async () => {
    const team = await declare();
    await grant(toTeam(team));
    const receipt = await request();
    await open(receipt);
    assert.deepEqual((await outcome(receipt)).careTeams, [
      { team: `HospitalMSP/${team}`, version: 1, membership: 'member' },
    ]);
    const denied = await request(other);
    await assert.rejects(open(denied, other), because('CONSENT_DENIED'));
    const shown = await outcome(denied, other);
    assert.equal(shown.careTeams, undefined, 'nobody learns of teams that they are not in');
    const statement = patient.read('log');
    const log = await bench.evaluate(access, 'log', {
      as: registrar,
      input: { patient: patient.id, statement },
    });
    const { entries } = (await patient.key.read(log)) as { entries: LogEntry[] };
    assert.deepEqual(entries.map((entry) => entry.outcome).sort(), ['deny', 'permit']);
  });

  it('costs a decision no further read: teams stand in the patient head', async () => {
    await grant(toTeam(await declare()));
    const input = {
      patient: patient.id,
      scope: 'content',
      purpose: 'TREAT',
      filter: {},
      encryptionKey: reader.jwk,
      salt: random(),
    };
    const call = { as: member, at: 'HospitalMSP', input };
    const transaction = bench.begin(call);
    await bench.execute(access, 'request', call, transaction);
    assert.deepEqual([...transaction.reads].sort(), ['clock', 'consortium', `patient/${patient.id}`]);
  });

  it('lets in who joins, and closes at once to who leaves, also what they were about to open', async () => {
    const team = await declare();
    await grant(toTeam(team));
    await change(team, 1, { join: [COLLEAGUE] });
    const receipts = [await request(member), await request(other)] as const;
    await change(team, 2, { leave: [PERSON] });
    await assert.rejects(open(receipts[0]), because('CONSENT_DENIED'));
    await open(receipts[1], other);
    await end(team, 3);
    await assert.rejects(open(receipts[1], other), because('CONSENT_DENIED'));
    assert.equal((await outcome(await request(other), other)).outcome, 'deny');
  });

  it('ends with a planned end of a membership or of the team, by ledger time', async () => {
    const until = new Date(Date.parse(bench.now) + DAY).toISOString();
    const planned = await declare({ participants: [{ ...PERSON, until }] });
    const short = await declare({ participants: [COLLEAGUE], until });
    await grant(toTeam(planned));
    await grant(toTeam(short));
    await open(await request());
    await open(await request(other), other);
    await bench.pass(DAY);
    assert.equal((await outcome(await request())).outcome, 'deny');
    assert.equal((await outcome(await request(other), other)).outcome, 'deny');
  });

  it('keeps a denial of a team for who has left it', async () => {
    const team = await declare();
    await grant({
      ...toTeam(team),
      actor: [
        {
          ...toTeam(team).actor![0]!,
          reference: { identifier: { system: 'urn:vitaledger:organization', value: 'ClinicMSP' } },
        },
      ],
      provision: [{ type: 'deny', actor: toTeam(team).actor! }],
    });
    assert.equal((await outcome(await request(other), other)).outcome, 'permit');
    assert.equal((await outcome(await request())).outcome, 'deny');
    await change(team, 1, { leave: [PERSON] });
    assert.equal((await outcome(await request())).outcome, 'deny');
    await end(team, 2);
    assert.equal((await outcome(await request())).outcome, 'deny');
    // An ended team leaves the head only when nothing names it.
    const unnamed = await declare();
    await end(unnamed, 1);
    await declare();
    assert.deepEqual(
      (await listed()).map((one) => [unnamed, team].includes(one.team)),
      [true, false],
    );
    assert.equal((await outcome(await request())).outcome, 'deny');
  });

  it('refuses a consent, on paper too, and a prohibition that name a team which this custodian does not keep', async () => {
    const unknown = because('INVALID_ARGUMENT', 'UNKNOWN_CARE_TEAM');
    await assert.rejects(grant(toTeam(random())), unknown);
    patient = await enrolled();
    const team = await declare();
    const nested = { ...toTeam(team), provision: [{ ...toTeam(team, 'ClinicMSP'), type: 'deny' as const }] };
    await assert.rejects(grant(nested), (error: unknown) => {
      assert.ok(unknown(error));
      assert.equal((error as VitaledgerError).details.path, 'statement.body.provision.provision[0].actor[0]');
      return true;
    });
    patient = await enrolled();
    const paper = paperConsent();
    const record = { ...paper, body: { ...paper.body, provision: toTeam(random()) } };
    const input = { patient: patient.id, record, salt: random() };
    await assert.rejects(bench.submit(consents, 'record', { as: registrar, input }), unknown);
    const provision = { ...toTeam(random()), type: 'deny' };
    const body = { prohibition: random(), handle: random(256), provision };
    const statement = patient.declare({ kind: 'restriction', body } as never);
    const declaring = { patient: patient.id, statement, salt: random() };
    await assert.rejects(bench.submit(consents, 'declare', { as: registrar, input: declaring }), unknown);
  });

  it('takes a permission that names teams of several custodians: each reaches its own', async () => {
    const team = await declare();
    const [here] = toTeam(team).actor!;
    const [there] = toTeam(random(), 'ClinicMSP').actor!;
    await grant({ ...toTeam(team), actor: [here!, there!] });
    await open(await request());
  });

  it('refuses self-service, strangers, overtaken versions, and what is no member', async () => {
    const doctor = caller('HospitalMSP', 'practitioner', 'dr-9');
    const self = { mspId: 'HospitalMSP', subject: 'dr-9', role: 'practitioner' };
    await assert.rejects(
      declare({ participants: [self] }, doctor),
      because('PERMISSION_DENIED', 'OWN_MEMBERSHIP'),
    );
    const team = await declare({}, doctor);
    await assert.rejects(
      change(team, 1, { join: [self] }, doctor),
      because('PERMISSION_DENIED', 'OWN_MEMBERSHIP'),
    );
    const service = caller('HospitalMSP', 'service');
    const acting = { role: 'practitioner', subject: 'dr-9' };
    await assert.rejects(
      change(team, 1, { join: [self], actor: acting }, service),
      because('PERMISSION_DENIED', 'OWN_MEMBERSHIP'),
    );
    await change(team, 1, { join: [self] });
    await assert.rejects(change(team, 1, { join: [COLLEAGUE] }), because('CONFLICT', 'OVERTAKEN'));
    for (const [changes, code] of [
      [{ join: [{ ...PERSON, mspId: 'PharmacyMSP' }] }, 'INVALID_ARGUMENT'],
      [{ join: [PERSON] }, 'INVALID_ARGUMENT'],
      [{ join: [{ ...COLLEAGUE, role: 'service' }] }, 'INVALID_ARGUMENT'],
      [{ join: [{ ...COLLEAGUE, until: bench.now }] }, 'INVALID_ARGUMENT'],
      [{}, 'INVALID_ARGUMENT'],
      [{ leave: [COLLEAGUE] }, 'NOT_FOUND'],
    ] as const) {
      await assert.rejects(change(team, 2, changes), because(code), JSON.stringify(changes));
    }
    await assert.rejects(change(random(), 1, { join: [COLLEAGUE] }), because('NOT_FOUND'));
    await assert.rejects(
      declare({ organizations: ['NobodyMSP'], participants: [] }),
      because('INVALID_ARGUMENT'),
    );
    await assert.rejects(declare({ team }), because('ALREADY_EXISTS'));
    await end(team, 2);
    await assert.rejects(
      change(team, 3, { join: [COLLEAGUE] }),
      because('PRECONDITION_FAILED', 'CARE_TEAM_ENDED'),
    );
    await assert.rejects(declare({}, caller('ClinicMSP', 'registrar')), because('PERMISSION_DENIED'));
  });

  it('has at most 16 teams of a patient, and 100 persons in one', async () => {
    for (let count = 0; count < 16; count++) await declare({ participants: [] });
    await assert.rejects(declare(), because('PRECONDITION_FAILED', 'TOO_MANY_CARE_TEAMS'));
    patient = await enrolled();
    const crowd = Array.from({ length: 101 }, (_, index) => ({ ...PERSON, subject: `dr-${String(index)}` }));
    await assert.rejects(declare({ participants: crowd }), because('INVALID_ARGUMENT'));
    const team = await declare({ participants: crowd.slice(1) });
    await assert.rejects(change(team, 1, { join: crowd.slice(0, 1) }), because('INVALID_ARGUMENT'));
  });

  it('tells the patient of every change: a notice, and all versions with who said so and why', async () => {
    const team = await declare();
    await change(team, 1, { join: [COLLEAGUE] });
    await end(team, 2);
    const history = async (body: object = {}) => {
      const statement = patient.read('care-teams', body);
      const input = { patient: patient.id, statement };
      return (await patient.key.read(
        await bench.evaluate(teams, 'history', { as: other, at: 'HospitalMSP', input }),
      )) as {
        versions: CareTeamVersion[];
        bookmark: string;
      };
    };
    const { versions } = await history();
    assert.deepEqual(
      versions.map(({ version, participants, to }) => [version, participants.length, to !== undefined]),
      [
        [1, 1, false],
        [2, 2, false],
        [3, 2, true],
      ],
    );
    assert.equal(versions[0]?.changed.by.subject, 'registrar-1');
    const first = await history({ pageSize: 2 });
    const second = await history({ pageSize: 2, bookmark: first.bookmark });
    assert.deepEqual([...first.versions, ...second.versions], versions);
    await assert.rejects(history({ bookmark: 'x' }), because('INVALID_ARGUMENT'));
    const kinds = [...bench.channel.keys('HospitalMSP')]
      .filter((key) => key.startsWith(`notice/${patient.id}/`))
      .map(
        (key) => (JSON.parse(String(bench.channel.committed('HospitalMSP', key))) as { kind: string }).kind,
      );
    assert.deepEqual(kinds, ['care-team', 'care-team', 'care-team']);
  });

  it('writes over no version of a team that left the head when it was over: its id is not given again', async () => {
    const team = await declare();
    await end(team, 1);
    await declare();
    assert.equal((await listed()).length, 1, 'it left the head');
    await assert.rejects(
      declare({ team, organizations: ['PharmacyMSP'], participants: [] }),
      because('ALREADY_EXISTS'),
    );
  });

  it('is decided in merged entries by what each says of its own teams', async () => {
    const twin = await enrolled();
    const team = await declare();
    await declare({}, registrar, twin);
    await grant(toTeam(team));
    await assert.rejects(grant(toTeam(team), twin), because('INVALID_ARGUMENT', 'UNKNOWN_CARE_TEAM'));
    const merging = { patient: patient.id, replaced: twin.id, reason: { text: 'one' }, salt: random() };
    await bench.submit(new PatientLinkContract(), 'merge', { as: registrar, input: merging });
    await open(await request());
    await open(await request(member, twin));
  });
});
