import type { PolicyPack } from './pack.js';

/** Health care providers among the kinds (45 CFR 160.103). */
const PROVIDERS = ['hospital', 'clinic', 'pharmacy', 'laboratory'] as const;
const CARE_ROLES = ['practitioner', 'emergency', 'pharmacist', 'laboratory'] as const;

/** United States: the HIPAA Privacy Rule, 45 CFR part 164 subpart E. */
export const US_HIPAA: PolicyPack = {
  id: 'us-hipaa',
  version: 1,
  title: 'HIPAA Privacy Rule (United States), 45 CFR part 164 subpart E',
  jurisdictions: ['US'],
  capacity: { by: 'age', years: 18, citation: '45 CFR 164.502(g)(3), which refers to state law' },
  rules: [
    {
      id: 'own-access',
      citation: '45 CFR 164.502(a)(2)(i), 164.524(a)(1)',
      title: 'A person may see and copy their own records, save psychotherapy notes.',
      effect: 'duty',
      when: { purposes: ['PATRQT'], evidence: 'patient' },
      unless: [{ legalClasses: ['psychotherapy-notes'] }],
    },
    {
      id: 'required-reporting',
      citation: '45 CFR 164.512(a)(1), 164.512(b)(1)(i)',
      title:
        'What law requires to be reported goes to the public health authority: the records reported, not others.',
      effect: 'duty',
      when: { purposes: ['PUBHLTH'], kinds: ['regulator'], filter: 'records' },
      unless: [{ legalClasses: ['part2-program', 'sud-counseling-notes', 'psychotherapy-notes'] }],
    },
    {
      id: 'emergency',
      citation: '45 CFR 164.506(c)(2), 164.522(a)(1)(iii)',
      title:
        'In an emergency a provider gets what is needed to treat, also against a restriction that was agreed.',
      effect: 'duty',
      when: { purposes: ['ETREAT'], roles: ['emergency'], kinds: PROVIDERS, evidence: 'emergency' },
      unless: [{ legalClasses: ['part2-program', 'sud-counseling-notes'] }],
    },
    {
      id: 'emergency-not-psychotherapy-notes',
      citation: '45 CFR 164.508(a)(2)',
      title: 'Emergencies are no exception to the authorization that psychotherapy notes need.',
      effect: 'bar-emergency',
      when: { legalClasses: ['psychotherapy-notes'] },
    },
    {
      id: 'psychotherapy-notes',
      citation: '45 CFR 164.508(a)(2), 164.508(b)(3)(ii)',
      title: 'Psychotherapy notes need an authorization of their own, save for treatment by who wrote them.',
      effect: 'require-consent',
      specific: true,
      when: { legalClasses: ['psychotherapy-notes'] },
      unless: [{ recipient: 'originator', purposes: ['TREAT'] }],
    },
    {
      id: 'marketing',
      citation: '45 CFR 164.508(a)(3)',
      title: 'Marketing needs an authorization.',
      effect: 'require-consent',
      when: { purposes: ['HMARKT'] },
    },
    {
      id: 'research',
      citation: '45 CFR 164.508(a)(1), 164.512(i)',
      title: 'Research needs an authorization (a waiver by a review board is not modelled).',
      effect: 'require-consent',
      when: { purposes: ['HRESCH', 'CLINTRL'] },
    },
    {
      id: 'minor-consented-service',
      citation: '45 CFR 164.502(g)(3)(i)',
      title: 'What a minor lawfully consented to alone is not opened to family by their standing as parents.',
      effect: 'require-consent',
      when: { purposes: ['FAMRQT', 'PWATRNY'], legalClasses: ['minor-consented-service'] },
    },
    {
      id: 'minimum-necessary',
      citation: '45 CFR 164.502(b)(1), 164.502(b)(2), 164.514(d)',
      title:
        'Outside treatment a request must be limited to what is needed; one for everything needs an authorization.',
      effect: 'require-consent',
      when: { purposes: ['HPAYMT', 'HOPERAT', 'POPHLTH', 'PUBHLTH'], filter: 'none' },
    },
    {
      id: 'treatment',
      citation: '45 CFR 164.506(c)(1), 164.506(c)(2), 164.502(b)(2)(i)',
      title: 'Treatment by a provider passes without authorization, and without minimum necessary.',
      effect: 'permit',
      when: { purposes: ['TREAT'], kinds: PROVIDERS, roles: CARE_ROLES },
      unless: [{ purposes: ['CLINTRL', 'POPHLTH'] }],
    },
    {
      id: 'payment',
      citation: '45 CFR 164.506(c)(1), 164.506(c)(3)',
      title: 'Payment passes without authorization.',
      effect: 'permit',
      when: { purposes: ['HPAYMT'], kinds: PROVIDERS },
    },
    {
      id: 'operations',
      citation: '45 CFR 164.506(c)(1)',
      title: "The custodian's own health care operations pass without authorization.",
      effect: 'permit',
      when: { purposes: ['HOPERAT', 'POPHLTH'], recipient: 'custodian' },
    },
  ],
};
