import type { ConsentProvision } from 'fhir/r4';
import type { PolicyPack } from '../packs/pack.js';
import { SYSTEMS } from '../records/coding.js';
import type { StudyUse } from '../research/study-use.js';
import type { ConsentTerms, RuleType } from './decision.js';
import {
  combine,
  evaluate,
  NOTHING_SAID,
  type Evaluation,
  type Possible,
  type UsedRule,
} from './evaluate.js';
import type { ConsentAnswer } from './policy.js';
import { withinReach } from './reach.js';
import type { Situation } from './situation.js';

export interface ConsentRule extends UsedRule {
  readonly consent: string;
  readonly version: number;
}

/** A consent in force, with what its data-use terms, if it has any, say of the study. */
export interface TermsInForce extends ConsentTerms {
  readonly use?: StudyUse;
}

/** What all consents together say, and by which rules. */
export interface Consented extends ConsentAnswer {
  readonly rules: readonly ConsentRule[];
}

/** What consents say of a situation: deny before permit, or the most recent that speaks, as the packs have it. */
export function consentAnswer(
  consents: readonly TermsInForce[],
  situation: Situation,
  combining: NonNullable<PolicyPack['combining']>,
): Consented {
  const evaluations = consents.map((terms) => ({ terms, evaluation: saidBy(terms, situation) }));
  const recency = evaluations.map(({ terms }) => (combining === 'most-recent' ? (terms.issued ?? '') : ''));
  return {
    general: latest(
      evaluations.map(({ evaluation }) => evaluation.possible),
      recency,
    ),
    specific: latest(
      evaluations.map(({ evaluation, terms }) => specificOnly(evaluation, terms.provision)),
      recency,
    ),
    rules: evaluations.flatMap(({ terms: { consent, version }, evaluation }) =>
      evaluation.rules.map((rule) => ({ consent, version, ...rule })),
    ),
  };
}

/** What one consent says. Data-use terms limit a consent as its other elements do: where they do not hold, it does not speak. */
export function saidBy(terms: TermsInForce, situation: Situation): Evaluation {
  if (terms.use?.permitted === false) return NOTHING_SAID;
  const said = evaluate(terms.provision, baseRule(terms), situation);
  return terms.withheld ? withinReach(said, terms.withheld, situation) : said;
}

/** Deny base for OPTIN, permit base for OPTOUT, where the root says nothing itself. */
export function baseRule({
  provision,
  policyRule,
}: Pick<ConsentTerms, 'provision' | 'policyRule'>): RuleType {
  return provision.type ?? (policyRule === 'OPTOUT' ? 'permit' : 'deny');
}

/** The answer of the most recent that speak; of equally recent ones, deny before permit. */
function latest(answers: readonly Possible[], recency: readonly string[]): Possible {
  let said: Possible = combine([]);
  for (const instant of [...new Set(recency)].sort().reverse()) {
    if (!said.none) break;
    const next = combine(answers.filter((_answer, index) => recency[index] === instant));
    said = { permit: said.permit || next.permit, deny: said.deny || next.deny, none: next.none };
  }
  return said;
}

/** The same answer where only permissions count that name the record or its legal class. */
function specificOnly({ possible, rules }: Evaluation, root: ConsentProvision): Possible {
  const permits = rules.filter(({ type }) => type === 'permit');
  const specific = permits.filter(({ path }) => isSpecific(path, root));
  const isSure = specific.some(({ certain }) => certain);
  return {
    permit: possible.permit && specific.length > 0,
    deny: possible.deny,
    none: possible.none || (possible.permit && !isSure),
  };
}

/** Whether a provision, or one that it stands in, names single records or a legal class. */
function isSpecific(path: string, root: ConsentProvision): boolean {
  let provision: ConsentProvision | undefined = root;
  const steps = [...path.matchAll(/\[(\d+)\]/g)].map(([, index]) => Number(index));
  for (const step of [...steps, undefined]) {
    if (provision && namesRecords(provision)) return true;
    provision = step === undefined ? undefined : provision?.provision?.[step];
  }
  return false;
}

function namesRecords({ data, code = [] }: ConsentProvision): boolean {
  const codings = code.flatMap(({ coding = [] }) => coding);
  return data !== undefined || codings.some(({ system }) => system === SYSTEMS.legalClass);
}
