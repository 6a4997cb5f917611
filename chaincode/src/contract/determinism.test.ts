import assert from 'node:assert/strict';
import type { GuardedFunction } from '../authorization/permissions.js';
import { allKindsDocument, Bench, caller, type Call } from '../testing/bench.js';
import { everyCall, target, type EveryCall } from '../testing/every-call.js';

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
  ['ConsentContract:grant', OTHER, 'service', 'private'],
  ['ConsentContract:declare', OTHER, 'service', 'private'],
  ['ConsentContract:record', HOME, 'registrar', 'private'],
  ['ConsentContract:revoke', OTHER, 'service', 'public'],
  ['ConsentContract:close', OTHER, 'service', 'private'],
  ['AccessContract:request', OTHER, 'practitioner', 'private'],
  ['NotificationContract:changeKey', OTHER, 'service', 'private'],
  ['OrderContract:place', HOME, 'practitioner', 'private'],
  ['OrderContract:accept', HOME, 'laboratory', 'private'],
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
  ['TrialRegistryContract:register', HOME, 'sponsor', 'public'],
  ['TrialRegistryContract:approve', OTHER, 'ethics', 'public'],
  ['TrialRegistryContract:amend', HOME, 'sponsor', 'public'],
  ['TrialDocumentContract:register', HOME, 'sponsor', 'public'],
  ['ParticipationContract:enrol', HOME, 'investigator', 'private'],
  ['ParticipationContract:emergency', HOME, 'investigator', 'private'],
  ['TrialEnrolmentContract:report', OTHER, 'service', 'public'],
  ['TrialDataContract:offer', HOME, 'sponsor', 'public'],
  ['TrialDataContract:request', OTHER, 'researcher', 'public'],
  ['TrialDataContract:decide', OTHER, 'ethics', 'public'],
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
  'PrescriptionContract:redeem',
];

describe('submitted functions', () => {
  let bench: Bench;
  let calls: EveryCall;

  before(async () => {
    bench = await Bench.founded(allKindsDocument(HOME, OTHER));
    calls = await everyCall(bench, HOME);
  });

  for (const [name, mspId, role, side] of SUBMITTED) {
    it(`${name} gives every endorser the same result and writes, and writes ${side} state only`, async () => {
      const [contract, method] = target(name);
      const timestamp = bench.now;
      const endorse = async (custodian: string) => {
        const call: Call = { as: caller(mspId, role), ...calls[name] };
        const proposal = { custodian, timestamp, input: call.input, transactionId: 'ab'.repeat(32) };
        const transaction = bench.channel.begin(proposal);
        const result = await bench.execute(contract, method, call, transaction);
        return { result, writes: transaction.writes, event: transaction.announced };
      };
      const one = await endorse(HOME);
      bench.skip(5000);
      const other = await endorse(side === 'public' ? OTHER : HOME);
      bench.skip(-5000);
      assert.deepEqual(one, other);
      assert.ok(one.writes.length > 0);
      assert.match(one.event ?? '', /^(?:[0-9a-f]{64})?$/, 'an event is a tag');
      assert.deepEqual(
        one.writes.filter((write) => (write.side === 'public') !== (side === 'public')),
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
