import { EEA_ONLY, EU_MEMBERS } from './eu.js';
import type { PackConditions, PolicyPack } from './pack.js';

const PROFESSIONALS = ['practitioner', 'emergency', 'pharmacist', 'laboratory'] as const;

const TREATMENT: PackConditions = {
  purposes: ['TREAT'],
  kinds: ['hospital', 'clinic', 'pharmacy', 'laboratory'],
  roles: PROFESSIONALS,
};
const ADMINISTRATION: PackConditions = { purposes: ['HPAYMT', 'HOPERAT'], recipient: 'custodian' };
const NOT_TREATMENT: PackConditions = { purposes: ['CLINTRL', 'POPHLTH'] };

/** European Economic Area: Regulation (EU) 2016/679. */
export const EU_GDPR: PolicyPack = {
  id: 'eu-gdpr',
  version: 1,
  title: 'General Data Protection Regulation, Regulation (EU) 2016/679',
  jurisdictions: [...EU_MEMBERS, ...EEA_ONLY],
  rules: [
    {
      id: 'own-access',
      citation: 'GDPR art. 15(1), 15(3)',
      title: 'A person has access to their own data, and a copy.',
      effect: 'duty',
      when: { purposes: ['PATRQT'], evidence: 'patient' },
      basis: ['GDPR art. 6(1)(c)', 'GDPR art. 9(2)(a)'],
    },
    {
      id: 'required-reporting',
      citation: 'GDPR art. 6(1)(c), 9(2)(i)',
      title:
        'What law requires to be reported goes to the public health authority: the records reported, not others.',
      effect: 'duty',
      when: { purposes: ['PUBHLTH'], kinds: ['regulator'], filter: 'records' },
      unless: [{ legalClasses: ['part2-program', 'sud-counseling-notes', 'psychotherapy-notes'] }],
      basis: ['GDPR art. 6(1)(c)', 'GDPR art. 9(2)(i)'],
    },
    {
      id: 'vital-interests',
      citation: 'GDPR art. 6(1)(d), 9(2)(c)',
      title: 'In an emergency what protects a life may be read when the person cannot consent.',
      effect: 'duty',
      when: { purposes: ['ETREAT'], roles: ['emergency'], evidence: 'emergency' },
      basis: ['GDPR art. 6(1)(d)', 'GDPR art. 9(2)(c)'],
    },
    {
      id: 'emergency-not-psychotherapy-notes',
      citation: 'GDPR art. 9(3), 9(4)',
      title: 'Notes of psychotherapy stay under professional secrecy in emergencies too.',
      effect: 'bar-emergency',
      when: { legalClasses: ['psychotherapy-notes'] },
    },
    {
      id: 'data-minimisation',
      citation: 'GDPR art. 5(1)(c)',
      title:
        'Outside treatment a request must be limited to what is needed; consent to everything does not heal that.',
      effect: 'prohibit',
      when: { purposes: ['HPAYMT', 'HOPERAT', 'POPHLTH', 'PUBHLTH'], filter: 'none' },
    },
    {
      id: 'consent',
      citation: 'GDPR art. 6(1)(a), 7(3), 9(2)(a)',
      title: 'What rests on no other basis needs explicit consent, and ends when that is withdrawn.',
      effect: 'require-consent',
      unless: [{ ...TREATMENT }, { ...ADMINISTRATION }],
      basis: ['GDPR art. 6(1)(a)', 'GDPR art. 9(2)(a)'],
    },
    {
      id: 'research',
      citation: 'GDPR art. 6(1)(a), 9(2)(a), 9(2)(j), 89(1)',
      title:
        'Taking part in a trial or a population study needs consent, also where it is part of treatment.',
      effect: 'require-consent',
      when: { ...TREATMENT, ...NOT_TREATMENT },
      basis: ['GDPR art. 6(1)(a)', 'GDPR art. 9(2)(a)'],
    },
    {
      id: 'treatment',
      citation: 'GDPR art. 6(1)(e), 9(2)(h), 9(3)',
      title:
        'Treatment by a professional under secrecy passes without consent, and does not end with its withdrawal.',
      effect: 'permit',
      when: TREATMENT,
      unless: [NOT_TREATMENT],
      basis: ['GDPR art. 6(1)(e)', 'GDPR art. 9(2)(h)'],
    },
    {
      id: 'administration',
      citation: 'GDPR art. 6(1)(c), 9(2)(h)',
      title: "The custodian's own management of care and payment passes without consent.",
      effect: 'permit',
      when: ADMINISTRATION,
      basis: ['GDPR art. 6(1)(c)', 'GDPR art. 9(2)(h)'],
    },
  ],
};
