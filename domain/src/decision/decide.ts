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
  POLICY_ENGINE,
  type ProhibitionTerms,
  type RecordDecision,
  type RecordFacets,
  type RuleType,
} from './decision.js';
import type { ConsentProvision } from 'fhir/r4';
import { consideredStudy, studyUse } from '../research/study-use.js';
import { careTeamsNamed, membershipsOf } from './care-team.js';
import {
  baseRule,
  consentAnswer,
  type Consented,
  type ConsentRule,
  type TermsInForce,
} from './consent-answer.js';
import type { Possible } from './evaluate.js';
import { requestMismatch } from './match.js';
import {
  applicablePacks,
  combiningOf,
  NO_POLICY,
  type PolicyAnswer,
  policyAnswer,
  type PolicyRule,
  policyRulesBehind,
  together,
} from './policy.js';
import { deniedBy } from './denials.js';
import { allForbidden, appliesTo, type Forbidden, forbidden, inOrder } from './prohibit.js';
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
  const { request, instant, policy, defaults = DEFAULT_DENY } = input;
  const terms = termsOf(input);
  const { consents, prohibitions, denials } = terms;
  const lists: RuleLists = { consents: new RuleList(ruleKey), policies: new RuleList(policyRuleKey) };
  const classes = classesAsked(input).map((resourceType): [string, ClassDecision] => {
    const answer = answerFor(input, terms, { class: resourceType });
    return [resourceType, toClassDecision(answer, lists, policy !== undefined)];
  });
  const anything = situationOf(input, { class: OTHER_CLASSES });
  return {
    engine: policy ? POLICY_ENGINE : DECISION_ENGINE,
    instant,
    request,
    defaults,
    outcome: classes.some(([, { outcome }]) => outcome !== 'deny') ? 'permit' : 'deny',
    classes: Object.fromEntries(classes),
    rules: lists.consents.rules.map(toRule),
    consents: [
      ...consents.map((one) => consider(one, anything)),
      ...denials.map((one) => ({ ...consider(one, anything), merged: true as const })),
    ],
    ...(prohibitions.length === 0
      ? {}
      : {
          prohibitions: prohibitions.map(({ prohibition, kind, provision }) => {
            const applies = appliesTo({ prohibition, kind, provision }, anything);
            return { prohibition, kind, applies };
          }),
        }),
    ...(input.study && { study: consideredStudy(input.study, instant) }),
    ...consideredTeams(input, anything),
    ...(policy && {
      policy: { packs: applicablePacks(policy), parties: policy.parties, rules: lists.policies.rules },
    }),
  };
}

/**
 * Decides one record. It is permitted only if that is certain: what the record does not say (such as its date, where a
 * rule limits dates) counts against its release.
 */
export function decideRecord(input: DecisionInput, record: RecordFacets): RecordDecision {
  const answer = answerFor(input, termsOf(input), facetsOf(record));
  const outcome: RuleType = isCertain(answer.possible, 'permit') ? 'permit' : 'deny';
  const rules = rulesBehind(answer, outcome).map(toRule);
  const policies = input.policy && { policies: policyRulesBehind(answer.policy, outcome) };
  return { outcome, reason: answer.reason, rules, ...policies };
}

/** What counts of a patient's word, each kind in an order of its own. */
interface Terms {
  readonly consents: readonly TermsInForce[];
  readonly prohibitions: readonly ProhibitionTerms[];
  readonly denials: readonly TermsInForce[];
}

function termsOf(input: DecisionInput): Terms {
  const { consents, prohibitions = [], denials = [] } = input;
  return {
    consents: inForce(consents, input),
    prohibitions: inOrder(prohibitions),
    denials: inForce(denials, input),
  };
}

