import type { DecisionReason, ProhibitionTerms } from './decision.js';
import type { ConsentRule } from './consent-answer.js';
import { evaluate } from './evaluate.js';
import { requestMismatch } from './match.js';
import type { Situation } from './situation.js';

/** What prohibitions say in a situation. */
export interface Forbidden {
  /** Whether any can deny. */
  readonly deny: boolean;
  /** Whether one denies for sure. */
  readonly certain: boolean;
  /** Of the first that denies for sure. */
  readonly reason: DecisionReason | undefined;
  readonly rules: readonly ConsentRule[];
}

const REASONS = { restriction: 'RESTRICTION', objection: 'OBJECTION', 'opt-out': 'OPT_OUT' } as const;

/**
 * What is forbidden. Prohibitions only take away: they stand above consents and defaults, deny, and have no exceptions.
 */
export function forbidden(prohibitions: readonly ProhibitionTerms[], situation: Situation): Forbidden {
  const speaking = prohibitions
    .map(({ prohibition, kind, provision }) => ({
      kind,
      consent: prohibition,
      ...evaluate(provision, 'deny', situation, kind),
    }))
    .filter(({ possible }) => possible.deny);
  const certain = speaking.filter(({ possible }) => !possible.none);
  const [first] = certain;
  return {
    deny: speaking.length > 0,
    certain: certain.length > 0,
    reason: first && REASONS[first.kind],
    rules: speaking.flatMap(({ consent, rules }) => rules.map((rule) => ({ consent, version: 1, ...rule }))),
  };
}

/** What several sources forbid together. */
export function allForbidden(sources: readonly Forbidden[]): Forbidden {
  return {
    deny: sources.some(({ deny }) => deny),
    certain: sources.some(({ certain }) => certain),
    reason: sources.find(({ reason }) => reason)?.reason,
    rules: sources.flatMap(({ rules }) => rules),
  };
}

/** Prohibitions in an order of their own. */
export function inOrder(prohibitions: readonly ProhibitionTerms[]): readonly ProhibitionTerms[] {
  return [...prohibitions].sort((one, other) => (one.prohibition < other.prohibition ? -1 : 1));
}

/** Whether a prohibition speaks of the request, whatever the data. */
export function appliesTo({ provision }: ProhibitionTerms, situation: Situation): boolean {
  return requestMismatch(provision, 'deny', situation) === undefined;
}
