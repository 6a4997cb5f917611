/** Fabric's policy expressions, as text. */

/** More than half of the organizations, each by one of its peers: `OutOf(2, 'A.peer', 'B.peer', 'C.peer')`. */
export function majorityOf(mspIds: readonly string[]): string {
  const needed = Math.floor(mspIds.length / 2) + 1;
  return `OutOf(${needed}, ${mspIds.map((mspId) => `'${mspId}.peer'`).join(', ')})`;
}

/** The endorsement policy of a chaincode: `majority`, or an expression that is taken as it stands. */
export function endorsementPolicy(policy: string, endorsingMspIds: readonly string[]): string {
  return policy === 'majority' ? majorityOf(endorsingMspIds) : policy;
}

export interface PolicyRule {
  readonly Type: 'Signature' | 'ImplicitMeta';
  readonly Rule: string;
}

export function signature(rule: string): PolicyRule {
  return { Type: 'Signature', Rule: rule };
}

export function implicitMeta(rule: string): PolicyRule {
  return { Type: 'ImplicitMeta', Rule: rule };
}

export function anyOf(mspId: string, roles: readonly string[]): PolicyRule {
  return signature(`OR(${roles.map((role) => `'${mspId}.${role}'`).join(', ')})`);
}
