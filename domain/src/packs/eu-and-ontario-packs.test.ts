import assert from 'node:assert/strict';
import { decide, decideRecord } from '../decision/decide.js';
import { CA_ON_PHIPA } from './ca-on-phipa.js';
import { EU_EHDS } from './eu-ehds.js';
import { EU_GDPR } from './eu-gdpr.js';
import {
  type Asked,
  asked,
  consent,
  record,
  rulesOf,
  rulesWithoutExample,
} from './request-for-tests.test.js';

const EU = [EU_GDPR, EU_EHDS];
const IN_2029 = '2029-03-26T00:00:00.000Z';

type Example = readonly [title: string, question: Asked, answer: string, of?: ReturnType<typeof record>];

const emergency: Asked = { role: 'emergency', kinds: ['hospital'], purpose: 'BTG', evidence: 'emergency' };
const patient: Asked = { role: 'registrar', own: true, purpose: 'PATRQT', evidence: 'patient' };
const researcher: Asked = { purpose: 'HRESCH', role: 'researcher', kinds: ['research'] };

const GDPR: readonly Example[] = [
  ['GDPR art. 9(2)(h): treatment under secrecy passes', {}, 'permit eu-gdpr treatment'],
  [
    'GDPR art. 9(2)(h): without professional secrecy it is no treatment',
    { role: 'registrar' },
    'deny eu-gdpr consent',
  ],
  [
    'GDPR art. 6(1)(a), 9(2)(a): with explicit consent research passes',
    { ...researcher, consents: [consent('permit', ['HRESCH'])] },
    'permit eu-gdpr consent',
  ],
  ['GDPR art. 7(3): withdrawal ends what rested on consent', researcher, 'deny eu-gdpr consent'],
  [
    'GDPR art. 5(1)(c): consent to everything does not heal what is not needed',
    { purpose: 'HPAYMT', filter: {}, consents: [consent('permit', ['HPAYMT'])] },
    'deny eu-gdpr data-minimisation',
  ],
  ['GDPR art. 15(1): a person has access to their own data', patient, 'permit eu-gdpr own-access'],
  ['GDPR art. 9(2)(c): vital interests open in an emergency', emergency, 'permit eu-gdpr vital-interests'],
  [
    'GDPR art. 9(4): but no notes of psychotherapy',
    { ...emergency, consents: [consent('deny', ['TREAT'])] },
    'deny eu-ehds emergency-not-psychotherapy-notes eu-gdpr emergency-not-psychotherapy-notes',
    record(['psychotherapy-notes']),
  ],
  [
    'GDPR art. 9(2)(i): what must be reported is',
    { purpose: 'PUBHLTH', role: 'regulator', kinds: ['regulator'], filter: { records: [record().id] } },
    'permit eu-gdpr required-reporting',
  ],
  [
    'GDPR art. 9(2)(h): a provider manages its own services with the records',
    { own: true, purpose: 'HOUTCOMS', role: 'registrar' },
    'permit eu-gdpr administration',
  ],
  [
    'GDPR art. 9(2)(a): a trial needs consent, also where it is part of treatment',
    { purpose: 'CLINTRL' },
    'deny eu-gdpr research',
  ],
];

