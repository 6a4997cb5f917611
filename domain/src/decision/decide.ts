import { canonicalJson } from '../json/canonical.js';
import {
  type ClassDecision,
  type ConsentTerms,
  type ConsideredConsent,
  type Decision,
  DECISION_ENGINE,
  type DecisionDefaults,
  type DecisionInput,
  type DecisionReason,
  type DecisionRule,
  type Obligation,
  type ProhibitionTerms,
  type RecordDecision,
  type RecordFacets,
  type RuleType,
} from './decision.js';
import type { ConsentProvision } from 'fhir/r4';
import { combine, evaluate, type Possible, type UsedRule } from './evaluate.js';
import { requestMismatch } from './match.js';
import { appliesTo, forbidden, inOrder } from './prohibit.js';
import { withinReach } from './reach.js';
import { type DataFacets, facetsOf, OTHER_CLASSES, type Situation } from './situation.js';
import { SYSTEMS } from '../records/coding.js';

/** What applies where no consent speaks and no policy says otherwise. */
export const DEFAULT_DENY: DecisionDefaults = { outcome: 'deny' };

/**
 * Decides a request before any record is looked at: per record class permit, deny, or permit with obligations (what is
 * then withheld record by record). Pure: the same input gives the same canonical JSON, in whatever order consents come.
 *
 * The semantics are declared in `docs/decision-semantics.md`. The consents must have passed {@link validateConsent}.
 */
export function decide(input: DecisionInput): Decision {
  const { request, instant, defaults = DEFAULT_DENY } = input;
  const consents = inForce(input.consents);
  const prohibitions = inOrder(input.prohibitions ?? []);
  const rules = new RuleList();
  const classes = classesAsked(input).map((resourceType): [string, ClassDecision] => {
    const situation = situationOf(input, { class: resourceType });
    const answer = under(prohibitions, situation, answerFor(consents, situation, defaults));
    return [resourceType, toClassDecision(answer, rules)];
  });
  const anything = situationOf(input, { class: OTHER_CLASSES });
  return {
    engine: DECISION_ENGINE,
    instant,
    request,
    defaults,
    outcome: classes.some(([, { outcome }]) => outcome !== 'deny') ? 'permit' : 'deny',
    classes: Object.fromEntries(classes),
    rules: rules.rules,
    consents: consents.map((terms) => consider(terms, anything)),
    ...(prohibitions.length === 0
      ? {}
      : {
          prohibitions: prohibitions.map(({ prohibition, kind, provision }) => {
            const applies = appliesTo({ prohibition, kind, provision }, anything);
            return { prohibition, kind, applies };
          }),
        }),
  };
}

/**
 * Decides one record. It is permitted only if that is certain: what the record does not say (such as its date, where a
 * rule limits dates) counts against its release.
 */
export function decideRecord(input: DecisionInput, record: RecordFacets): RecordDecision {
  const consents = inForce(input.consents);
  const situation = situationOf(input, facetsOf(record));
  const permitted = answerFor(consents, situation, input.defaults ?? DEFAULT_DENY);
  const answer = under(inOrder(input.prohibitions ?? []), situation, permitted);
  const outcome: RuleType = isCertain(answer.possible, 'permit') ? 'permit' : 'deny';
  return { outcome, reason: answer.reason, rules: rulesBehind(answer, outcome).map(toRule) };
}

/** The newest version of each consent, in an order of its own. */
function inForce(consents: readonly ConsentTerms[]): readonly ConsentTerms[] {
  const newest = new Map<string, number>();
  for (const { consent, version } of consents) {
    newest.set(consent, Math.max(version, newest.get(consent) ?? 0));
  }
  return consents.filter(({ consent, version }) => newest.get(consent) === version).sort(inTheirOrder);
}

/** By id; content tells apart what a caller gave the same id and version. */
function inTheirOrder(one: ConsentTerms, other: ConsentTerms): number {
  if (one.consent !== other.consent) return one.consent < other.consent ? -1 : 1;
  return canonicalJson(one) < canonicalJson(other) ? -1 : 1;
}

function situationOf({ request, instant }: DecisionInput, data: DataFacets): Situation {
  return { request, time: Date.parse(instant), data };
}

/** The classes to answer for: those asked for, or else those any rule names, and all others together. */
function classesAsked({ request, consents, prohibitions = [] }: DecisionInput): readonly string[] {
  const terms = [...consents, ...prohibitions];
  const named = request.filter.classes ?? terms.flatMap(({ provision }) => classesNamed(provision));
  const classes = [...new Set(named)].sort();
  return request.filter.classes ? classes : [OTHER_CLASSES, ...classes];
}

