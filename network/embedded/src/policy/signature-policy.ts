import { common, msp } from '@hyperledger/fabric-protos';
import type { Policy, Signer } from './policy.js';
import { minimalSets, type PrincipalSet } from './principal-sets.js';

type Rule = (identities: readonly Signer[], used: boolean[]) => boolean;

/** Signature policy bytes that do not form a policy; the message says what is wrong with them. */
export class PolicyFormatError extends Error {
  override readonly name = 'PolicyFormatError';
}

/** `common.SignaturePolicyEnvelope`: n-out-of rules over principals; each identity counts once (common/cauthdsl). */
export class SignaturePolicy implements Policy {
  readonly #envelope: common.SignaturePolicyEnvelope;
  readonly #rule: Rule;
  #sets: readonly PrincipalSet[] | undefined;

  constructor(envelope: common.SignaturePolicyEnvelope) {
    this.#envelope = envelope;
    this.#rule = compile(envelope.getRule(), envelope.getIdentitiesList());
  }

  static fromBytes(bytes: Uint8Array): SignaturePolicy {
    let envelope: common.SignaturePolicyEnvelope;
    try {
      envelope = common.SignaturePolicyEnvelope.deserializeBinary(bytes);
    } catch (error) {
      throw new PolicyFormatError('not a SignaturePolicyEnvelope', { cause: error });
    }
    return new SignaturePolicy(envelope);
  }

  refusal(identities: readonly Signer[]): string | undefined {
    const used = identities.map(() => false);
    return this.#rule(identities, used) ? undefined : 'signature set did not satisfy policy';
  }

  toSignaturePolicy(): common.SignaturePolicyEnvelope {
    return this.#envelope;
  }

  /** The smallest sets of principals that satisfy the policy. */
  get satisfiedBy(): readonly PrincipalSet[] {
    this.#sets ??= minimalSets(combinationsOf(this.#envelope.getRule(), this.#envelope.getIdentitiesList()));
    return this.#sets;
  }
}

function compile(rule: common.SignaturePolicy | undefined, principals: readonly msp.MSPPrincipal[]): Rule {
  const type = rule?.getTypeCase();
  if (rule === undefined || type === common.SignaturePolicy.TypeCase.TYPE_NOT_SET) {
    throw new PolicyFormatError('Empty policy element');
  }
  if (type === common.SignaturePolicy.TypeCase.SIGNED_BY) {
    return signedBy(principalAt(principals, rule.getSignedBy()));
  }
  const gate = rule.getNOutOf();
  const rules = (gate?.getRulesList() ?? []).map((inner) => compile(inner, principals));
  const needed = gate?.getN() ?? 0;
  return (identities, used) => {
    let satisfied = 0;
    for (const inner of rules) {
      const attempt = [...used];
      if (inner(identities, attempt)) {
        satisfied += 1;
        used.splice(0, used.length, ...attempt);
      }
    }
    return satisfied >= needed;
  };
}

function signedBy(principal: msp.MSPPrincipal): Rule {
  return (identities, used) => {
    const index = identities.findIndex((identity, at) => used[at] === false && identity.satisfies(principal));
    if (index < 0) {
      return false;
    }
    used[index] = true;
    return true;
  };
}

function principalAt(principals: readonly msp.MSPPrincipal[], index: number): msp.MSPPrincipal {
  const principal = principals[index];
  if (principal === undefined) {
    throw new PolicyFormatError(
      `identity index out of range, requested ${index}, but identities length is ${principals.length}`,
    );
  }
  return principal;
}

/** Every choice of principals that satisfies the rule; not yet minimal. */
function combinationsOf(
  rule: common.SignaturePolicy | undefined,
  principals: readonly msp.MSPPrincipal[],
): PrincipalSet[] {
  if (rule === undefined) {
    return [];
  }
  if (rule.getTypeCase() === common.SignaturePolicy.TypeCase.SIGNED_BY) {
    return [[principalAt(principals, rule.getSignedBy())]];
  }
  const gate = rule.getNOutOf();
  const choices = (gate?.getRulesList() ?? []).map((inner) => combinationsOf(inner, principals));
  return chooseFrom(choices, gate?.getN() ?? 0);
}

/** Picks `count` of the alternatives' lists in every way, and one set of each picked list. */
function chooseFrom(alternatives: readonly (readonly PrincipalSet[])[], count: number): PrincipalSet[] {
  if (count <= 0) {
    return [[]];
  }
  if (alternatives.length < count) {
    return [];
  }
  const [first = [], ...rest] = alternatives;
  const withFirst = chooseFrom(rest, count - 1).flatMap((tail) => first.map((set) => [...set, ...tail]));
  return [...withFirst, ...chooseFrom(rest, count)];
}
