import assert from 'node:assert/strict';
import type { ConsentProvision, ConsentProvisionData } from 'fhir/r4';
import type { MedicalActor } from '../consortium/roles.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { decideRecord } from './decide.js';
import type { ConsentTerms, RecordFacets } from './decision.js';
import { validateConsent } from './provision.js';
import {
  confidentialityCoding,
  organizationActor,
  personActor,
  purposeCoding,
  recordReference,
  roleActor,
  sensitivityCoding,
} from './terms.js';

/*
 * The situations of the 23 example consents of IHE Privacy Consent on FHIR (PCF), told anew: who may see what, and at least one
 * request that is permitted and one that is denied for each. `leaves` says what a consent leaves to others than this engine.
 */

const DOCTOR: MedicalActor = { mspId: 'ClinicMSP', subject: 'dr-77', role: 'practitioner' };
const COLLEAGUE: MedicalActor = { ...DOCTOR, subject: 'dr-12' };
const AMBULANCE: MedicalActor = { mspId: 'RescueMSP', subject: 'em-3', role: 'emergency' };
const RESEARCHER: MedicalActor = { mspId: 'InstituteMSP', subject: 're-1', role: 'researcher' };
const OTHER_RESEARCHER: MedicalActor = { ...RESEARCHER, mspId: 'OtherInstituteMSP' };

let records = 0;
const record = (change: Partial<RecordFacets> = {}): RecordFacets => ({
  id: (++records).toString(16).padStart(32, '0'),
  class: 'Observation',
  category: [],
  codes: [{ system: 'http://loinc.org', code: '29463-7' }],
  date: '2022-06-13',
  labels: [],
  mediaType: 'application/fhir+json',
  ...change,
});
const coded = (...codings: { system?: string; code?: string }[]) =>
  codings.map(({ system = '', code = '' }) => ({ system, code }));

const WEIGHT = record();
const PRESSURE = record();
const SUGAR = record();
const ALCOHOL = record();
const VISIT = record({ class: 'Encounter' });
const OF_2021 = record({ date: '2021-12-31' });
const OF_2023 = record({ date: '2023-01-01' });
const UNDATED: RecordFacets = (() => {
  const { date: _date, ...rest } = record();
  assert.ok(_date);
  return rest;
})();
const RESTRICTED = record({ labels: coded(confidentialityCoding('R')) });
const VERY_RESTRICTED = record({ labels: coded(confidentialityCoding('V')) });
const PSYCHIATRIC = record({ labels: coded(confidentialityCoding('R'), sensitivityCoding('PSY')) });
const VIOLENCE = record({ labels: coded(confidentialityCoding('R'), sensitivityCoding('SDV')) });
const HIV = record({ labels: coded(confidentialityCoding('R'), sensitivityCoding('HIV')) });

const TPO = { purpose: ['TREAT', 'HPAYMT', 'HOPERAT'].map(purposeCoding) };
const NORMAL = { securityLabel: [confidentialityCoding('N')] };
const instances = (...of: RecordFacets[]): { data: ConsentProvisionData[] } => ({
  data: of.map(({ id }) => ({ meaning: 'instance', reference: recordReference(id) })),
});
const year2022 = { dataPeriod: { start: '2022-01-01', end: '2022-12-31' } };

interface Asked {
  readonly by?: MedicalActor;
  readonly for?: string;
  readonly of?: RecordFacets;
  readonly at?: string;
  /** Consents in force beside the example. */
  readonly beside?: readonly ConsentProvision[];
  readonly answer: 'permit' | 'deny';
}

interface Example {
  /** The name of the situation in PCF. */
  readonly name: string;
  readonly says: string;
  readonly provision: ConsentProvision;
  readonly asked: readonly Asked[];
  readonly leaves?: string;
}

