import type { PackConditions, PolicyPack } from './pack.js';

/** Care by custodians of PHIPA s. 3(1) paragraphs 1 to 4. */
const CARE: PackConditions = {
  purposes: ['TREAT'],
  kinds: ['hospital', 'clinic', 'pharmacy', 'laboratory'],
  roles: ['practitioner', 'emergency', 'pharmacist', 'laboratory'],
};

/** Ontario: Personal Health Information Protection Act, 2004, S.O. 2004, c. 3, Sched. A. */
export const CA_ON_PHIPA: PolicyPack = {
  id: 'ca-on-phipa',
  version: 1,
  title: 'Personal Health Information Protection Act, 2004 (Ontario), S.O. 2004, c. 3, Sched. A',
  jurisdictions: ['CA-ON'],
  capacity: { by: 'finding', citation: 'PHIPA s. 4(1), 21(1), 23(1)' },
  rules: [
    {
      id: 'own-access',
      citation: 'PHIPA s. 52(1)',
      title: 'A person may see their own record.',
      effect: 'duty',
      when: { purposes: ['PATRQT'], evidence: 'patient' },
    },
    {
      id: 'required-reporting',
      citation: 'PHIPA s. 43(1)(h)',
      title: 'What law requires to be reported goes to the authority: the records reported, not others.',
      effect: 'duty',
      when: { purposes: ['PUBHLTH'], kinds: ['regulator'], filter: 'records' },
      unless: [{ legalClasses: ['part2-program', 'sud-counseling-notes', 'psychotherapy-notes'] }],
    },
    {
      id: 'risk-of-harm',
      citation: 'PHIPA s. 40(1)',
      title:
        'A significant risk of serious bodily harm opens the record, also against the express instruction of the person.',
      effect: 'duty',
      when: { purposes: ['ETREAT'], roles: ['emergency'], evidence: 'emergency' },
    },
    {
      id: 'emergency-not-psychotherapy-notes',
      citation: 'PHIPA s. 40(1), which permits and does not require',
      title: 'Notes of psychotherapy stay closed in emergencies (declared; PHIPA has no such class).',
      effect: 'bar-emergency',
      when: { legalClasses: ['psychotherapy-notes'] },
    },
    {
      id: 'marketing',
      citation: 'PHIPA s. 33',
      title: 'Marketing needs express consent.',
      effect: 'require-consent',
      when: { purposes: ['HMARKT'] },
    },
    {
      id: 'research',
      citation: 'PHIPA s. 44(1)',
      title: 'Research needs consent (a plan approved by a research ethics board instead is not modelled).',
      effect: 'require-consent',
      when: { purposes: ['HRESCH', 'CLINTRL'] },
    },
    {
      id: 'express-consent',
      citation: 'PHIPA s. 18(3)',
      title: 'Whatever goes to another organization for something else than care needs express consent.',
      effect: 'require-consent',
      when: { recipient: 'another' },
      unless: [CARE],
    },
    {
      id: 'limiting-principle',
      citation: 'PHIPA s. 30(2)',
      title: 'Outside care, no more than is reasonably necessary: a request for everything needs consent.',
      effect: 'require-consent',
      when: { purposes: ['HPAYMT', 'HOPERAT', 'POPHLTH', 'PUBHLTH'], filter: 'none' },
    },
    {
      id: 'circle-of-care',
      citation: 'PHIPA s. 20(2), 20(3), 38(1)(a), 38(2)',
      title:
        'Consent to care is assumed; where the person withholds something, the recipient is told that it is incomplete.',
      effect: 'permit',
      when: CARE,
      unless: [{ purposes: ['CLINTRL', 'POPHLTH'] }],
      obligations: ['incomplete-notice'],
    },
    {
      id: 'own-use',
      citation: 'PHIPA s. 37(1)',
      title: 'The custodian may use its records for planning, quality, risk and payment.',
      effect: 'permit',
      when: { purposes: ['HPAYMT', 'HOPERAT', 'POPHLTH'], recipient: 'custodian' },
    },
  ],
};
