import assert from 'node:assert/strict';
import { decide, decideRecord } from '../decision/decide.js';
import { SYSTEMS } from '../records/coding.js';
import type { LegalClass } from '../records/origin.js';
import {
  type Asked,
  asked,
  consent,
  record,
  RECIPIENT,
  rulesOf,
  rulesWithoutExample,
} from './request-for-tests.test.js';
import { US_42CFR2 } from './us-42cfr2.js';
import { US_HIPAA } from './us-hipaa.js';

const PACKS = [US_HIPAA, US_42CFR2];

type Example = readonly [title: string, question: Asked, of: ReturnType<typeof record>, answer: string];

const everything: Asked['filter'] = {};
const program = record(['part2-program']);
const counseling = record(['part2-program', 'sud-counseling-notes']);
const notes = record(['psychotherapy-notes']);
const namingLegalClass = (code: LegalClass) => ({
  code: [{ coding: [{ system: SYSTEMS.legalClass, code }] }],
});
const emergency: Asked = { role: 'emergency', kinds: ['hospital'], purpose: 'BTG', evidence: 'emergency' };
const patient: Asked = { role: 'registrar', own: true, purpose: 'PATRQT', evidence: 'patient' };

/** Each: which law says what, the request, the record, and the answer with the rules it rests on. */
const HIPAA: readonly Example[] = [
  ['45 CFR 164.506(c)(2): treatment by a provider passes', {}, record(), 'permit us-hipaa treatment'],
  [
    '45 CFR 164.506(c)(2): not for who is no provider',
    { kinds: ['research'], role: 'investigator', purpose: 'CLINTRL' },
    record(),
    'deny us-hipaa research',
  ],
  [
    '45 CFR 164.506(c)(3): payment passes',
    { purpose: 'HPAYMT', role: 'pharmacist', kinds: ['pharmacy'] },
    record(),
    'permit us-hipaa payment',
  ],
  [
    "45 CFR 164.506(c)(1): the custodian's operations pass",
    { purpose: 'HOPERAT', role: 'registrar', own: true },
    record(),
    'permit us-hipaa operations',
  ],
  [
    '45 CFR 164.506(c)(1): operations of another do not',
    { purpose: 'HOPERAT', role: 'registrar' },
    record(),
    'deny ',
  ],
  [
    '45 CFR 164.502(b)(1): payment may not ask for everything',
    { purpose: 'HPAYMT', filter: everything },
    record(),
    'deny us-hipaa minimum-necessary',
  ],
  [
    '45 CFR 164.502(b)(2)(i): treatment may ask for everything',
    { filter: everything },
    record(),
    'permit us-hipaa treatment',
  ],
  [
    '45 CFR 164.502(b)(2)(iii): with an authorization payment may ask for everything',
    { purpose: 'HPAYMT', filter: everything, consents: [consent('permit', ['HPAYMT'])] },
    record(),
    'permit us-hipaa minimum-necessary',
  ],
  [
    '45 CFR 164.508(a)(3): marketing does not pass without authorization',
    { purpose: 'HMARKT' },
    record(),
    'deny us-hipaa marketing',
  ],
  [
    '45 CFR 164.508(a)(3): marketing passes with one',
    { purpose: 'HMARKT', consents: [consent('permit', ['HMARKT'])] },
    record(),
    'permit us-hipaa marketing',
  ],
  [
    '45 CFR 164.508(a)(1): research does not pass without authorization',
    { purpose: 'HRESCH', kinds: ['research'], role: 'researcher' },
    record(),
    'deny us-hipaa research',
  ],
  [
    '45 CFR 164.508(a)(2): psychotherapy notes do not pass, even for treatment',
    {},
    notes,
    'deny us-hipaa psychotherapy-notes',
  ],
  [
    '45 CFR 164.508(b)(3)(ii): a consent to everything does not open psychotherapy notes',
    { consents: [consent('permit', ['TREAT'])] },
    notes,
    'deny us-hipaa psychotherapy-notes',
  ],
  [
    '45 CFR 164.508(a)(2): an authorization that names them does',
    { consents: [consent('permit', ['TREAT'], namingLegalClass('psychotherapy-notes'))] },
    notes,
    'permit us-hipaa psychotherapy-notes',
  ],
  [
    '45 CFR 164.508(a)(2)(i)(A): who wrote them may use them to treat',
    { own: true },
    notes,
    'permit us-hipaa treatment',
  ],
  [
    '45 CFR 164.522(a)(1)(iii): an emergency passes against a restriction',
    { ...emergency, consents: [consent('deny', ['TREAT'])] },
    record(),
    'permit us-hipaa emergency',
  ],
  [
    '45 CFR 164.522(a): without an emergency a restriction holds',
    { consents: [consent('deny', ['TREAT'])] },
    record(),
    'deny ',
  ],
  [
    '45 CFR 164.508(a)(2): an emergency does not open psychotherapy notes',
    emergency,
    notes,
    'deny us-42cfr2 emergency-not-psychotherapy-notes us-hipaa emergency-not-psychotherapy-notes us-hipaa psychotherapy-notes',
  ],
  [
    '45 CFR 164.524(a)(1): a person sees their own records, whatever was denied',
    { ...patient, consents: [consent('deny', ['PATRQT'], { actor: [] })] },
    record(),
    'permit us-hipaa own-access',
  ],
  ['45 CFR 164.524(a)(1)(i): save psychotherapy notes', patient, notes, 'deny us-hipaa psychotherapy-notes'],
  [
    '45 CFR 164.524: a request in the name of the patient without their signature is none of theirs',
    { role: 'registrar', own: true, purpose: 'PATRQT' },
    record(),
    'deny ',
  ],
  [
    '45 CFR 164.512(b)(1)(i): the health authority gets the records reported',
    { purpose: 'PUBHLTH', role: 'regulator', kinds: ['regulator'], filter: { records: [record().id] } },
    record(),
    'permit us-hipaa required-reporting',
  ],
  [
    '45 CFR 164.512(b)(1)(i): and no others',
    { purpose: 'PUBHLTH', role: 'regulator', kinds: ['regulator'] },
    record(),
    'deny ',
  ],
  [
    '45 CFR 164.502(g)(3)(i): what a minor consented to alone is not opened to the family',
    { purpose: 'FAMRQT' },
    record(['minor-consented-service']),
    'deny us-hipaa minor-consented-service',
  ],
];

