import type { OrganizationKind } from '../consortium/roles.js';
import { covers, PARTIES, type Party } from '../packs/applicable.js';
import type {
  DecisionPack,
  DecisionPackRule,
  OptOut,
  PackEffect,
  PackObligation,
  PolicyPack,
} from '../packs/pack.js';
import { spanBetween } from '../records/dates.js';
import type { Possible } from './evaluate.js';
import { packRuleMatch } from './match-pack.js';
import type { Situation } from './situation.js';
import { all, any, not, type Tri } from './tri.js';

/** Whose laws apply, and what of them the decision must know. */
export interface PolicyParties {
  readonly custodian: { readonly jurisdiction: string };
  readonly recipient: { readonly jurisdiction: string; readonly kinds: readonly OrganizationKind[] };
  readonly patient: { readonly jurisdiction: string; readonly optOuts?: readonly OptOut[] };
}

/** The packs that the consortium adopted, and the parties to a request. */
export interface PolicyInput {
  readonly packs: readonly DecisionPack[];
  readonly parties: PolicyParties;
}

/** A pack that applies to a request, and through whom. */
export interface AppliedPack {
  readonly id: string;
  readonly version: number;
  readonly digest: string;
  readonly consentFirst?: true;
  readonly for: readonly Party[];
}

/** A rule of a pack that an answer rests on. */
export interface PolicyRule {
  readonly pack: string;
  readonly version: number;
  readonly rule: string;
  readonly citation: string;
  readonly effect: PackEffect;
  /** False where it depends on the record whether the rule matches. */
  readonly certain: boolean;
  readonly basis?: readonly string[];
  readonly obligations?: readonly PackObligation[];
}

/** The packs behind a decision, whose laws they are, and the rules that it rests on. */
export interface DecisionPolicy {
  readonly packs: readonly AppliedPack[];
  readonly parties: Omit<PolicyParties, 'patient'> & Partial<Pick<PolicyParties, 'patient'>>;
  readonly rules: readonly PolicyRule[];
}

interface MatchedRule {
  readonly pack: DecisionPack;
  readonly rule: DecisionPackRule;
  readonly match: Tri;
}

/** What the packs say of a situation, whatever the patient's consents. */
export interface PolicyAnswer {
  /** It is granted: never overridden. */
  readonly duty: Tri;
  readonly prohibited: Tri;
  readonly consentRequired: Tri;
  /** A consent is required that names the record or its legal class. */
  readonly specificConsentRequired: Tri;
  /** It passes where consents are silent: the laws of all parties permit it. */
  readonly permitted: Tri;
  readonly matched: readonly MatchedRule[];
}

/** The packs that cover one of the parties, by id. */
export function applicablePacks({ packs, parties }: PolicyInput): readonly AppliedPack[] {
  return inTheirOrder(packs).flatMap((pack): readonly AppliedPack[] => {
    const through = PARTIES.filter((party) => covers(pack.jurisdictions, parties[party].jurisdiction));
    const { id, version, digest } = pack;
    const first = pack.consentFirst ? { consentFirst: true as const } : {};
    return through.length === 0 ? [] : [{ id, version, digest, ...first, for: through }];
  });
}

/** Without packs that speak, nothing is required and nothing passes by itself. */
export const NO_POLICY: PolicyAnswer = {
  duty: 'no',
  prohibited: 'no',
  consentRequired: 'no',
  specificConsentRequired: 'no',
  permitted: 'no',
  matched: [],
};

/** What the packs of all parties say: prohibitions and requirements add up, and a permission takes all parties' laws. */
export function policyAnswer({ packs, parties }: PolicyInput, situation: Situation): PolicyAnswer {
  const matched = inTheirOrder(packs).flatMap((pack) => matchedRules(pack, parties, situation));
  const anyOf = (select: (one: MatchedRule) => boolean): Tri =>
    any(matched.filter(select).map(({ match }) => match));
  const barred = anyOf(({ rule }) => rule.effect === 'bar-emergency');
  const emergency = anyOf((one) => isEmergencyDuty(one));
  return {
    duty: any([
      anyOf((one) => one.rule.effect === 'duty' && !isEmergencyDuty(one)),
      all([emergency, not(barred)]),
    ]),
    prohibited: anyOf(({ rule }) => rule.effect === 'prohibit'),
    consentRequired: anyOf(({ rule }) => rule.effect === 'require-consent'),
    specificConsentRequired: anyOf(({ rule }) => rule.effect === 'require-consent' && rule.specific === true),
    permitted: all(
      PARTIES.map((party) =>
        anyOf(
          ({ pack, rule }) =>
            rule.effect === 'permit' &&
            !pack.consentFirst &&
            covers(pack.jurisdictions, parties[party].jurisdiction),
        ),
      ),
    ),
    // A bar matters only to who breaks the glass.
    matched: matched.filter(({ rule }) => rule.effect !== 'bar-emergency' || emergency !== 'no'),
  };
}