function classesNamed(provision: ConsentProvision): readonly string[] {
  const own = (provision.class ?? []).filter(({ system }) => system === SYSTEMS.resourceType);
  return [...own.map(({ code = '' }) => code), ...(provision.provision ?? []).flatMap(classesNamed)];
}

/** Deny base for OPTIN, permit base for OPTOUT, where the root says nothing itself. */
function baseRule({ provision, policyRule }: ConsentTerms): RuleType {
  return provision.type ?? (policyRule === 'OPTOUT' ? 'permit' : 'deny');
}

interface ConsentRule extends UsedRule {
  readonly consent: string;
  readonly version: number;
}

interface Answer {
  /** Never none: the default has taken its place. */
  readonly possible: Possible;
  readonly reason: DecisionReason;
  readonly rules: readonly ConsentRule[];
}

/** What all consents together say, deny before permit, and the default where none speaks. */
function answerFor(
  consents: readonly ConsentTerms[],
  situation: Situation,
  defaults: DecisionDefaults,
): Answer {
  const evaluations = consents.map((terms) => {
    const said = evaluate(terms.provision, baseRule(terms), situation);
    return { terms, ...(terms.withheld ? withinReach(said, terms.withheld, situation) : said) };
  });
  const said = combine(evaluations.map(({ possible }) => possible));
  const rules = evaluations.flatMap(({ terms: { consent, version }, rules: used }) =>
    used.map((rule) => ({ consent, version, ...rule })),
  );
  return {
    possible: {
      permit: said.permit || (said.none && defaults.outcome === 'permit'),
      deny: said.deny || (said.none && defaults.outcome === 'deny'),
      none: false,
    },
    reason: reasonOf(said, consents),
    rules,
  };
}

/** An answer with what is forbidden taken away. */
function under(prohibitions: readonly ProhibitionTerms[], situation: Situation, answer: Answer): Answer {
  const { deny, certain, reason, rules } = forbidden(prohibitions, situation);
  if (!deny) return answer;
  return {
    possible: { permit: answer.possible.permit && !certain, deny: true, none: false },
    reason: reason ?? answer.reason,
    rules: [...answer.rules, ...rules],
  };
}

function reasonOf(said: Possible, consents: readonly ConsentTerms[]): DecisionReason {
  if (said.permit || said.deny) return 'RULES';
  return consents.length === 0 ? 'NO_CONSENT' : 'NO_CONSENT_APPLIES';
}

function isCertain(possible: Possible, outcome: RuleType): boolean {
  return outcome === 'permit' ? !possible.deny && !possible.none : !possible.permit && !possible.none;
}

/** The rules that an answer rests on: those of its own type. */
function rulesBehind({ rules }: Answer, outcome: RuleType): readonly ConsentRule[] {
  return rules.filter(({ type }) => type === outcome);
}

function toClassDecision(answer: Answer, rules: RuleList): ClassDecision {
  const { possible, reason } = answer;
  if (isCertain(possible, 'permit')) {
    return { outcome: 'permit', reason, rules: rules.listed(rulesBehind(answer, 'permit')), obligations: [] };
  }
  if (isCertain(possible, 'deny')) {
    return { outcome: 'deny', reason, rules: rules.listed(rulesBehind(answer, 'deny')), obligations: [] };
  }
  const obligations = answer.rules.filter(({ certain }) => !certain).map(toObligation);
  return { outcome: 'permit-with-obligations', reason, rules: rules.listed(answer.rules), obligations };
}

/** The rules of a decision, each once, in the order in which they are first used. */
class RuleList {
  readonly rules: DecisionRule[] = [];
  readonly #indexes = new Map<string, number>();

  /** The indexes of these rules in the list. */
  listed(used: readonly ConsentRule[]): readonly number[] {
    return used.map((rule) => {
      const key = `${rule.consent} ${rule.version} ${rule.path} ${rule.certain}`;
      const index = this.#indexes.get(key) ?? this.rules.push(toRule(rule)) - 1;
      this.#indexes.set(key, index);
      return index;
    });
  }
}

function toRule({ consent, version, path, type, certain }: ConsentRule): DecisionRule {
  return { consent, version, path, type, certain };
}

function toObligation({ consent, version, path, type, where }: ConsentRule): Obligation {
  return { effect: type === 'deny' ? 'withhold' : 'release-only', consent, version, path, where };
}

/** Whether a consent's root speaks of the request, whatever the data. */
function consider(terms: ConsentTerms, situation: Situation): ConsideredConsent {
  const { consent, version, provision, recorded, delegation } = terms;
  const mismatch = requestMismatch(provision, situation);
  return {
    consent,
    version,
    applies: mismatch === undefined,
    ...(mismatch ? { mismatch } : {}),
    ...(recorded ? { recorded } : {}),
    ...(delegation ? { delegation } : {}),
  };
}
