import { policyAnswer, policyRulesBehind, type PolicyInput, type PolicyRule } from '../decision/policy.js';
import { OTHER_CLASSES } from '../decision/situation.js';
import type { MedicalActor } from '../consortium/roles.js';
import { checkShape, closed, shapes, text } from '../json/shape.js';
import { keyShareShape, manifestShape, type Manifest } from '../records/record.js';
import { isDocumentNumber, isTrialNumber } from './trial-number.js';

/** Where a data set lies and the sponsor's share of its key. Private at the sponsor. */
export interface HeldDataSet {
  readonly trial: string;
  readonly document: string;
  /** What the chunks in the vault are bound to. */
  readonly record: string;
  readonly manifest: Manifest;
  /** The ledger's share of the data key: 256 bits, base64url. */
  readonly keyShare: string;
  readonly salt: string;
}

/** How long a collection opens a data set: ten minutes. */
export const COLLECTION_LIFE_MS = 10 * 60 * 1000;
/** How often one request can be collected. */
export const MOST_COLLECTIONS = 100;

const heldShape = closed({
  trial: text((value) => isTrialNumber(String(value)), "must be the registry's number of a trial"),
  document: text((value) => isDocumentNumber(String(value)), "must be the registry's number of a document"),
  record: shapes.id,
  manifest: manifestShape,
  keyShare: keyShareShape,
  salt: shapes.salt,
});

/** Checks what a sponsor holds of a data set. Throws INVALID_ARGUMENT with the JSON path. */
export function validateHeldDataSet(value: unknown): HeldDataSet {
  return checkShape<HeldDataSet>(heldShape, value, 'input');
}

/**
 * The rules of law by which a data set may not be handed out to this recipient, such as where secondary use must happen in a secure
 * environment (EHDS). Empty where none forbids it.
 */
export function rulesAgainstRelease(
  policy: PolicyInput | undefined,
  {
    custodian,
    recipient,
    instant,
  }: { readonly custodian: string; readonly recipient: MedicalActor; readonly instant: string },
): readonly PolicyRule[] {
  if (!policy) return [];
  const request = { custodian, actor: recipient, scope: 'content', purpose: 'HRESCH', filter: {} } as const;
  const answer = policyAnswer(policy, {
    request,
    time: Date.parse(instant),
    data: { class: OTHER_CLASSES, origin: 'none' },
  });
  return answer.prohibited === 'yes' ? policyRulesBehind(answer, 'deny') : [];
}
