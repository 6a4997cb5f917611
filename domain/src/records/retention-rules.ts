import type { RetentionRule } from './retention.js';

/**
 * Duties to keep records, as data. A custodian's jurisdiction decides which apply. Simplified, each of them: treatment is taken
 * to end at the record's own clinical date (its registration where it has none), the law of the custodian's seat alone counts, and
 * kinds of content that codes alone do not tell (radiotherapy, blood products, occupational exposure) have longer terms that
 * are not here. `from` is the day from which this table applies a rule; the rule itself may be older.
 */
export const RETENTION_RULES: readonly RetentionRule[] = [
  {
    id: 'de-bgb-630f',
    jurisdiction: 'DE',
    years: 10,
    citation: '§ 630f Abs. 3 BGB',
    says: 'ten years after the end of treatment',
    from: '2013-02-26',
  },
  {
    id: 'fr-csp-r1112-7',
    jurisdiction: 'FR',
    years: 20,
    citation: 'Code de la santé publique, art. R1112-7',
    says: 'twenty years from the last stay or consultation',
    from: '2006-01-05',
  },
  {
    id: 'us-42cfr482',
    jurisdiction: 'US',
    years: 5,
    citation: '42 CFR § 482.24(b)(1)',
    says: 'at least five years',
    from: '1986-09-15',
  },
  {
    id: 'us-ca-22ccr70751',
    jurisdiction: 'US-CA',
    years: 7,
    afterMajority: 1,
    citation: '22 CCR § 70751(c)',
    says: 'seven years after discharge; of minors at least one year beyond the age of 18',
    from: '2000-01-01',
  },
  {
    id: 'us-ma-mgl111-70',
    jurisdiction: 'US-MA',
    years: 20,
    citation: 'M.G.L. c. 111, § 70',
    says: 'twenty years after discharge or final treatment',
    from: '2014-01-01',
  },
  {
    id: 'ca-on-oreg114-94',
    jurisdiction: 'CA-ON',
    years: 10,
    afterMajority: 10,
    citation: 'O. Reg. 114/94, s. 19',
    says: 'ten years after the last entry, or after the patient reached or would have reached 18',
    from: '2000-01-01',
  },
];
