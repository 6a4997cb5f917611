import { canonicalJson } from '../json/canonical.js';
import type { ConsideredConsent, Decision } from './decision.js';
import { OTHER_CLASSES } from './situation.js';

/**
 * What a requester is shown of a decision: everything that speaks of the request, and nothing of what the patient told others. So a consent
 * for another recipient, or one whose time has passed, is left out, and so is a record class that only such a consent names. The custodian
 * keeps the whole decision.
 */
export function requesterView(decision: Decision): Decision {
  const { classes, request } = decision;
  const others = classes[OTHER_CLASSES];
  const isTelling = ([name, answer]: [string, unknown]): boolean =>
    name === OTHER_CLASSES ||
    request.filter.classes?.includes(name) === true ||
    canonicalJson(answer) !== canonicalJson(others ?? null);
  return {
    ...decision,
    classes: Object.fromEntries(Object.entries(classes).filter(isTelling)),
    consents: decision.consents.filter(speaksOfRequester),
    ...(decision.prohibitions
      ? { prohibitions: decision.prohibitions.filter(({ applies }) => applies) }
      : {}),
  };
}

/** Action and purpose are compared only once the recipient has matched. */
function speaksOfRequester({ applies, mismatch }: ConsideredConsent): boolean {
  return applies || mismatch === 'action' || mismatch === 'purpose';
}