const PART_2: readonly Example[] = [
  [
    '42 CFR 2.13(a): program records do not pass without consent, even for treatment',
    {},
    program,
    'deny us-42cfr2 consent',
  ],
  [
    '42 CFR 2.33(a)(1): with consent they do',
    { consents: [consent('permit', ['TREAT', 'HPAYMT', 'HOPERAT'])] },
    program,
    'permit us-42cfr2 consent us-hipaa treatment',
  ],
  [
    '42 CFR 2.33(a)(2): a consent for treatment, payment and operations covers no other purpose',
    { purpose: 'HRESCH', kinds: ['research'], consents: [consent('permit', ['TREAT', 'HPAYMT', 'HOPERAT'])] },
    program,
    'deny us-42cfr2 consent us-hipaa research',
  ],
  [
    '42 CFR 2.12(d)(1): nor proceedings against the patient, whatever was consented to',
    { purpose: 'HLEGAL', consents: [consent('permit', ['HOPERAT'])] },
    program,
    'deny us-42cfr2 legal-proceedings',
  ],
  [
    '42 CFR 2.12(c)(3): within the program they pass',
    { own: true },
    program,
    'permit us-42cfr2 within-program us-hipaa treatment',
  ],
  [
    '42 CFR 2.12(c)(3): the program is who made them, not who holds them',
    { own: true },
    record(['part2-program'], RECIPIENT),
    'deny us-42cfr2 consent',
  ],
  [
    '42 CFR 2.51(a): in a medical emergency they pass',
    emergency,
    program,
    'permit us-42cfr2 medical-emergency',
  ],
  [
    '42 CFR 2.51(a): ETREAT in the mouth of who has not broken the glass is no emergency',
    { role: 'emergency', kinds: ['hospital'], purpose: 'ETREAT' },
    program,
    'deny us-42cfr2 consent',
  ],
  [
    '42 CFR 2.31(b): a consent for treatment does not open SUD counseling notes',
    { consents: [consent('permit', ['TREAT'])] },
    counseling,
    'deny us-42cfr2 counseling-notes us-42cfr2 consent',
  ],
  [
    '42 CFR 2.31(b): one that names them does',
    { consents: [consent('permit', ['TREAT'], namingLegalClass('sud-counseling-notes'))] },
    counseling,
    'permit us-42cfr2 counseling-notes us-42cfr2 consent us-hipaa treatment',
  ],
  [
    '42 CFR 2.54: no program record is reported with the name of the patient',
    { purpose: 'PUBHLTH', role: 'regulator', kinds: ['regulator'], filter: { records: [record().id] } },
    program,
    'deny us-42cfr2 consent',
  ],
];

describe('every rule', () => {
  it('of the packs of the United States stands in an example whose title names its section', () => {
    const examples = [...HIPAA, ...PART_2].map(([title, , , answer]) => ({ title, answer }));
    assert.deepEqual(rulesWithoutExample(PACKS, examples), []);
  });
});

for (const [law, examples] of [
  ['us-hipaa', HIPAA],
  ['us-42cfr2', PART_2],
] as const) {
  describe(law, () => {
    for (const [title, question, of, answer] of examples) {
      it(title, () => {
        const { outcome, policies } = decideRecord(asked(PACKS, question), of);
        assert.equal(`${outcome} ${rulesOf(policies).join(' ')}`, answer);
      });
    }
  });
}

describe('us-42cfr2', () => {
  it('42 CFR 2.11: substance use codes alone make no program record', () => {
    const label = { system: SYSTEMS.sensitivity, code: 'SUD' };
    const { outcome } = decideRecord(asked(PACKS), { ...record(), labels: [label] });
    assert.equal(outcome, 'permit');
  });

  it('42 CFR 2.32: a disclosure with consent carries an explanation of it and the notice', () => {
    const input = asked(PACKS, { consents: [consent('permit', ['TREAT'])] });
    const { policies = [] } = decideRecord(input, program);
    const rule = policies.find(({ pack }) => pack === 'us-42cfr2');
    assert.deepEqual(rule?.obligations, ['explain-consent', 'redisclosure-notice']);
  });

  it('is named in a decision as what may withhold, before the records are known', () => {
    const { classes, policy } = decide(asked(PACKS));
    const answer = classes.Observation!;
    assert.equal(answer.outcome, 'permit-with-obligations');
    const open = answer.policies!.map((index) => policy!.rules[index]!).filter(({ certain }) => !certain);
    assert.ok(rulesOf(open).includes('us-42cfr2 consent'));
  });
});
