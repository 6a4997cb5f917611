import { canonicalJson } from '../json/canonical.js';
import type { ClassDecision, ConsideredConsent, Decision } from './decision.js';
import type { DecisionPolicy } from './policy.js';
import { OTHER_CLASSES } from './situation.js';

/**
 * What a requester is shown of a decision: everything that speaks of the request, and nothing of what the patient told others. So a consent
 * for another recipient, or one whose time has passed, is left out, and so is a record class that only such a consent names. Of the laws,
 * those that apply by where the patient is at home stay out: they would tell where that is. The custodian keeps the whole decision.
 */
export function requesterView(decision: Decision): Decision {
  const { classes, request, policy } = decision;
  const others = classes[OTHER_CLASSES];
  const isTelling = ([name, answer]: [string, unknown]): boolean =>
    name === OTHER_CLASSES ||
    request.filter.classes?.includes(name) === true ||
    canonicalJson(answer) !== canonicalJson(others ?? null);
  const { careTeams, ...rest } = decision;
  // Which teams there are, besides their own, is not the requester's to know.
  const own = careTeams?.filter(({ membership }) => membership !== 'none') ?? [];
  const view = {
    ...rest,
    ...(own.length > 0 ? { careTeams: own } : {}),
    classes: Object.fromEntries(Object.entries(classes).filter(isTelling)),
    consents: decision.consents.filter(speaksOfRequester),
    ...(decision.prohibitions
      ? { prohibitions: decision.prohibitions.filter(({ applies }) => applies) }
      : {}),
  };
  return policy ? withoutPatientsLaws(view, policy) : view;
}

/** Action, purpose and data-use terms are compared only once the recipient has matched. */
function speaksOfRequester({ applies, mismatch }: ConsideredConsent): boolean {
  return applies || mismatch === 'action' || mismatch === 'purpose' || mismatch === 'dataUse';
}

function withoutPatientsLaws(decision: Decision, { packs, parties, rules }: DecisionPolicy): Decision {
  const shown = packs
    .map((pack) => ({ ...pack, for: pack.for.filter((party) => party !== 'patient') }))
    .filter((pack) => pack.for.length > 0);
  const kept = rules.filter(({ pack }) => shown.some(({ id }) => id === pack));
  const moved = rules.map((rule) => kept.indexOf(rule));
  const renumbered = (answer: ClassDecision): ClassDecision => ({
    ...answer,
    policies: (answer.policies ?? []).map((index) => moved[index] ?? -1).filter((index) => index >= 0),
  });
  const { custodian, recipient } = parties;
  return {
    ...decision,
    classes: Object.fromEntries(
      Object.entries(decision.classes).map(([name, answer]) => [name, renumbered(answer)]),
    ),
    policy: { packs: shown, parties: { custodian, recipient }, rules: kept },
  };
}
