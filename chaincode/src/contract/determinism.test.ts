import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { GuardedFunction } from '../authorization/permissions.js';
import { allKindsDocument, Bench, caller, type Call } from '../testing/bench.js';
import type { Job } from '../testing/endorsements.js';
import { everyCall, target, type EveryCall } from '../testing/every-call.js';
import { functionsOfContracts } from '../testing/every-function.js';
import type { ReadWriteSet } from '../testing/memory-channel.js';

const [HOME, OTHER] = ['HomeMSP', 'OtherMSP'];

/** What is submitted, with who may call it. Functions of public state are endorsed by several organizations' peers. */
const SUBMITTED: readonly (readonly [GuardedFunction, string, string, 'public' | 'private'])[] = [
  ['ConsortiumContract:beat', HOME, 'admin', 'public'],
  ['ConsortiumContract:propose', HOME, 'admin', 'public'],
  ['ConsortiumContract:vote', OTHER, 'admin', 'public'],
  ['ConsortiumContract:publishMap', HOME, 'admin', 'public'],
  ['ConsortiumContract:publishPack', HOME, 'admin', 'public'],
  ['RecordContract:enrol', HOME, 'registrar', 'private'],
  ['RecordContract:register', HOME, 'registrar', 'private'],
  ['RecordContract:registerBatch', HOME, 'service', 'private'],
  ['RecordContract:inspect', HOME, 'auditor', 'private'],
  ['CorrectionContract:amend', HOME, 'practitioner', 'private'],
  ['CorrectionContract:retract', HOME, 'practitioner', 'private'],
  ['RectificationContract:request', HOME, 'registrar', 'private'],
  ['RectificationContract:refuse', HOME, 'practitioner', 'private'],
  ['ErasureContract:erase', HOME, 'registrar', 'private'],
  ['ErasureContract:hold', HOME, 'auditor', 'private'],
  ['ErasureContract:release', HOME, 'auditor', 'private'],
  ['PatientLinkContract:link', HOME, 'registrar', 'private'],
  ['PatientLinkContract:unlink', HOME, 'registrar', 'private'],
  ['PatientLinkContract:merge', HOME, 'registrar', 'private'],
  ['PatientLinkContract:unmerge', HOME, 'registrar', 'private'],
  ['CareTeamContract:declare', HOME, 'registrar', 'private'],
  ['CareTeamContract:change', HOME, 'practitioner', 'private'],
  ['CareTeamContract:end', HOME, 'registrar', 'private'],
  ['ConsentContract:grant', OTHER, 'service', 'private'],
  ['ConsentContract:declare', OTHER, 'service', 'private'],
  ['ConsentContract:record', HOME, 'registrar', 'private'],
  ['ConsentContract:revoke', OTHER, 'service', 'public'],
  ['ConsentContract:close', OTHER, 'service', 'private'],
  ['AccessContract:request', OTHER, 'practitioner', 'private'],
  ['NotificationContract:changeKey', OTHER, 'service', 'private'],
  ['OrderContract:place', HOME, 'practitioner', 'private'],
  ['OrderContract:accept', HOME, 'laboratory', 'private'],
  ['OrderCancellationContract:cancel', HOME, 'practitioner', 'private'],
  ['OrderCancellationContract:revoke', HOME, 'practitioner', 'private'],
  ['OrderContract:result', HOME, 'laboratory', 'private'],
  ['OrderContract:show', HOME, 'practitioner', 'private'],
  ['OrderContract:acknowledge', HOME, 'practitioner', 'private'],
  ['AccessContract:review', HOME, 'auditor', 'private'],
  ['PrescriptionContract:issue', HOME, 'practitioner', 'private'],
  ['PrescriptionContract:publish', HOME, 'service', 'public'],
  ['PrescriptionContract:redeem', OTHER, 'pharmacist', 'private'],
  ['PrescriptionContract:fill', OTHER, 'pharmacist', 'public'],
  ['PrescriptionContract:cancel', OTHER, 'service', 'public'],
  ['DispenseContract:begin', HOME, 'pharmacist', 'private'],
  ['DispenseContract:portion', HOME, 'pharmacist', 'private'],
  ['StudyContract:register', HOME, 'researcher', 'public'],
  ['StudyContract:decide', OTHER, 'ethics', 'public'],
  ['StudyContract:revoke', OTHER, 'ethics', 'public'],
  ['CohortContract:ask', HOME, 'researcher', 'private'],
  ['CohortContract:answer', HOME, 'service', 'private'],
  ['TrialRegistryContract:register', HOME, 'sponsor', 'public'],
  ['TrialImportContract:register', HOME, 'sponsor', 'public'],
  ['TrialRegistryContract:approve', OTHER, 'ethics', 'public'],
  ['TrialRegistryContract:amend', HOME, 'sponsor', 'public'],
  ['TrialRegistryContract:advance', HOME, 'sponsor', 'public'],
  ['TrialDelayContract:submit', HOME, 'sponsor', 'public'],
  ['TrialDelayContract:end', OTHER, 'regulator', 'public'],
  ['TrialDocumentContract:register', HOME, 'sponsor', 'public'],
  ['ParticipationContract:enrol', HOME, 'investigator', 'private'],
  ['ParticipationContract:emergency', HOME, 'investigator', 'private'],
  ['TrialEnrolmentContract:report', OTHER, 'service', 'public'],
  ['TrialDataContract:offer', HOME, 'sponsor', 'public'],
  ['TrialDataContract:request', OTHER, 'researcher', 'public'],
  ['TrialDataContract:decide', OTHER, 'ethics', 'public'],
  ['TrialDataContract:revoke', OTHER, 'ethics', 'public'],
  ['TrialDataReleaseContract:hold', HOME, 'sponsor', 'private'],
  ['TrialDataReleaseContract:collect', HOME, 'researcher', 'public'],
  ['TrialAnalysisContract:commitList', HOME, 'sponsor', 'public'],
  ['TrialAnalysisContract:unblind', HOME, 'sponsor', 'public'],
  ['TrialAnalysisContract:revealList', HOME, 'sponsor', 'public'],
  ['TrialDocumentContract:revise', HOME, 'sponsor', 'public'],
];