const EHDS: readonly Example[] = [
  [
    'EHDS art. 68, 73: from 26 March 2029 on researchers are given no keys, whatever was consented to',
    { ...researcher, at: IN_2029, consents: [consent('permit', ['HRESCH'])] },
    'deny eu-ehds secure-environment',
  ],
  [
    'EHDS art. 105: until the day before they are, with consent',
    { ...researcher, at: '2029-03-25T23:59:59.999Z', consents: [consent('permit', ['HRESCH'])] },
    'permit eu-gdpr consent',
  ],
  [
    'EHDS art. 53(1): a clinical trial with consent is no secondary use',
    { ...researcher, purpose: 'CLINTRCH', at: IN_2029, consents: [consent('permit', ['HRESCH'])] },
    'permit eu-gdpr consent',
  ],
  [
    'EHDS art. 71(1): who opted out is left out of secondary use at their custodian too',
    {
      own: true,
      purpose: 'HOUTCOMS',
      role: 'registrar',
      at: IN_2029,
      optOuts: ['secondary-use'],
    },
    'deny eu-ehds secondary-use-opt-out',
  ],
  [
    'EHDS art. 71(1): who did not is counted there',
    { own: true, purpose: 'HOUTCOMS', role: 'registrar', at: IN_2029 },
    'permit eu-gdpr administration',
  ],
  [
    'EHDS art. 10(1): who opted out of primary use is not read from elsewhere',
    { at: IN_2029, optOuts: ['primary-use'] },
    'deny eu-ehds primary-use-opt-out-recipients',
  ],
  [
    'EHDS art. 10(2): nor in an emergency, where no national law provides for it',
    { ...emergency, at: IN_2029, optOuts: ['primary-use'] },
    'deny eu-ehds primary-use-opt-out eu-ehds primary-use-opt-out-recipients',
  ],
  [
    'EHDS art. 11: a restriction yields to vital interests',
    { ...emergency, at: IN_2029, consents: [consent('deny', ['TREAT'])] },
    'permit eu-ehds vital-interests eu-gdpr vital-interests',
  ],
  [
    'EHDS art. 3(1): a person has their own data',
    { ...patient, at: IN_2029, optOuts: ['primary-use', 'secondary-use'] },
    'permit eu-ehds own-access eu-gdpr own-access',
  ],
  [
    'EHDS art. 11: health professionals have the data of those they treat, from 26 March 2029 on',
    { at: IN_2029 },
    'permit eu-ehds treating-professional eu-gdpr treatment',
  ],
];

const PHIPA: readonly Example[] = [
  ['PHIPA s. 20(2): consent to care is assumed', {}, 'permit ca-on-phipa circle-of-care'],
  ['PHIPA s. 20(2): until it is withheld', { consents: [consent('deny', ['TREAT'])] }, 'deny '],
  [
    'PHIPA s. 18(3): what is no care needs express consent',
    { purpose: 'HPAYMT' },
    'deny ca-on-phipa express-consent',
  ],
  [
    'PHIPA s. 37(1): the custodian uses its records for payment',
    { purpose: 'HPAYMT', own: true, role: 'registrar' },
    'permit ca-on-phipa own-use',
  ],
  [
    'PHIPA s. 30(2): no more than is necessary',
    { purpose: 'HPAYMT', own: true, role: 'registrar', filter: {} },
    'deny ca-on-phipa limiting-principle',
  ],
  [
    'PHIPA s. 44(1): research needs consent',
    { ...researcher },
    'deny ca-on-phipa express-consent ca-on-phipa research',
  ],
  ['PHIPA s. 33: so does marketing', { purpose: 'HMARKT', own: true }, 'deny ca-on-phipa marketing'],
  [
    'PHIPA s. 40(1): a risk of serious bodily harm opens it against an express instruction',
    { ...emergency, consents: [consent('deny', ['TREAT'])] },
    'permit ca-on-phipa risk-of-harm',
  ],
  ['PHIPA s. 52(1): a person sees their own record', patient, 'permit ca-on-phipa own-access'],
  [
    'PHIPA s. 43(1)(h): what must be reported is, also against an express instruction',
    {
      purpose: 'PUBHLTH',
      role: 'regulator',
      kinds: ['regulator'],
      filter: { records: [record().id] },
      consents: [consent('deny', ['PUBHLTH'])],
    },
    'permit ca-on-phipa required-reporting',
  ],
  [
    'PHIPA s. 43(1)(h): and nothing that is not reported',
    { purpose: 'PUBHLTH', role: 'regulator', kinds: ['regulator'] },
    'deny ca-on-phipa express-consent',
  ],
  [
    'PHIPA s. 40(1): it permits and does not require, so notes of psychotherapy stay closed in emergencies',
    { ...emergency, consents: [consent('deny', ['TREAT'])] },
    'deny ca-on-phipa emergency-not-psychotherapy-notes',
    record(['psychotherapy-notes']),
  ],
];

describe('every rule', () => {
  it('of the packs of the European Union and Ontario stands in an example whose title names its section', () => {
    const examples = [...GDPR, ...EHDS, ...PHIPA].map(([title, , answer]) => ({ title, answer }));
    assert.deepEqual(rulesWithoutExample([EU_GDPR, EU_EHDS, CA_ON_PHIPA], examples), []);
  });
});

