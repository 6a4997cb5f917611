import { VitaledgerError, type Role } from '@vitaledger/domain';
import type { LedgerEvent } from '../connection/channel-events.js';
import type { EventOptions } from '../connection/follow.js';
import type { ChannelName } from '../connection/profile.js';
import type { LedgerBlock } from '../events/ledger-block.js';
import type { Call, Transactions } from '../transaction/index.js';
import type { SignedProposal } from '../vault/remote/loan.js';
import type { Vault } from '../vault/vault.js';

/** The person that a service acts for; its organization answers for the claim. */
export interface Actor {
  readonly role: Role;
  /** The organization's pseudonym for the person: random, never a name or a staff number. */
  readonly subject: string;
}

/** What every area works with: one identity, connected to one network. */
export interface Session {
  /** The identity's organization. */
  readonly mspId: string;
  readonly actor: Actor | undefined;
  /** @throws VitaledgerError `PRECONDITION_FAILED` when the organization is not on that channel */
  channel(name: ChannelName): Pick<Transactions, 'submit' | 'evaluate' | 'endorse'>;
  /**
   * The events of a channel.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` when the organization is not on that channel
   */
  events(name: ChannelName, options: EventOptions): AsyncIterable<LedgerEvent>;
  /** The blocks of a channel, where it gives them to clients; throws as {@link events} does. */
  blocks(name: ChannelName, options: EventOptions): AsyncIterable<LedgerBlock>;
  /** What tells a channel from others of its name, and the chaincode with its contracts; throws as {@link events} does. */
  sourceOf(name: ChannelName): { readonly networkId: string; readonly chaincode: string };
  /** A call that is signed and not sent, for somebody else to have it answered; throws as {@link channel} does. */
  signed(name: ChannelName, call: Call): Promise<SignedProposal>;
  /** That organization's vault, when it is known how to reach it. */
  findVault(mspId: string): Vault | undefined;
}

/** @throws VitaledgerError `PRECONDITION_FAILED` when it is not known how to reach that organization's vault */
export function vaultOf(session: Pick<Session, 'findVault'>, mspId: string): Vault {
  const vault = session.findVault(mspId);
  if (!vault) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `It is not known how to reach the vault of ${mspId}: name it in the connection profile, or give connect() a "vault"`,
    );
  }
  return vault;
}

/** Options that every operation takes. */
export interface OperationOptions {
  /** Stops waiting and repeating. What has been handed over for ordering is not undone by it. */
  readonly signal?: AbortSignal | undefined;
}

/** The `actor` member of an input; absent when the identity acts for itself. */
export function actorOf(session: Session): { readonly actor?: Actor } {
  return session.actor === undefined ? {} : { actor: session.actor };
}
