import assert from 'node:assert/strict';
import type { MedicalActor, Role } from '../consortium/roles.js';
import { decideRecord } from '../decision/decide.js';
import { isKnownSensitivity } from '../decision/labels.js';
import { isResourceType } from '../fhir/resource-types.js';
import { digestOf } from '../json/canonical.js';
import { SYSTEMS } from '../records/coding.js';
import { fillTemplate, TEMPLATE_NAMES, type TemplateName, type TemplateValues } from './templates.js';
import { TEMPLATE_CLASSES, TEMPLATE_LANGUAGES, TEMPLATE_SENSITIVITIES } from './words.js';

const organization = { mspId: 'ClinicMSP', name: 'Dr. Müller & Partner' };
const values: Readonly<Record<TemplateName, Omit<TemplateValues, 'language'>>> = {
  treatment: { organization },
  'treatment-of-some': { organization, classes: ['Condition', 'Immunization'] },
  'treatment-without-sensitive': { organization, sensitivities: ['HIV', 'SUD', 'MH'] },
  'treatment-by-team': { careTeam: { reference: `HospitalMSP/${'7'.repeat(32)}`, name: 'Diabetes team' } },
  research: { organization, until: '2027-12-31' },
  'emergency-only': { until: '2027-03-01' },
  never: { organization },
};

interface Asked {
  readonly mspId?: string;
  readonly role?: Role;
  readonly purpose?: string;
  readonly class?: string;
  readonly label?: string;
  readonly instant?: string;
}

function permits(name: TemplateName, asked: Asked): boolean {
  const { provision } = fillTemplate(name, { language: 'en', ...values[name] });
  const { mspId = 'ClinicMSP', role = 'practitioner', purpose = 'TREAT', label } = asked;
  const actor: MedicalActor = { mspId, role, subject: 's1' };
  const labels = label === undefined ? [] : [{ system: SYSTEMS.sensitivity, code: label }];
  const decision = decideRecord(
    {
      consents: [{ consent: 'c'.repeat(32), version: 1, provision }],
      careTeams: [
        {
          team: '7'.repeat(32),
          version: 1,
          participants: [
            { mspId: 'ClinicMSP', subject: 's1', role: 'practitioner', from: '2026-01-01T00:00:00.000Z' },
          ],
        },
      ],
      request: { custodian: 'HospitalMSP', actor, scope: 'content', purpose, filter: {} },
      instant: asked.instant ?? '2026-03-01T12:00:00.000Z',
    },
    {
      id: '1'.repeat(32),
      class: asked.class ?? 'Condition',
      category: [],
      codes: [],
      labels,
      mediaType: 'application/fhir+json',
    },
  );
  return decision.outcome === 'permit';
}

