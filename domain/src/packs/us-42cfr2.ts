import type { PolicyPack } from './pack.js';

const PROGRAM_RECORDS = ['part2-program', 'sud-counseling-notes'] as const;

/**
 * United States: confidentiality of substance use disorder patient records, 42 CFR part 2, as amended by 89 FR 12472 (2024). It speaks only of
 * records whose origin declares them so, and comes on top of HIPAA.
 */
export const US_42CFR2: PolicyPack = {
  id: 'us-42cfr2',
  version: 1,
  title: 'Confidentiality of Substance Use Disorder Patient Records (United States), 42 CFR part 2',
  jurisdictions: ['US'],
  rules: [
    {
      id: 'medical-emergency',
      citation: '42 CFR 2.51(a)',
      title: 'In a medical emergency medical personnel get program records without consent.',
      effect: 'duty',
      when: {
        purposes: ['ETREAT'],
        roles: ['emergency'],
        evidence: 'emergency',
        legalClasses: PROGRAM_RECORDS,
      },
    },
    {
      id: 'emergency-not-psychotherapy-notes',
      citation: '42 CFR 2.51(a) with 45 CFR 164.508(a)(2)',
      title: 'A program record that is also a psychotherapy note stays closed in emergencies.',
      effect: 'bar-emergency',
      when: { legalClasses: ['psychotherapy-notes'] },
    },
    {
      id: 'legal-proceedings',
      citation: '42 CFR 2.12(d)(1), 2.31(d), subpart E',
      title:
        'Proceedings against the patient need a consent for that alone, or a court order: not through this ledger.',
      effect: 'prohibit',
      when: { purposes: ['HLEGAL'], legalClasses: PROGRAM_RECORDS },
    },
    {
      id: 'counseling-notes',
      citation: '42 CFR 2.31(b)',
      title: 'SUD counseling notes need a consent of their own, save for treatment by who wrote them.',
      effect: 'require-consent',
      specific: true,
      when: { legalClasses: ['sud-counseling-notes'] },
      unless: [
        { recipient: 'originator', purposes: ['TREAT'] },
        { purposes: ['PATRQT'], evidence: 'patient' },
      ],
      obligations: ['explain-consent', 'redisclosure-notice'],
    },
    {
      id: 'consent',
      citation: '42 CFR 2.13(a), 2.31(a), 2.32, 2.33',
      title:
        'Program records need written consent, even for treatment; an explanation of it and a notice go with each disclosure.',
      effect: 'require-consent',
      when: { legalClasses: ['part2-program'] },
      unless: [
        { recipient: 'originator', purposes: ['TREAT'] },
        { purposes: ['PATRQT'], evidence: 'patient' },
      ],
      obligations: ['explain-consent', 'redisclosure-notice'],
    },
    {
      id: 'within-program',
      citation: '42 CFR 2.12(c)(3)',
      title: 'Within the program, those who need the records to treat have them.',
      effect: 'permit',
      when: { purposes: ['TREAT'], recipient: 'originator', legalClasses: PROGRAM_RECORDS },
      unless: [{ purposes: ['CLINTRL', 'POPHLTH'] }],
    },
  ],
};