for (const [law, packs, place, examples] of [
  ['eu-gdpr', EU, 'DE', GDPR],
  ['eu-ehds', EU, 'DE', EHDS],
  ['ca-on-phipa', [CA_ON_PHIPA], 'CA-ON', PHIPA],
] as const) {
  describe(law, () => {
    for (const [title, question, answer, of = record()] of examples) {
      it(title, () => {
        const { outcome, policies } = decideRecord(asked(packs, { in: place, ...question }), of);
        const sorted = [...rulesOf(policies)].sort();
        assert.equal(`${outcome} ${sorted.join(' ')}`, answer);
      });
    }
  });
}

describe('eu-gdpr', () => {
  it('GDPR art. 6(1), 9(2): every access names a basis of each', () => {
    for (const [, question, , of = record()] of [...GDPR, ...EHDS]) {
      const { outcome, policies = [] } = decideRecord(asked(EU, { in: 'DE', ...question }), of);
      if (outcome === 'deny') continue;
      const bases = policies.flatMap(({ basis = [] }) => basis);
      assert.ok(
        bases.some((one) => one.startsWith('GDPR art. 6(1)')),
        JSON.stringify(question),
      );
      assert.ok(
        bases.some((one) => one.startsWith('GDPR art. 9(2)')),
        JSON.stringify(question),
      );
    }
  });

  it('GDPR art. 7(3): withdrawal does not end what rests on another basis', () => {
    const question = { in: 'DE', consents: [consent('permit', ['TREAT'])] };
    for (const input of [asked(EU, question), asked(EU, { in: 'DE' })]) {
      const { outcome, policies = [] } = decideRecord(input, record());
      assert.equal(outcome, 'permit');
      assert.deepEqual(
        policies.flatMap(({ basis = [] }) => basis),
        ['GDPR art. 6(1)(e)', 'GDPR art. 9(2)(h)'],
      );
    }
  });
});

describe('ca-on-phipa', () => {
  it('PHIPA s. 20(3), 38(2): treatment carries the duty to tell that something is missing', () => {
    const { policies = [] } = decideRecord(asked([CA_ON_PHIPA], { in: 'CA-ON' }), record());
    assert.deepEqual(
      policies.flatMap(({ obligations = [] }) => obligations),
      ['incomplete-notice'],
    );
  });

  it('PHIPA s. 4(1), 21(1): capacity is a finding, and no age', () => {
    assert.deepEqual(CA_ON_PHIPA.capacity, {
      by: 'finding',
      citation: 'PHIPA s. 4(1), 21(1), 23(1)',
    });
  });
});

describe('the laws of custodian, recipient and patient together', () => {
  const packs = [...EU, CA_ON_PHIPA];
  const across = { custodian: 'CA-ON', recipient: 'DE', patient: 'CA-ON' };

  it('let pass without consent what all of them permit', () => {
    const { outcome, policies } = decideRecord(asked(packs, { in: across }), record());
    assert.equal(outcome, 'permit');
    assert.deepEqual(rulesOf(policies), ['ca-on-phipa circle-of-care', 'eu-gdpr treatment']);
  });

  it('let nothing pass by itself where the law of one is not known here', () => {
    const { outcome } = decideRecord(asked(packs, { in: { ...across, recipient: 'BR' } }), record());
    assert.equal(outcome, 'deny');
  });

  it('prohibit what one of them prohibits, also the recipient’s alone', () => {
    const question: Asked = {
      ...researcher,
      at: IN_2029,
      consents: [consent('permit', ['HRESCH'])],
      in: across,
    };
    assert.equal(decideRecord(asked(packs, question), record()).outcome, 'deny');
    const elsewhere = { ...question, in: 'CA-ON' };
    assert.equal(decideRecord(asked(packs, elsewhere), record()).outcome, 'permit');
  });

  it('are named with those through whom they apply', () => {
    const { policy } = decide(asked(packs, { in: across }));
    assert.deepEqual(
      policy?.packs.map(({ id, for: parties }) => [id, parties]),
      [
        ['ca-on-phipa', ['custodian', 'patient']],
        ['eu-ehds', ['recipient']],
        ['eu-gdpr', ['recipient']],
      ],
    );
  });
});
