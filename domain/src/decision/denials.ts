import { saidBy, type TermsInForce } from './consent-answer.js';
import type { UsedRule } from './evaluate.js';
import type { Forbidden } from './prohibit.js';
import type { Situation } from './situation.js';

/**
 * What consents of another entry of the same person forbid. They were given for that entry, so they permit nothing here; but what
 * the person denies there is denied here too, above every consent.
 */
export function deniedBy(consents: readonly TermsInForce[], situation: Situation): Forbidden {
  const denying = consents
    .map((terms) => ({ terms, ...saidBy(terms, situation) }))
    .filter(({ possible }) => possible.deny);
  const certain = denying.some(({ possible: { permit, none } }) => !permit && !none);
  return {
    deny: denying.length > 0,
    certain,
    reason: certain ? 'RULES' : undefined,
    rules: denying.flatMap(({ terms: { consent, version }, rules }) =>
      denialsOnly(rules).map((rule) => ({ consent, version, ...rule })),
    ),
  };
}

/** The denials, with the exceptions that cut out of them. */
function denialsOnly(rules: readonly UsedRule[]): readonly UsedRule[] {
  const denials = rules.filter(({ type }) => type === 'deny');
  return rules.filter(
    ({ type, path }) => type === 'deny' || denials.some((denial) => path.startsWith(`${denial.path}.`)),
  );
}