const toTreat: ConsentProvision = { type: 'permit', ...TPO };
const tpoAsked: readonly Asked[] = [
  { answer: 'permit' },
  { for: 'HPAYMT', answer: 'permit' },
  { for: 'HOPERAT', answer: 'permit' },
  { for: 'ETREAT', by: AMBULANCE, answer: 'permit' },
  { for: 'HRESCH', by: RESEARCHER, answer: 'deny' },
  { for: 'HMARKT', answer: 'deny' },
];
const allNormal: ConsentProvision = { type: 'permit', ...TPO, ...NORMAL };
const normalOnly: readonly Asked[] = [
  { answer: 'permit' },
  { of: RESTRICTED, by: COLLEAGUE, answer: 'deny' },
  { of: PSYCHIATRIC, by: COLLEAGUE, answer: 'deny' },
  { for: 'HRESCH', by: RESEARCHER, answer: 'deny' },
];

const EXAMPLES: readonly Example[] = [
  {
    name: 'basic-treat',
    says: 'Everybody may use my data for treatment, payment and operations.',
    provision: toTreat,
    asked: tpoAsked,
  },
  {
    name: 'basic-treat-infant',
    says: 'My mother says so for me.',
    provision: toTreat,
    asked: tpoAsked,
    leaves: 'Who may sign: the statement and the delegation behind it are checked when it is granted.',
  },
  {
    name: 'basic-ink',
    says: 'I signed on paper.',
    provision: toTreat,
    asked: tpoAsked,
    leaves: 'The paper: a registrar records it with the digest of the scan.',
  },
  {
    name: 'expired-treat',
    says: 'Until the end of 2022.',
    provision: { ...toTreat, period: { end: '2022-12-31' } },
    asked: [
      { at: '2022-12-31T23:59:59.999Z', answer: 'permit' },
      { at: '2023-01-01T00:00:00.000Z', answer: 'deny' },
      { answer: 'deny' },
    ],
    leaves: 'Nothing: an ended consent needs no status to be changed.',
  },
  {
    name: 'basic-reject',
    says: 'Nobody may use my data for treatment, payment or operations, whatever else I signed for that.',
    provision: { type: 'deny', ...TPO },
    asked: [
      { answer: 'deny' },
      { beside: [toTreat], answer: 'deny' },
      // It says nothing of research, so what does is heard.
      {
        for: 'HRESCH',
        by: RESEARCHER,
        beside: [{ type: 'permit', purpose: [purposeCoding('HRESCH')] }],
        answer: 'permit',
      },
    ],
    leaves: 'What the law permits without consent is for the policy packs.',
  },
  {
    name: 'basic-research',
    says: 'My data may be used for research.',
    provision: { type: 'permit', purpose: [purposeCoding('HRESCH')] },
    asked: [
      { for: 'HRESCH', by: RESEARCHER, answer: 'permit' },
      { for: 'CLINTRCH', by: RESEARCHER, answer: 'permit' },
      { answer: 'deny' },
    ],
    leaves: 'Which research: data-use terms; whether keys leave at all: the law of the place.',
  },
  {
    name: 'intermediate-timeframe',
    says: 'For treatment, payment and operations, what is of the year 2022.',
    provision: { ...toTreat, ...year2022 },
    asked: [
      { answer: 'permit' },
      { of: OF_2021, answer: 'deny' },
      { of: OF_2023, answer: 'deny' },
      { of: UNDATED, answer: 'deny' },
    ],
    leaves: 'The clinical date is what the author declared at registration.',
  },
  {
    name: 'intermediate-not-timeframe',
    says: 'All but what is of the year 2022.',
    provision: { ...toTreat, provision: [{ type: 'deny', ...year2022 }] },
    asked: [
      { answer: 'deny' },
      { of: OF_2021, answer: 'permit' },
      { of: OF_2023, answer: 'permit' },
      { of: UNDATED, answer: 'deny' },
    ],
    leaves: 'The clinical date is what the author declared at registration.',
  },
  {
    name: 'intermediate-authoredby',
    says: 'Only what one doctor wrote, which the app has listed.',
    provision: { ...toTreat, ...instances(WEIGHT, PRESSURE) },
    asked: [{ answer: 'permit' }, { of: PRESSURE, answer: 'permit' }, { of: SUGAR, answer: 'deny' }],
    leaves:
      'What the doctor writes later: the ledger does not decide by author, so it needs another consent.',
  },
  {
    name: 'intermediate-not-authoredby',
    says: 'All but what one doctor wrote, which the app has listed.',
    provision: { ...toTreat, provision: [{ type: 'deny', ...instances(WEIGHT, PRESSURE) }] },
    asked: [{ answer: 'deny' }, { of: PRESSURE, answer: 'deny' }, { of: SUGAR, answer: 'permit' }],
    leaves:
      'What the doctor writes later is released, unless another consent withholds it: this must be said to the patient.',
  },
  {
    name: 'intermediate-encounter',
    says: 'Only what belongs to one visit, which the app has listed.',
    provision: { ...toTreat, ...instances(VISIT, SUGAR) },
    asked: [{ of: VISIT, answer: 'permit' }, { of: SUGAR, answer: 'permit' }, { answer: 'deny' }],
    leaves: 'What is added to the visit later: the ledger does not know what belongs to a visit.',
  },
  {
    name: 'intermediate-not-encounter',
    says: 'All but what belongs to one visit, which the app has listed.',
    provision: { ...toTreat, provision: [{ type: 'deny', ...instances(VISIT, SUGAR) }] },
    asked: [{ of: VISIT, answer: 'deny' }, { of: SUGAR, answer: 'deny' }, { answer: 'permit' }],
    leaves:
      'What is added to the visit later is released, unless another consent withholds it: this must be said to the patient.',
  },
  {
    name: 'intermediate-data',
    says: 'Only these five records.',
    provision: { ...toTreat, ...instances(VISIT, WEIGHT, PRESSURE, SUGAR, ALCOHOL) },
    asked: [
      ...[VISIT, WEIGHT, PRESSURE, SUGAR, ALCOHOL].map((of): Asked => ({ of, answer: 'permit' })),
      { of: OF_2021, answer: 'deny' },
      { of: WEIGHT, for: 'HRESCH', by: RESEARCHER, answer: 'deny' },
    ],
  },
  {
    name: 'intermediate-not-data',
    says: 'All but the record of what I drink.',
    provision: { ...toTreat, provision: [{ type: 'deny', ...instances(ALCOHOL) }] },
    asked: [{ of: ALCOHOL, answer: 'deny' }, { answer: 'permit' }],
    leaves: 'Copies of the record under other ids, such as at another custodian.',
  },
  {
    name: 'intermediate-purpose',
    says: 'One institute may use my data for one purpose.',
    provision: {
      type: 'permit',
      purpose: [purposeCoding('BIORCH')],
      actor: [organizationActor('InstituteMSP')],
    },
    asked: [
      { by: RESEARCHER, for: 'BIORCH', answer: 'permit' },
      { by: RESEARCHER, for: 'HRESCH', answer: 'deny' },
      { by: OTHER_RESEARCHER, for: 'BIORCH', answer: 'deny' },
      { answer: 'deny' },
    ],
    leaves: 'Purposes that only two parties have agreed on: a code that the ledger does not know is refused.',
  },
  {
    name: 'dissent-intermediate-break-glass',
    says: 'Nobody, but those who break the glass in an emergency.',
    provision: {
      type: 'deny',
      provision: [{ type: 'permit', purpose: [purposeCoding('BTG')], actor: [roleActor('emergency')] }],
    },
    asked: [
      { by: AMBULANCE, for: 'BTG', answer: 'permit' },
      { by: AMBULANCE, for: 'TREAT', answer: 'deny' },
      { by: DOCTOR, for: 'BTG', answer: 'deny' },
      { beside: [toTreat], answer: 'deny' },
    ],
    leaves:
      'Who is privileged: the role that an organization vouches for; reason, notice and review of breaking the glass.',
  },
  {
    name: 'advanced-normal',
    says: 'What is normal, not what is restricted.',
    provision: allNormal,
    asked: [...normalOnly, { of: record({ labels: coded(confidentialityCoding('L')) }), answer: 'permit' }],
    leaves: 'Labels: they are derived from codes when a record is registered.',
  },
  {
    name: 'advanced-normal-restricted',
    says: 'What is normal or restricted, not what is very restricted.',
    provision: {
      ...toTreat,
      securityLabel: [confidentialityCoding('N'), confidentialityCoding('R')],
    },
    asked: [
      { answer: 'permit' },
      { of: RESTRICTED, answer: 'permit' },
      { of: HIV, answer: 'permit' },
      { of: VERY_RESTRICTED, answer: 'deny' },
    ],
    leaves: 'Labels: they are derived from codes when a record is registered.',
  },
  {
    name: 'advanced-normal-not-restricted',
    says: 'All but what is restricted.',
    provision: { ...toTreat, provision: [{ type: 'deny', securityLabel: [confidentialityCoding('R')] }] },
    asked: [
      ...normalOnly,
      { of: VERY_RESTRICTED, answer: 'deny' },
      { of: RESTRICTED, beside: [toTreat], answer: 'deny' },
    ],
    leaves:
      'PCF limits the permission to normal data besides, with which the exception would be redundant (see below).',
  },
  {
    name: 'advanced-normal-focused-restricted',
    says: 'What is normal to all, what is restricted to my doctor too.',
    provision: {
      ...allNormal,
      provision: [
        {
          type: 'permit',
          securityLabel: [confidentialityCoding('R')],
          actor: [personActor(DOCTOR.mspId, DOCTOR.subject)],
        },
      ],
    },
    asked: [
      ...normalOnly,
      { of: RESTRICTED, answer: 'permit' },
      { of: VERY_RESTRICTED, answer: 'deny' },
      { of: RESTRICTED, for: 'HMARKT', answer: 'deny' },
    ],
    leaves: 'That the pseudonym is my doctor’s is the organization’s word.',
  },
  {
    name: 'advanced-normal-focused-psy',
    says: 'What is normal to all, what is of my mind to my doctor too.',
    provision: {
      ...allNormal,
      provision: [
        {
          type: 'permit',
          securityLabel: [sensitivityCoding('PSY')],
          actor: [personActor(DOCTOR.mspId, DOCTOR.subject)],
        },
      ],
    },
    asked: [
      ...normalOnly,
      { of: PSYCHIATRIC, answer: 'permit' },
      { of: VIOLENCE, answer: 'deny' },
      { of: RESTRICTED, answer: 'deny' },
    ],
    leaves: 'That the pseudonym is my doctor’s is the organization’s word.',
  },
  {
    name: 'advanced-normal-focused-psy-or-sdv',
    says: 'What is normal to all, what is of my mind or of violence to my doctor too.',
    provision: {
      ...allNormal,
      provision: [
        {
          type: 'permit',
          securityLabel: [sensitivityCoding('PSY'), sensitivityCoding('SDV')],
          actor: [personActor(DOCTOR.mspId, DOCTOR.subject)],
        },
      ],
    },
    asked: [
      ...normalOnly,
      { of: PSYCHIATRIC, answer: 'permit' },
      { of: VIOLENCE, answer: 'permit' },
      { of: VIOLENCE, by: COLLEAGUE, answer: 'deny' },
      { of: HIV, answer: 'deny' },
    ],
    leaves: 'That the pseudonym is my doctor’s is the organization’s word.',
  },
  {
    name: 'advanced-normal-break-glass-restricted',
    says: 'What is normal to all, what is restricted to those who break the glass in an emergency.',
    provision: {
      ...allNormal,
      provision: [
        {
          type: 'permit',
          securityLabel: [confidentialityCoding('R')],
          purpose: [purposeCoding('BTG')],
          actor: [roleActor('emergency')],
        },
      ],
    },
    asked: [
      ...normalOnly,
      { of: RESTRICTED, by: AMBULANCE, for: 'BTG', answer: 'permit' },
      { of: RESTRICTED, by: AMBULANCE, for: 'TREAT', answer: 'deny' },
      { of: RESTRICTED, by: DOCTOR, for: 'BTG', answer: 'deny' },
      { of: VERY_RESTRICTED, by: AMBULANCE, for: 'BTG', answer: 'deny' },
    ],
    leaves:
      'Who is privileged: the role that an organization vouches for; reason, notice and review of breaking the glass.',
  },
];

