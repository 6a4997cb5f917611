import { randomInt } from 'node:crypto';
import type { gateway, peer } from '@hyperledger/fabric-protos';
import { errorDetail } from './errors.js';
import type { GatewayPeer } from './gateway-peer.js';

/** How many endorsements of each group of peers suffice. */
export type Layout = ReadonlyMap<string, number>;

interface OpenLayout {
  readonly remaining: Map<string, number>;
  readonly endorsements: peer.Endorsement[];
}

export interface CompletedPlan {
  readonly payload: Uint8Array;
  readonly endorsements: readonly peer.Endorsement[];
}

/** The endorsements of one transaction in the making: layouts are tried in order (internal/pkg/gateway/endorsement.go). */
export class EndorsementPlan {
  readonly errors: gateway.ErrorDetail[] = [];
  readonly #layouts: (OpenLayout | undefined)[];
  readonly #groups: ReadonlyMap<string, GatewayPeer[]>;
  readonly #groupOf = new Map<GatewayPeer, string>();
  #next = 0;
  #payload: Uint8Array | undefined;
  #completed: OpenLayout | undefined;

  constructor(layouts: readonly Layout[], groups: ReadonlyMap<string, readonly GatewayPeer[]>) {
    this.#layouts = layouts.map((layout) => ({ remaining: new Map(layout), endorsements: [] }));
    this.#groups = new Map([...groups].map(([group, peers]) => [group, [...peers]]));
    for (const [group, peers] of groups) {
      for (const each of peers) {
        this.#groupOf.set(each, group);
      }
    }
  }

  get completed(): CompletedPlan | undefined {
    return this.#completed === undefined || this.#payload === undefined
      ? undefined
      : { payload: this.#payload, endorsements: uniqueEndorsements(this.#completed.endorsements) };
  }

  /** The peers to ask for the next layout that can be filled; undefined: there is none. */
  nextEndorsers(): readonly GatewayPeer[] | undefined {
    for (; this.#next < this.#layouts.length; this.#next += 1) {
      const layout = this.#layouts[this.#next];
      const endorsers = layout === undefined ? undefined : this.#takeEndorsers(layout);
      if (endorsers !== undefined) {
        return endorsers;
      }
      this.#layouts[this.#next] = undefined;
    }
    return undefined;
  }

  /** Another peer of the same group, in place of one that failed. */
  replacementFor(failed: GatewayPeer): GatewayPeer | undefined {
    return this.#groups.get(this.groupOf(failed))?.shift();
  }

  groupOf(endorser: GatewayPeer): string {
    return this.#groupOf.get(endorser) ?? '';
  }

  /** Takes an endorsement; false when its result differs from that of the others. */
  accept(endorser: GatewayPeer, response: peer.ProposalResponse): boolean {
    const group = this.groupOf(endorser);
    const waiting = this.#groups.get(group) ?? [];
    const position = waiting.indexOf(endorser);
    if (position >= 0) {
      waiting.splice(position, 1);
    }
    const payload = response.getPayload_asU8();
    this.#payload ??= payload;
    if (!Buffer.from(this.#payload).equals(payload)) {
      this.errors.push(errorDetail(endorser, 'ProposalResponsePayloads do not match'));
      return false;
    }
    this.#count(group, response.getEndorsement());
    return true;
  }

  /** Gives up the layouts that need a group with no peer left, and goes on to the next. */
  abandon(groups: readonly string[]): void {
    for (let index = this.#next; index < this.#layouts.length; index += 1) {
      if (groups.some((group) => this.#layouts[index]?.remaining.has(group))) {
        this.#layouts[index] = undefined;
      }
    }
    this.#next += 1;
  }

  #takeEndorsers({ remaining }: OpenLayout): GatewayPeer[] | undefined {
    const enough = [...remaining].every(([group, count]) => (this.#groups.get(group) ?? []).length >= count);
    return enough
      ? [...remaining].flatMap(([group, count]) => this.#groups.get(group)?.splice(0, count) ?? [])
      : undefined;
  }

  #count(group: string, endorsement: peer.Endorsement | undefined): void {
    for (const layout of this.#layouts.slice(this.#next)) {
      const remaining = layout?.remaining.get(group);
      if (layout === undefined || remaining === undefined || endorsement === undefined) {
        continue;
      }
      layout.endorsements.push(endorsement);
      if (remaining > 1) {
        layout.remaining.set(group, remaining - 1);
        continue;
      }
      layout.remaining.delete(group);
      if (layout.remaining.size === 0) {
        this.#completed = layout;
        return;
      }
    }
  }
}

function uniqueEndorsements(endorsements: readonly peer.Endorsement[]): readonly peer.Endorsement[] {
  if (endorsements.length < 2) {
    return endorsements;
  }
  const byEndorser = new Map(endorsements.map((each) => [each.getEndorser_asB64(), each]));
  return [...byEndorser.values()];
}

/** In random order, so that load spreads over layouts that are as good. */
export function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    const [left, right] = [result[last], result[other]] as [T, T];
    result[last] = right;
    result[other] = left;
  }
  return result;
}
