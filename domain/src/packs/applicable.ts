import { digestOf } from '../json/canonical.js';
import type { DecisionPack, DecisionPackRule, PackRule, PolicyPack } from './pack.js';

/** Whose law a pack is, in one request. */
export const PARTIES = ['custodian', 'recipient', 'patient'] as const;

export type Party = (typeof PARTIES)[number];

/** Whether one of the jurisdictions is this one or includes it: `US` includes `US-CA`. */
export function covers(jurisdictions: readonly string[], jurisdiction: string): boolean {
  return jurisdictions.some((one) => jurisdiction === one || jurisdiction.startsWith(`${one}-`));
}

/** What decisions need of a pack, as the consortium adopted it. */
export function decisionPack(pack: PolicyPack, adopted: { readonly consentFirst?: true } = {}): DecisionPack {
  const { id, version, jurisdictions, combining, rules } = pack;
  return {
    id,
    version,
    digest: digestOf(pack),
    jurisdictions,
    ...(combining === undefined ? {} : { combining }),
    ...(adopted.consentFirst ? { consentFirst: true as const } : {}),
    rules: rules.map(withoutTitle),
  };
}

function withoutTitle(rule: PackRule): DecisionPackRule {
  const kept = Object.entries(rule).filter(([name]) => name !== 'title');
  return Object.fromEntries(kept) as unknown as DecisionPackRule;
}