const termsOf = (provision: ConsentProvision, index: number): ConsentTerms => {
  const terms = { consent: index.toString(16).padStart(32, '0'), version: 1, provision };
  validateConsent(terms);
  return terms;
};

/** What is answered with this provision in place of the example's, or (undefined) without any. */
function answerTo(asked: Asked, provision: ConsentProvision | undefined): 'permit' | 'deny' {
  const {
    by: actor = DOCTOR,
    for: purpose = 'TREAT',
    of = WEIGHT,
    at: instant = '2026-03-01T12:00:00.000Z',
  } = asked;
  const inForce = [...(provision ? [provision] : []), ...(asked.beside ?? [])];
  const request = { custodian: 'HospitalMSP', actor, scope: 'content', purpose, filter: {} } as const;
  return decideRecord({ consents: inForce.map(termsOf), request, instant }, of).outcome;
}

describe('the example consents of IHE Privacy Consent on FHIR', () => {
  it('are all here, each by its own name', () => {
    assert.equal(new Set(EXAMPLES.map(({ name }) => name)).size, 23);
  });

  for (const { name, says, provision, asked, leaves } of EXAMPLES) {
    describe(`${name}: ${says}${leaves ? ` Left to others: ${leaves}` : ''}`, () => {
      for (const [index, one] of asked.entries()) {
        const { by = DOCTOR, for: purpose = 'TREAT', beside = [], answer } = one;
        const beside_ = beside.length > 0 ? ', with another consent beside it' : '';
        it(`${answer}s ${by.mspId}’s ${by.role} ${purpose} (${index + 1})${beside_}`, () => {
          assert.equal(answerTo(one, provision), answer);
        });
      }

      it('permits something and denies something', () => {
        assert.deepEqual([...new Set(asked.map(({ answer }) => answer))].sort(), ['deny', 'permit']);
      });

      const nested = provision.provision ?? [];
      for (const [path, without] of [
        ['provision', undefined],
        ...nested.map((_, index): [string, ConsentProvision] => [
          `provision.provision[${index}]`,
          withoutException(provision, index),
        ]),
      ] as const) {
        it(`answers something else without ${path}`, () => {
          assert.ok(asked.some((one) => answerTo(one, without) !== one.answer));
        });
      }
    });
  }

  it('need no exception for what the permission does not cover: one of the other type reaches nothing beyond it', () => {
    const exception: ConsentProvision = { type: 'deny', securityLabel: [confidentialityCoding('R')] };
    const literal: ConsentProvision = { ...allNormal, provision: [exception] };
    for (const of of [WEIGHT, RESTRICTED, PSYCHIATRIC]) {
      for (const beside of [[], [toTreat]]) {
        const answers = [literal, allNormal].map((one) => answerTo({ of, beside, answer: 'deny' }, one));
        assert.equal(answers[0], answers[1]);
      }
    }
  });

  it('are refused where the ledger could only guess: by author, by visit, for a purpose it does not know', () => {
    const by = (meaning: ConsentProvisionData['meaning']): ConsentProvision => ({
      ...toTreat,
      data: [{ meaning, reference: recordReference(WEIGHT.id) }],
    });
    const code = { system: 'http://example.org/purposes', code: 'FooBar' };
    const refused: readonly (readonly [ConsentProvision, string])[] = [
      [by('authoredby'), 'consent.provision.data[0].meaning'],
      [by('related'), 'consent.provision.data[0].meaning'],
      [{ type: 'permit', purpose: [code] }, 'consent.provision.purpose[0]'],
    ];
    for (const [provision, path] of refused) {
      assert.throws(
        () => termsOf(provision, 1),
        (error) => error instanceof VitaledgerError && error.details.path === path,
      );
    }
  });
});

function withoutException(provision: ConsentProvision, index: number): ConsentProvision {
  const { provision: nested = [], ...rest } = provision;
  const left = nested.filter((_, one) => one !== index);
  return left.length === 0 ? rest : { ...rest, provision: left };
}
