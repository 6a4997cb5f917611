import type { Period } from 'fhir/r4';
import type { ConsentTerms, Decision, RecordDecision } from '../decision/decision.js';
import type { PackObligation } from '../packs/pack.js';
import type { ConsentBody } from '../statements/statement.js';

/** What a law makes travel with a release. */
export interface Accompanying {
  readonly obligation: PackObligation;
  readonly pack: string;
  readonly rule: string;
  readonly citation: string;
  /** What it says to the recipient. */
  readonly text: string;
  /** For `explain-consent`: what the release rests on. */
  readonly consents?: readonly ExplainedConsent[];
}

/** The scope of a consent, as far as it speaks of the recipient. */
export interface ExplainedConsent {
  readonly consent: string;
  readonly version: number;
  /** The permissions that were used. */
  readonly paths: readonly string[];
  /** HL7 v3 PurposeOfUse codes that the consent's root is limited to. */
  readonly purposes?: readonly string[];
  readonly period?: Period;
  /** The text that the patient saw. */
  readonly text?: ConsentBody['text'];
}

const TEXTS: Readonly<Record<PackObligation, string>> = {
  'explain-consent':
    'These records are disclosed with the consent explained here, and within its scope only.',
  'redisclosure-notice': '42 CFR part 2 prohibits unauthorized use or disclosure of these records.',
  'incomplete-notice':
    'The record may be incomplete: an instruction of the person may withhold a part of it.',
};

/**
 * What travels with a release: by the rules that the released records rest on, and, for notices of incompleteness, by what
 * consents may withhold of the request. That is told without looking at a record, so the notice tells of none.
 */
export function accompanying(
  decision: Decision,
  released: readonly RecordDecision[],
  consents: readonly (ConsentTerms & Partial<Pick<ConsentBody, 'text'>>)[],
): readonly Accompanying[] {
  const found = new Map<string, Accompanying>();
  const isIncomplete = Object.values(decision.classes).some(
    ({ outcome, reason, obligations }) =>
      obligations.length > 0 || (outcome === 'deny' && reason === 'RULES'),
  );
  for (const { policies = [] } of released) {
    for (const { pack, rule, citation, obligations = [] } of policies) {
      for (const obligation of obligations) {
        if (obligation === 'incomplete-notice' && !isIncomplete) continue;
        found.set(`${pack} ${rule} ${obligation}`, {
          obligation,
          pack,
          rule,
          citation,
          text: TEXTS[obligation],
        });
      }
    }
  }
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, one]) => explained(one, released, consents));
}

function explained(
  one: Accompanying,
  released: readonly RecordDecision[],
  consents: readonly (ConsentTerms & Partial<Pick<ConsentBody, 'text'>>)[],
): Accompanying {
  if (one.obligation !== 'explain-consent') return one;
  const restingOnIt = released.filter(({ policies = [] }) =>
    policies.some(({ pack, rule }) => pack === one.pack && rule === one.rule),
  );
  const used = restingOnIt.flatMap(({ rules }) => rules);
  const explanations = consents.flatMap((terms): readonly ExplainedConsent[] => {
    const own = used.filter(({ consent, version }) => consent === terms.consent && version === terms.version);
    if (own.length === 0) return [];
    const { purpose, period } = terms.provision;
    return [
      {
        consent: terms.consent,
        version: terms.version,
        paths: [...new Set(own.map(({ path }) => path))].sort(),
        ...(purpose ? { purposes: purpose.map(({ code = '' }) => code) } : {}),
        ...(period ? { period } : {}),
        ...(terms.text ? { text: terms.text } : {}),
      },
    ];
  });
  return { ...one, consents: explanations };
}
