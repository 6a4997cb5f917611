import { common } from '@hyperledger/fabric-protos';
import type { Policy, Signer } from './policy.js';
import { nOutOf, signaturePolicyOf } from './policy-builder.js';
import { PolicyFormatError } from './signature-policy.js';

/** `common.ImplicitMetaPolicy`: any, all or most of the sub-groups' policies of one name (common/policies/implicitmeta.go). */
export class ImplicitMetaPolicy implements Policy {
  readonly #subPolicies: readonly (Policy | undefined)[];
  readonly #threshold: number;
  readonly #name: string;

  /** `subPolicies`: the policy of that name in each sub-group, undefined where a group has none. */
  constructor(definition: common.ImplicitMetaPolicy, subPolicies: readonly (Policy | undefined)[]) {
    this.#subPolicies = subPolicies;
    this.#name = definition.getSubPolicy();
    this.#threshold = thresholdOf(definition.getRule(), subPolicies.length);
  }

  refusal(identities: readonly Signer[]): string | undefined {
    let satisfied = 0;
    for (const policy of this.#subPolicies) {
      if (satisfied >= this.#threshold) {
        break;
      }
      if (policy !== undefined && policy.refusal(identities) === undefined) {
        satisfied += 1;
      }
    }
    return satisfied >= this.#threshold
      ? undefined
      : `implicit policy evaluation failed - ${satisfied} sub-policies were satisfied, but this policy requires ${this.#threshold} of the '${this.#name}' sub-policies to be satisfied`;
  }

  toSignaturePolicy(): common.SignaturePolicyEnvelope {
    const parts = this.#subPolicies
      .filter((policy) => policy !== undefined)
      .map((policy) => policy.toSignaturePolicy());
    return signaturePolicyOf((principals) =>
      nOutOf(
        this.#threshold,
        parts.map((part) => principals.embed(part)),
      ),
    );
  }
}

function thresholdOf(
  rule: common.ImplicitMetaPolicy.RuleMap[keyof common.ImplicitMetaPolicy.RuleMap],
  groups: number,
): number {
  if (groups === 0) {
    return 0;
  }
  switch (rule) {
    case common.ImplicitMetaPolicy.Rule.ANY:
      return 1;
    case common.ImplicitMetaPolicy.Rule.ALL:
      return groups;
    case common.ImplicitMetaPolicy.Rule.MAJORITY:
      return Math.floor(groups / 2) + 1;
    default:
      throw new PolicyFormatError(`unknown implicit meta rule ${String(rule)}`);
  }
}