/** The newest version of each consent, in an order of its own. */
function inForce(
  consents: readonly ConsentTerms[],
  { study, instant }: DecisionInput,
): readonly TermsInForce[] {
  const newest = new Map<string, number>();
  for (const { consent, version } of consents) {
    newest.set(consent, Math.max(version, newest.get(consent) ?? 0));
  }
  return consents
    .filter(({ consent, version }) => newest.get(consent) === version)
    .sort(inTheirOrder)
    .map((terms) => (terms.dataUse ? { ...terms, use: studyUse(terms.dataUse, study, instant) } : terms));
}

/** By id; content tells apart what a caller gave the same id and version. */
function inTheirOrder(one: ConsentTerms, other: ConsentTerms): number {
  if (one.consent !== other.consent) return one.consent < other.consent ? -1 : 1;
  return canonicalJson(one) < canonicalJson(other) ? -1 : 1;
}

function situationOf({ request, instant, careTeams = [] }: DecisionInput, data: DataFacets): Situation {
  const situation = { request, time: Date.parse(instant), data };
  if (careTeams.length === 0) return situation;
  return { ...situation, teams: membershipsOf(careTeams, request.custodian, request.actor, instant) };
}

/** What the requester is in each team that a consent or a prohibition names, by name. */
function consideredTeams(
  { consents, prohibitions = [], denials = [] }: DecisionInput,
  { teams }: Situation,
): Pick<Decision, 'careTeams'> {
  if (!teams) return {};
  const named = [...consents, ...prohibitions, ...denials]
    .flatMap(({ provision }) => careTeamsNamed(provision, 'deny', 'provision'))
    .map(({ team }) => team);
  const careTeams = [...new Set(named)].sort().flatMap((team) => teams.get(team) ?? []);
  return careTeams.length === 0 ? {} : { careTeams };
}

/** The classes to answer for: those asked for, or else those any rule names, and all others together. */
function classesAsked({
  request,
  consents,
  prohibitions = [],
  denials = [],
  policy,
}: DecisionInput): readonly string[] {
  const byPacks = (policy?.packs ?? []).flatMap(({ rules }) =>
    rules.flatMap(({ when = {}, unless = [] }) => [when, ...unless].flatMap(({ classes = [] }) => classes)),
  );
  const named = request.filter.classes ?? [
    ...byPacks,
    ...[...consents, ...prohibitions, ...denials].flatMap(({ provision }) => classesNamed(provision)),
  ];
  const classes = [...new Set(named)].sort();
  return request.filter.classes ? classes : [OTHER_CLASSES, ...classes];
}

function classesNamed(provision: ConsentProvision): readonly string[] {
  const own = (provision.class ?? []).filter(({ system }) => system === SYSTEMS.resourceType);
  return [...own.map(({ code = '' }) => code), ...(provision.provision ?? []).flatMap(classesNamed)];
}

interface Answer {
  /** Never none: the default has taken its place. */
  readonly possible: Possible;
  readonly reason: DecisionReason;
  readonly rules: readonly ConsentRule[];
  readonly policy: PolicyAnswer;
}

/** What consents, prohibitions and laws say together, and the default where none of them speaks. */
function answerFor(
  input: DecisionInput,
  { consents, prohibitions, denials }: Terms,
  data: DataFacets,
): Answer {
  const situation = situationOf(input, data);
  const { defaults = DEFAULT_DENY } = input;
  const policy = input.policy ? policyAnswer(input.policy, situation) : NO_POLICY;
  const not = allForbidden([forbidden(prohibitions, situation), deniedBy(denials, situation)]);
  const consented = consentAnswer(consents, situation, combiningOf(input.policy));
  const said = {
    general: under(not, consented.general),
    specific: under(not, consented.specific),
  };
  return {
    possible: together(policy, said, defaults.outcome),
    reason: reasonOf(policy, consented, consents, not.reason),
    rules: [...consented.rules, ...not.rules],
    policy,
  };
}

/** What consents say, with what is forbidden taken away. */
function under({ deny, certain }: Forbidden, { permit, deny: denied, none }: Possible): Possible {
  return { permit: permit && !certain, deny: denied || deny, none: none && !certain };
}