describe('consent templates', () => {
  it('say in plain words what is signed, in each language, and name its digest', () => {
    const texts = TEMPLATE_NAMES.map((name) =>
      TEMPLATE_LANGUAGES.map((language) => {
        const { text, digest } = fillTemplate(name, { language, ...values[name] });
        assert.equal(digest, digestOf(text.content));
        assert.equal(text.language, language);
        return text.content;
      }),
    );
    assert.deepEqual(texts, [
      [
        'Dr. Müller & Partner may read all my health records here, to treat me. This holds until I revoke it, which I can do at any time.',
        'Dr. Müller & Partner darf hier alle meine Gesundheitsdaten lesen, um mich zu behandeln. Das gilt, bis ich es widerrufe; das kann ich jederzeit.',
      ],
      [
        'Dr. Müller & Partner may read these of my health records here, to treat me: diagnoses; and vaccinations. Everything else stays closed to them. This holds until I revoke it, which I can do at any time.',
        'Dr. Müller & Partner darf hier diese meiner Gesundheitsdaten lesen, um mich zu behandeln: Diagnosen; und Impfungen. Alles andere bleibt dort verschlossen. Das gilt, bis ich es widerrufe; das kann ich jederzeit.',
      ],
      [
        'Dr. Müller & Partner may read my health records here, to treat me, but none that are marked as being about: HIV and AIDS; substance use disorders; and mental health. This holds until I revoke it, which I can do at any time.',
        'Dr. Müller & Partner darf hier meine Gesundheitsdaten lesen, um mich zu behandeln, aber keine, die so gekennzeichnet sind: HIV und AIDS; Suchterkrankungen; und seelische Gesundheit. Das gilt, bis ich es widerrufe; das kann ich jederzeit.',
      ],
      [
        'Whoever is in my care team “Diabetes team” when they ask may read all my health records here, to treat me. Who is in it is said here, and I am told of every change. This holds until I revoke it, which I can do at any time.',
        'Wer zu meinem Behandlungsteam „Diabetes team“ gehört, wenn er fragt, darf hier alle meine Gesundheitsdaten lesen, um mich zu behandeln. Wer dazugehört, wird hier bestimmt, und jede Änderung wird mir mitgeteilt. Das gilt, bis ich es widerrufe; das kann ich jederzeit.',
      ],
      [
        'Dr. Müller & Partner may read my health records here for health research. This is voluntary and changes nothing about my treatment. This holds until the end of 31 December 2027 (UTC), or until I revoke it, which I can do at any time.',
        'Dr. Müller & Partner darf hier meine Gesundheitsdaten für die Gesundheitsforschung lesen. Das ist freiwillig und ändert nichts an meiner Behandlung. Das gilt bis zum Ende des 31. Dezember 2027 (UTC) oder bis ich es widerrufe; das kann ich jederzeit.',
      ],
      [
        'In an emergency, emergency staff of any organization may read my health records here, to treat me. This holds until the end of 1 March 2027 (UTC), or until I revoke it, which I can do at any time.',
        'Im Notfall darf Notfallpersonal, gleich von welcher Einrichtung, hier meine Gesundheitsdaten lesen, um mich zu behandeln. Das gilt bis zum Ende des 1. März 2027 (UTC) oder bis ich es widerrufe; das kann ich jederzeit.',
      ],
      [
        'Dr. Müller & Partner may read none of my health records here, whatever else I have permitted. This holds until I revoke it, which I can do at any time.',
        'Dr. Müller & Partner darf hier keine meiner Gesundheitsdaten lesen, was immer ich sonst erlaubt habe. Das gilt, bis ich es widerrufe; das kann ich jederzeit.',
      ],
    ]);
  });

  it('mean the same in every language', () => {
    for (const name of TEMPLATE_NAMES) {
      const provisions = TEMPLATE_LANGUAGES.map(
        (language) => fillTemplate(name, { language, ...values[name] }).provision,
      );
      for (const other of provisions) assert.deepEqual(other, provisions[0]);
    }
  });

  it('decide as their words say', () => {
    const examples: readonly (readonly [TemplateName, Asked, boolean])[] = [
      ['treatment', {}, true],
      ['treatment', { label: 'HIV' }, true],
      ['treatment', { mspId: 'PharmacyMSP' }, false],
      ['treatment', { purpose: 'HRESCH' }, false],
      ['treatment-of-some', { class: 'Immunization' }, true],
      ['treatment-of-some', { class: 'Observation' }, false],
      ['treatment-without-sensitive', {}, true],
      ['treatment-without-sensitive', { label: 'OPIOIDUD' }, false],
      ['treatment-without-sensitive', { label: 'SDV' }, true],
      ['treatment-by-team', {}, true],
      ['treatment-by-team', { role: 'pharmacist' }, false],
      ['treatment-by-team', { mspId: 'PharmacyMSP' }, false],
      ['treatment-by-team', { purpose: 'HRESCH' }, false],
      ['research', { purpose: 'CLINTRCH' }, true],
      ['research', {}, false],
      ['research', { purpose: 'HRESCH', instant: '2027-12-31T23:59:59.999Z' }, true],
      ['research', { purpose: 'HRESCH', instant: '2028-01-01T00:00:00.000Z' }, false],
      ['emergency-only', { role: 'emergency', purpose: 'ETREAT', mspId: 'HospitalMSP' }, true],
      ['emergency-only', { role: 'emergency', purpose: 'TREAT' }, false],
      ['emergency-only', { purpose: 'ETREAT' }, false],
      ['never', {}, false],
    ];
    for (const [name, asked, expected] of examples) {
      assert.equal(permits(name, asked), expected, `${name} ${JSON.stringify(asked)}`);
    }
  });

  it('name kinds and topics that the engine knows', () => {
    assert.ok(TEMPLATE_CLASSES.every(isResourceType));
    assert.ok(TEMPLATE_SENSITIVITIES.every(isKnownSensitivity));
  });

  const refusals: readonly (readonly [string, string, object, string])[] = [
    ['an unknown template', 'everything', { organization }, 'template'],
    ['a template by a name that objects have', 'constructor', { organization }, 'template'],
    ['an unknown language', 'treatment', { organization, language: 'fr' }, 'language'],
    ['no organization', 'treatment', {}, 'organization'],
    [
      'an organization that the template does not speak of',
      'emergency-only',
      { organization },
      'organization',
    ],
    [
      'a care team that is none',
      'treatment-by-team',
      { careTeam: { reference: 'HospitalMSP/x', name: 'Team' } },
      'careTeam.reference',
    ],
    ['no care team', 'treatment-by-team', {}, 'careTeam'],
    ['what the text would not say', 'treatment', { organization, classes: ['Condition'] }, 'classes'],
    ['no classes', 'treatment-of-some', { organization, classes: [] }, 'classes'],
    ['a class without plain words', 'treatment-of-some', { organization, classes: ['Basic'] }, 'classes'],
    ['a class twice', 'treatment-of-some', { organization, classes: ['Condition', 'Condition'] }, 'classes'],
    [
      'a topic by a name that objects have',
      'treatment-without-sensitive',
      { organization, sensitivities: ['toString'] },
      'sensitivities',
    ],
    ['a day that does not exist', 'treatment', { organization, until: '2027-02-30' }, 'until'],
    ['an instant for a day', 'treatment', { organization, until: '2027-02-01T00:00:00Z' }, 'until'],
    ['no MSP id', 'treatment', { organization: { ...organization, mspId: '' } }, 'organization.mspId'],
    [
      'a name that would pass for more of the text',
      'treatment',
      { organization: { ...organization, name: 'The clinic\nand everybody' } },
      'organization.name',
    ],
  ];
  for (const [what, name, change, path] of refusals) {
    it(`refuse ${what}`, () => {
      assert.throws(() => fillTemplate(name as TemplateName, { language: 'en', ...change }), {
        code: 'INVALID_ARGUMENT',
        details: { path },
      });
    });
  }
});
