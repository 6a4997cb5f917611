import { EU_MEMBERS } from './eu.js';
import type { PolicyPack } from './pack.js';

/** From when primary use (first categories, art. 105(4)) and secondary use (chapter IV) apply. */
const APPLIES_FROM = '2029-03-26';

const SECONDARY = ['HRESCH', 'HOUTCOMS', 'MLTRAINING', 'POPHLTH'] as const;

/** European Union: the European Health Data Space, Regulation (EU) 2025/327. It comes on top of the GDPR. */
export const EU_EHDS: PolicyPack = {
  id: 'eu-ehds',
  version: 1,
  title: 'European Health Data Space, Regulation (EU) 2025/327',
  jurisdictions: EU_MEMBERS,
  rules: [
    {
      id: 'own-access',
      citation: 'EHDS art. 3(1)',
      title: 'A person has access to their own electronic health data, at once and free of charge.',
      effect: 'duty',
      when: { purposes: ['PATRQT'], evidence: 'patient' },
      from: APPLIES_FROM,
    },
    {
      id: 'vital-interests',
      citation: 'EHDS art. 11, recital 17',
      title: 'What a person restricted may be read where it protects their vital interests, and is logged.',
      effect: 'duty',
      when: { purposes: ['ETREAT'], roles: ['emergency'], evidence: 'emergency' },
      basis: ['GDPR art. 9(2)(c)'],
      from: APPLIES_FROM,
    },
    {
      id: 'emergency-not-psychotherapy-notes',
      citation: 'EHDS art. 11 (additional safeguards), GDPR art. 9(4)',
      title: 'Notes of psychotherapy stay closed in emergencies.',
      effect: 'bar-emergency',
      when: { legalClasses: ['psychotherapy-notes'] },
    },
    {
      id: 'primary-use-opt-out',
      citation: 'EHDS art. 10(1), 10(2)',
      title:
        'Who opted out of primary use is not read in emergencies either, unless national law provides for that.',
      effect: 'bar-emergency',
      when: { optOuts: ['primary-use'] },
      from: APPLIES_FROM,
    },
    {
      id: 'primary-use-opt-out-recipients',
      citation: 'EHDS art. 10(1)',
      title: 'Who opted out of primary use is not read from other organizations.',
      effect: 'prohibit',
      when: { optOuts: ['primary-use'], recipient: 'another' },
      from: APPLIES_FROM,
    },
    {
      id: 'secure-environment',
      citation: 'EHDS art. 53(1), 68, 73(1)',
      title:
        'Secondary use rests on a data permit and a secure environment: nobody is given the data itself.',
      effect: 'prohibit',
      when: { purposes: SECONDARY, recipient: 'another' },
      unless: [{ purposes: ['CLINTRCH'] }],
      from: APPLIES_FROM,
    },
    {
      id: 'secondary-use-opt-out',
      citation: 'EHDS art. 71(1)',
      title: 'Who opted out is left out of secondary use, without a reason, until they change their mind.',
      effect: 'prohibit',
      when: { purposes: SECONDARY, optOuts: ['secondary-use'] },
      unless: [{ purposes: ['CLINTRCH'] }],
      from: APPLIES_FROM,
    },
    {
      id: 'treating-professional',
      citation: 'EHDS art. 11',
      title: 'Health professionals have access to the relevant data of those they treat.',
      effect: 'permit',
      when: {
        purposes: ['TREAT'],
        kinds: ['hospital', 'clinic', 'pharmacy', 'laboratory'],
        roles: ['practitioner', 'emergency', 'pharmacist', 'laboratory'],
      },
      unless: [{ purposes: ['CLINTRL', 'POPHLTH'] }],
      basis: ['GDPR art. 6(1)(e)', 'GDPR art. 9(2)(h)'],
      from: APPLIES_FROM,
    },
  ],
};