/** Those that answer with the id of what they wrote, which is the transaction's. */
const RECEIPTS: readonly GuardedFunction[] = [
  'OrderContract:show',
  'RecordContract:inspect',
  'AccessContract:request',
  'CohortContract:ask',
  'PrescriptionContract:redeem',
];

interface Endorsed extends ReadWriteSet {
  readonly name: string;
  readonly event?: string;
}

/** Two machines that have nothing in common but the program. */
const MACHINES = [
  {
    flags: ['--random-seed=1', '--hash-seed=1'],
    env: {
      MACHINE_NUMBER: '0',
      MACHINE_YEAR: '1999',
      MACHINE_SEED: '1',
      TZ: 'Pacific/Kiritimati',
      LANG: 'tr_TR.UTF-8',
      LC_ALL: 'tr_TR.UTF-8',
    },
  },
  {
    flags: ['--random-seed=2', '--hash-seed=2'],
    env: {
      MACHINE_NUMBER: '1',
      MACHINE_YEAR: '2031',
      MACHINE_SEED: '77',
      TZ: 'America/St_Johns',
      LANG: 'ar_EG.UTF-8',
      LC_ALL: 'ar_EG.UTF-8',
    },
  },
] as const;

/** Runs a program of this build on one of the machines; what it prints. */
function printed(machine: (typeof MACHINES)[number], program: readonly string[], input: string): string {
  const { PATH } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...machine.flags, ...program], {
    env: { ...(PATH === undefined ? {} : { PATH }), ...machine.env },
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.startsWith('{'));

describe('submitted functions', () => {
  let bench: Bench;
  let calls: EveryCall;
  let endorsed: readonly (readonly string[])[];

  before(async () => {
    bench = await Bench.founded(allKindsDocument(HOME, OTHER));
    calls = await everyCall(bench, HOME);
    const job: Job = {
      state: bench.channel.snapshot(),
      calls: SUBMITTED.map(([name, mspId, role, side]) => ({
        name,
        as: caller(mspId, role),
        at: [HOME, side === 'public' ? OTHER : HOME],
        timestamp: bench.now,
        transactionId: 'ab'.repeat(32),
        ...calls[name],
      })),
    };
    const program = [join(__dirname, '..', 'testing', 'endorsements.js')];
    endorsed = MACHINES.map((machine) => linesOf(printed(machine, program, JSON.stringify(job))));
  });

  it('are all of them tested here', () => {
    const submitted = [...functionsOfContracts()].flatMap(([name, kind]) =>
      kind === 'submitted' ? [name] : [],
    );
    assert.deepEqual(SUBMITTED.map(([name]) => name).sort(), submitted.sort());
  });

  it('run on machines that differ in time zone, locale, clock and random numbers', () => {
    const telling = join(__dirname, '..', 'testing', 'another-machine.js');
    const program = `require(${JSON.stringify(telling)}); console.log(JSON.stringify({
      zone: new Date(0).getHours(), locale: (1234.5).toLocaleString(),
      now: Date.now() > 1e12, year: new Date().getUTCFullYear(), random: Math.random(), elapsed: performance.now() }))`;
    const told = MACHINES.map((machine) =>
      Object.entries(JSON.parse(printed(machine, ['-e', program], '')) as Record<string, unknown>),
    );
    const [one = [], other = []] = told;
    for (const [index, [what, value]] of one.entries())
      assert.notEqual(value, other[index]?.[1], `${what}: ${String(value)}`);
  });

  for (const [index, [name, mspId, role, side]] of SUBMITTED.entries()) {
    it(`${name} gives every endorser byte for byte the same result, event and read-write set, and writes ${side} state only`, () => {
      const [one, other] = endorsed.map((lines) => lines[index] ?? assert.fail(`${name} was not endorsed`));
      assert.equal(one, other);
      const { name: done, event, reads, writes } = JSON.parse(one ?? '') as Endorsed;
      assert.equal(done, name);
      assert.ok(writes.length > 0);
      assert.ok(reads.length > 0);
      assert.match(event ?? '', /^(?:[0-9a-f]{64})?$/, 'an event is a tag');
      assert.deepEqual(
        writes.filter(([written]) => (written === 'public') !== (side === 'public')),
        [],
      );
    });

    if (side === 'private') {
      it(`${name} answers nothing that concerns a person`, async () => {
        const [contract, method] = target(name);
        const call: Call = { as: caller(mspId, role), at: HOME, ...calls[name] };
        const transaction = bench.begin(call);
        const result = await bench.execute(contract, method, call, transaction);
        const expected = RECEIPTS.includes(name) ? { receipt: transaction.transactionId } : '';
        assert.deepEqual(result === '' ? '' : JSON.parse(result), expected);
      });
    }
  }
});
