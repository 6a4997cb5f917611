import { common, msp } from '@hyperledger/fabric-protos';

const roleNames = new Map<number, string>(
  Object.entries(msp.MSPRole.MSPRoleType).map(([name, value]) => [value, name.toLowerCase()]),
);

/** A signature policy in Fabric's policy language, for people: `OutOf(2, 'A.peer', 'B.peer')`. */
export function expressionOf(envelope: common.SignaturePolicyEnvelope): string {
  const principals = envelope.getIdentitiesList().map(principalText);
  const ruleText = (rule: common.SignaturePolicy): string => {
    const gate = rule.getNOutOf();
    return gate === undefined
      ? (principals[rule.getSignedBy()] ?? '?')
      : `OutOf(${[String(gate.getN()), ...gate.getRulesList().map(ruleText)].join(', ')})`;
  };
  const rule = envelope.getRule();
  return rule === undefined ? '' : ruleText(rule);
}

function principalText(principal: msp.MSPPrincipal): string {
  const bytes = principal.getPrincipal_asU8();
  const kinds = msp.MSPPrincipal.Classification;
  if (principal.getPrincipalClassification() === kinds.ROLE) {
    const role = msp.MSPRole.deserializeBinary(bytes);
    return `'${role.getMspIdentifier()}.${roleNames.get(role.getRole()) ?? '?'}'`;
  }
  if (principal.getPrincipalClassification() === kinds.ORGANIZATION_UNIT) {
    const unit = msp.OrganizationUnit.deserializeBinary(bytes);
    return `'${unit.getMspIdentifier()}.${unit.getOrganizationalUnitIdentifier()}'`;
  }
  return `'${msp.SerializedIdentity.deserializeBinary(bytes).getMspid()}.<one identity>'`;
}
