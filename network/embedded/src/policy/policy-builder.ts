import { common, msp } from '@hyperledger/fabric-protos';
import { principalKey } from './principal-sets.js';

export type Role = 'member' | 'admin' | 'client' | 'peer' | 'orderer';

const roles: Readonly<Record<Role, msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap]>> = {
  member: msp.MSPRole.MSPRoleType.MEMBER,
  admin: msp.MSPRole.MSPRoleType.ADMIN,
  client: msp.MSPRole.MSPRoleType.CLIENT,
  peer: msp.MSPRole.MSPRoleType.PEER,
  orderer: msp.MSPRole.MSPRoleType.ORDERER,
};

export function isRole(text: string): text is Role {
  return text in roles;
}

export function rolePrincipal(mspId: string, role: Role): msp.MSPPrincipal {
  const content = new msp.MSPRole();
  content.setMspIdentifier(mspId);
  content.setRole(roles[role]);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(content.serializeBinary());
  return principal;
}

export function nOutOf(n: number, rules: common.SignaturePolicy[]): common.SignaturePolicy {
  const gate = new common.SignaturePolicy.NOutOf();
  gate.setN(n);
  gate.setRulesList(rules);
  const policy = new common.SignaturePolicy();
  policy.setNOutOf(gate);
  return policy;
}

/** Collects the principals of a policy under construction; a rule refers to them by index. */
export class PrincipalList {
  readonly #principals: msp.MSPPrincipal[] = [];
  readonly #indexes = new Map<string, number>();

  signedBy(principal: msp.MSPPrincipal): common.SignaturePolicy {
    const key = principalKey(principal);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.#principals.push(principal) - 1;
      this.#indexes.set(key, index);
    }
    const policy = new common.SignaturePolicy();
    policy.setSignedBy(index);
    return policy;
  }

  /** The rule of another policy, with its principals taken over. */
  embed(envelope: common.SignaturePolicyEnvelope): common.SignaturePolicy {
    const principals = envelope.getIdentitiesList();
    const translate = (rule: common.SignaturePolicy): common.SignaturePolicy => {
      const gate = rule.getNOutOf();
      if (gate !== undefined) {
        return nOutOf(gate.getN(), gate.getRulesList().map(translate));
      }
      const principal = principals[rule.getSignedBy()];
      return principal === undefined ? nOutOf(1, []) : this.signedBy(principal);
    };
    return translate(envelope.getRule() ?? nOutOf(1, []));
  }

  get list(): msp.MSPPrincipal[] {
    return this.#principals;
  }
}

export function signaturePolicyOf(
  build: (principals: PrincipalList) => common.SignaturePolicy,
): common.SignaturePolicyEnvelope {
  const principals = new PrincipalList();
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setRule(build(principals));
  envelope.setIdentitiesList(principals.list);
  return envelope;
}

/** `n` of the organizations, each by an identity in `role`. */
export function outOfOrganizations(
  n: number,
  mspIds: readonly string[],
  role: Role,
): common.SignaturePolicyEnvelope {
  return signaturePolicyOf((principals) =>
    nOutOf(
      n,
      mspIds.map((mspId) => principals.signedBy(rolePrincipal(mspId, role))),
    ),
  );
}

/** More than half of the organizations, each by one of its peers. */
export function majorityOf(mspIds: readonly string[]): common.SignaturePolicyEnvelope {
  return outOfOrganizations(Math.floor(mspIds.length / 2) + 1, mspIds, 'peer');
}

/** Nobody satisfies it. */
export function rejectAll(): common.SignaturePolicyEnvelope {
  return signaturePolicyOf(() => nOutOf(1, []));
}