function reasonOf(
  { duty, prohibited, consentRequired, specificConsentRequired, permitted }: PolicyAnswer,
  consented: Consented,
  consents: readonly ConsentTerms[],
  forbiddenBy: DecisionReason | undefined,
): DecisionReason {
  if (duty !== 'no' || prohibited !== 'no') return 'POLICY';
  if (forbiddenBy) return forbiddenBy;
  const said = specificConsentRequired === 'yes' ? consented.specific : consented.general;
  if (said.permit || said.deny) return 'RULES';
  if (permitted !== 'no' && consentRequired !== 'yes') return 'POLICY';
  return consents.length === 0 ? 'NO_CONSENT' : 'NO_CONSENT_APPLIES';
}

function isCertain(possible: Possible, outcome: RuleType): boolean {
  return outcome === 'permit' ? !possible.deny && !possible.none : !possible.permit && !possible.none;
}

/** The rules that an answer rests on: those of its own type. */
function rulesBehind({ rules }: Answer, outcome: RuleType): readonly ConsentRule[] {
  return rules.filter(({ type }) => type === outcome);
}

interface RuleLists {
  readonly consents: RuleList<ConsentRule>;
  readonly policies: RuleList<PolicyRule>;
}

function toClassDecision(answer: Answer, lists: RuleLists, hasPolicy: boolean): ClassDecision {
  const { possible, reason } = answer;
  const certain = (['permit', 'deny'] as const).find((outcome) => isCertain(possible, outcome));
  const rules = certain ? rulesBehind(answer, certain) : answer.rules;
  const policies = policyRulesBehind(answer.policy, certain ?? 'open');
  return {
    outcome: certain ?? 'permit-with-obligations',
    reason,
    rules: lists.consents.listed(rules),
    obligations: certain ? [] : answer.rules.filter((rule) => !rule.certain).map(toObligation),
    ...(hasPolicy ? { policies: lists.policies.listed(policies) } : {}),
  };
}

/** The rules of a decision, each once, in the order in which they are first used. */
class RuleList<T> {
  readonly rules: T[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #keyOf: (rule: T) => string;

  constructor(keyOf: (rule: T) => string) {
    this.#keyOf = keyOf;
  }

  /** The indexes of these rules in the list. */
  listed(used: readonly T[]): readonly number[] {
    return used.map((rule) => {
      const key = this.#keyOf(rule);
      const index = this.#indexes.get(key) ?? this.rules.push(rule) - 1;
      this.#indexes.set(key, index);
      return index;
    });
  }
}

function ruleKey({ consent, version, path, certain }: ConsentRule): string {
  return `${consent} ${version} ${path} ${certain}`;
}

function policyRuleKey({ pack, version, rule, certain }: PolicyRule): string {
  return `${pack} ${version} ${rule} ${certain}`;
}

function toRule({ consent, version, path, type, certain }: ConsentRule): DecisionRule {
  return { consent, version, path, type, certain };
}

function toObligation({ consent, version, path, type, where }: ConsentRule): Obligation {
  return { effect: type === 'deny' ? 'withhold' : 'release-only', consent, version, path, where };
}

/** Whether a consent's root speaks of the request, whatever the data. */
function consider(terms: TermsInForce, situation: Situation): ConsideredConsent {
  const { consent, version, provision, recorded, delegation, use } = terms;
  const limit = requestMismatch(provision, baseRule(terms), situation);
  const mismatch = limit ?? (use?.permitted === false ? 'dataUse' : undefined);
  return {
    consent,
    version,
    applies: mismatch === undefined,
    ...(mismatch ? { mismatch } : {}),
    ...(use && limit === undefined ? { dataUse: use } : {}),
    ...(recorded ? { recorded } : {}),
    ...(delegation ? { delegation } : {}),
  };
}