/** How several consents combine: by the most recent only where every pack that applies says so. */
export function combiningOf(input: PolicyInput | undefined): NonNullable<PolicyPack['combining']> {
  const applied = (input ? applicablePacks(input) : []).map(({ digest }) => digest);
  const own = (input?.packs ?? []).filter(({ digest }) => applied.includes(digest));
  const isRecent = own.length > 0 && own.every(({ combining }) => combining === 'most-recent');
  return isRecent ? 'most-recent' : 'deny-overrides';
}

/** What consents say, in general and with those alone that name the record or its legal class. */
export interface ConsentAnswer {
  readonly general: Possible;
  readonly specific: Possible;
}

/** Which answers policy and consents can give together. A duty is granted, a prohibition denied; else consents decide. */
export function together(
  policy: PolicyAnswer,
  { general, specific }: ConsentAnswer,
  base: 'permit' | 'deny',
): Possible {
  if (policy.duty === 'yes') return { permit: true, deny: false, none: false };
  const answers: Possible[] = [];
  if (policy.duty === 'maybe') answers.push({ permit: true, deny: false, none: false });
  if (policy.prohibited !== 'no') answers.push({ permit: false, deny: true, none: false });
  if (policy.prohibited !== 'yes') answers.push(...consented(policy, { general, specific }, base));
  return {
    permit: answers.some(({ permit }) => permit),
    deny: answers.some(({ deny }) => deny),
    none: false,
  };
}

function consented(
  { specificConsentRequired, consentRequired, permitted }: PolicyAnswer,
  { general, specific }: ConsentAnswer,
  base: 'permit' | 'deny',
): Possible[] {
  const answers: Possible[] = [];
  if (specificConsentRequired !== 'no') answers.push(orElse(specific, 'no'));
  if (specificConsentRequired === 'yes') return answers;
  if (consentRequired !== 'no') answers.push(orElse(general, 'no'));
  if (consentRequired === 'yes') return answers;
  return [...answers, orElse(general, base === 'permit' ? 'yes' : permitted)];
}

/** What consents say; where they are silent, permit if `permitted`. */
function orElse({ permit, deny, none }: Possible, permitted: Tri): Possible {
  return {
    permit: permit || (none && permitted !== 'no'),
    deny: deny || (none && permitted !== 'yes'),
    none: false,
  };
}

/** The rules that an answer rests on: of a grant each pack's own ground, of a denial what denies it, else all that may matter. */
export function policyRulesBehind(
  { duty, prohibited, matched }: PolicyAnswer,
  outcome: 'permit' | 'deny' | 'open',
): readonly PolicyRule[] {
  if (outcome === 'open') return matched.map(toPolicyRule);
  if (outcome === 'permit') return grounds(matched, duty === 'yes').map(toPolicyRule);
  const denying = ['bar-emergency', prohibited === 'yes' ? 'prohibit' : 'require-consent'];
  return matched
    .filter(({ rule, match }) => denying.includes(rule.effect) && match === 'yes')
    .map(toPolicyRule);
}

function grounds(matched: readonly MatchedRule[], isDuty: boolean): readonly MatchedRule[] {
  const certain = matched.filter(({ match }) => match === 'yes');
  if (isDuty) return certain.filter(({ rule }) => rule.effect === 'duty');
  const consented = certain.filter(({ rule }) => rule.effect === 'require-consent');
  const packs = new Set(consented.map(({ pack }) => pack));
  return certain.filter(
    (one) => consented.includes(one) || (one.rule.effect === 'permit' && !packs.has(one.pack)),
  );
}

function toPolicyRule({ pack, rule, match }: MatchedRule): PolicyRule {
  const { id, citation, effect, basis, obligations } = rule;
  return {
    pack: pack.id,
    version: pack.version,
    rule: id,
    citation,
    effect,
    certain: match === 'yes',
    ...(basis ? { basis } : {}),
    ...(obligations ? { obligations } : {}),
  };
}

function isEmergencyDuty({ rule }: MatchedRule): boolean {
  return rule.effect === 'duty' && rule.when?.evidence === 'emergency';
}

function matchedRules(
  pack: DecisionPack,
  parties: PolicyParties,
  situation: Situation,
): readonly MatchedRule[] {
  const own = PARTIES.map((party) => parties[party].jurisdiction).filter((one) =>
    covers(pack.jurisdictions, one),
  );
  return pack.rules
    .filter((rule) => own.some((one) => rule.jurisdictions === undefined || covers(rule.jurisdictions, one)))
    .filter(({ from, to }) => isInForce(from, to, situation.time))
    .map((rule) => ({ pack, rule, match: packRuleMatch(rule, parties, situation) }))
    .filter(({ match }) => match !== 'no');
}

function isInForce(from: string | undefined, to: string | undefined, time: number): boolean {
  const span = spanBetween(from, to);
  return span !== undefined && span.first <= time && time <= span.last;
}

function inTheirOrder(packs: readonly DecisionPack[]): readonly DecisionPack[] {
  const key = ({ id, digest }: DecisionPack): string => `${id} ${digest}`;
  return [...packs].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
