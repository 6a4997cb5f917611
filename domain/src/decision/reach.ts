import { dataElementMatch } from './match.js';
import { type Evaluation, NOTHING_SAID } from './evaluate.js';
import type { Situation } from './situation.js';
import { sensitivityCoding } from './terms.js';

/**
 * What a delegate's consent says, without the data that is not the delegate's to decide about: of that it says nothing, neither
 * permit nor deny, so that the patient's own word stands alone there.
 *
 * @param withheld sensitivities (v3-ActCode), each with all below it.
 */
export function withinReach(
  evaluation: Evaluation,
  withheld: readonly string[],
  { data }: Situation,
): Evaluation {
  const securityLabel = withheld.map(sensitivityCoding);
  const match = dataElementMatch('securityLabel', { securityLabel }, 'deny', data);
  if (match === 'yes') return NOTHING_SAID;
  if (match === 'no' || evaluation === NOTHING_SAID) return evaluation;
  const beyond = { path: 'delegation', not: true, securityLabel } as const;
  return {
    possible: { ...evaluation.possible, none: true },
    rules: evaluation.rules.map((rule) => ({ ...rule, certain: false, where: [...rule.where, beyond] })),
  };
}
