import { msp } from '@hyperledger/fabric-protos';

/** Principals that must sign, one signature each; a principal may occur more than once. */
export type PrincipalSet = readonly msp.MSPPrincipal[];

/** Policies keep their principals, and every transaction asks for their keys. */
const knownKeys = new WeakMap<msp.MSPPrincipal, string>();

/** Equal principals have equal keys. */
export function principalKey(principal: msp.MSPPrincipal): string {
  let key = knownKeys.get(principal);
  if (key === undefined) {
    key = `${principal.getPrincipalClassification()}:${principal.getPrincipal_asB64()}`;
    knownKeys.set(principal, key);
  }
  return key;
}

/** Without repetitions and without sets that contain another one. */
export function minimalSets(sets: readonly PrincipalSet[]): readonly PrincipalSet[] {
  const counted = new Map<string, { set: PrincipalSet; counts: ReadonlyMap<string, number> }>();
  for (const set of sets) {
    const keys = set.map(principalKey).sort();
    counted.set(keys.join(' '), { set, counts: countOf(keys) });
  }
  const candidates = [...counted.values()];
  return candidates
    .filter(
      ({ counts }) => !candidates.some((other) => other.counts !== counts && contains(counts, other.counts)),
    )
    .map(({ set }) => set);
}

function countOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function contains(larger: ReadonlyMap<string, number>, smaller: ReadonlyMap<string, number>): boolean {
  return [...smaller].every(([key, count]) => (larger.get(key) ?? 0) >= count);
}

/** Sets that satisfy several policies at once: one set of each, merged so that one signature serves both where it can. */
export function mergeSets(policies: readonly (readonly PrincipalSet[])[]): readonly PrincipalSet[] {
  const [first, ...rest] = policies;
  return first === undefined ? [] : rest.reduce(mergeTwo, first);
}

/** Where a set of one policy satisfies the other as well it is not made larger (common/policies/inquire, Merge). */
function mergeTwo(left: readonly PrincipalSet[], right: readonly PrincipalSet[]): readonly PrincipalSet[] {
  const pairs = left.flatMap((one) => right.map((other) => ({ one, other, merged: mergePair(one, other) })));
  const covering = pairs.filter(
    ({ one, other, merged }) => merged.length === Math.max(one.length, other.length),
  );
  const isCovered = (set: PrincipalSet) => covering.some(({ one, other }) => one === set || other === set);
  const combined = pairs.filter(({ one, other }) => !isCovered(one) && !isCovered(other));
  return minimalSets([...covering, ...combined].map(({ merged }) => merged));
}

function mergePair(left: PrincipalSet, right: PrincipalSet): PrincipalSet {
  const remaining = [...right];
  const merged = left.map((principal) => {
    const exact = remaining.findIndex((other) => impliesPrincipal(other, principal));
    if (exact >= 0) {
      return remaining.splice(exact, 1)[0] ?? principal;
    }
    const weaker = remaining.findIndex((other) => impliesPrincipal(principal, other));
    if (weaker >= 0) {
      remaining.splice(weaker, 1);
    }
    return principal;
  });
  return [...merged, ...remaining];
}

/** Whether every identity that satisfies `strong` also satisfies `weak` (a peer is a member). */
export function impliesPrincipal(strong: msp.MSPPrincipal, weak: msp.MSPPrincipal): boolean {
  if (principalKey(strong) === principalKey(weak)) {
    return true;
  }
  if (weak.getPrincipalClassification() !== msp.MSPPrincipal.Classification.ROLE) {
    return false;
  }
  const role = msp.MSPRole.deserializeBinary(weak.getPrincipal_asU8());
  return role.getRole() === msp.MSPRole.MSPRoleType.MEMBER && role.getMspIdentifier() === mspIdOf(strong);
}

function mspIdOf(principal: msp.MSPPrincipal): string | undefined {
  const bytes = principal.getPrincipal_asU8();
  switch (principal.getPrincipalClassification()) {
    case msp.MSPPrincipal.Classification.ROLE:
      return msp.MSPRole.deserializeBinary(bytes).getMspIdentifier();
    case msp.MSPPrincipal.Classification.ORGANIZATION_UNIT:
      return msp.OrganizationUnit.deserializeBinary(bytes).getMspIdentifier();
    case msp.MSPPrincipal.Classification.IDENTITY:
      return msp.SerializedIdentity.deserializeBinary(bytes).getMspid();
    case msp.MSPPrincipal.Classification.ANONYMITY:
    case msp.MSPPrincipal.Classification.COMBINED:
    default:
      return undefined;
  }
}
