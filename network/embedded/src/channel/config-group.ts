import { common } from '@hyperledger/fabric-protos';
import { parsePolicyExpression } from '../policy/expression.js';

interface Serializable {
  serializeBinary(): Uint8Array;
}

/** A group of channel configuration, built the way configtxgen does: every element is modified by its group's Admins. */
export class ConfigGroupBuilder {
  readonly group = new common.ConfigGroup();

  constructor() {
    this.group.setModPolicy('Admins');
  }

  value(name: string, message: Serializable): this {
    const value = new common.ConfigValue();
    value.setModPolicy('Admins');
    value.setValue(message.serializeBinary());
    this.group.getValuesMap().set(name, value);
    return this;
  }

  subGroup(name: string, builder: ConfigGroupBuilder): this {
    this.group.getGroupsMap().set(name, builder.group);
    return this;
  }

  signaturePolicy(name: string, rule: string | common.SignaturePolicyEnvelope): this {
    const envelope = typeof rule === 'string' ? parsePolicyExpression(rule) : rule;
    return this.#policy(name, common.Policy.PolicyType.SIGNATURE, envelope);
  }

  /** `ANY Readers`, `MAJORITY Admins`, … */
  implicitPolicy(name: string, rule: keyof common.ImplicitMetaPolicy.RuleMap, subPolicy: string): this {
    const policy = new common.ImplicitMetaPolicy();
    policy.setRule(common.ImplicitMetaPolicy.Rule[rule]);
    policy.setSubPolicy(subPolicy);
    return this.#policy(name, common.Policy.PolicyType.IMPLICIT_META, policy);
  }

  capabilities(...names: readonly string[]): this {
    const capabilities = new common.Capabilities();
    for (const name of names) {
      capabilities.getCapabilitiesMap().set(name, new common.Capability());
    }
    return this.value('Capabilities', capabilities);
  }

  #policy(name: string, type: number, message: Serializable): this {
    const policy = new common.Policy();
    policy.setType(type);
    policy.setValue(message.serializeBinary());
    const configPolicy = new common.ConfigPolicy();
    configPolicy.setModPolicy('Admins');
    configPolicy.setPolicy(policy);
    this.group.getPoliciesMap().set(name, configPolicy);
    return this;
  }
}
