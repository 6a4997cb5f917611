import {
  activeOrganizations,
  canonicalJson,
  digestOf,
  invalid,
  isAdopted,
  isDigest,
  isFounded,
  nextBeat,
  SETTINGS_BEFORE_ADOPTION,
  validateDocument,
  validateMap,
  validatePack,
  VitaledgerError,
  type ConsortiumDocument,
} from '@vitaledger/domain';
import { denied, heldIdentity } from '../authorization/acting-person.js';
import { admitUnder } from '../authorization/admission.js';
import type { GuardedFunction } from '../authorization/permissions.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { readJson } from '../ledger/json-text.js';
import { beatKey, CLOCK, CONSORTIUM, mapKey, packKey, proposalKey } from '../ledger/keys.js';
import { adoptedMap } from './adopted-map.js';
import { adoptedPacks } from './adopted-packs.js';
import type { Proposal } from './proposal.js';
import { withoutRulebook } from './stored-document.js';

/** Who belongs to the consortium, decided by votes, and the channel's clock. On both channels. */
@Info({
  title: 'ConsortiumContract',
  description: 'Membership of the consortium and the clock of the channel',
})
export class ConsortiumContract extends VitaledgerContract {
  constructor() {
    super('ConsortiumContract');
  }

  /** Moves the channel's clock to the proposal's timestamp, which every endorser holds against its own clock. */
  @Transaction()
  @Returns('string')
  async beat(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const document = await ledger.get(CONSORTIUM);
    admitAdmin(context, 'ConsortiumContract:beat', document);
    const settings = document?.clock ?? SETTINGS_BEFORE_ADOPTION;
    const clock = nextBeat(ledger.timestamp, context.peerTime(), await ledger.get(CLOCK), settings);
    await ledger.put(CLOCK, clock);
    await ledger.put(beatKey(clock.beat), { ...clock, skewSeconds: settings.skewSeconds });
    return canonicalJson(clock);
  }

  /** The channel's clock. Throws NOT_FOUND before the first beat. */
  @Transaction(false)
  @Returns('string')
  async clock(context: TransactionContext): Promise<string> {
    const clock = await context.ledger.get(CLOCK);
    if (!clock) throw new VitaledgerError('NOT_FOUND', 'The clock of this channel has never beaten.');
    return canonicalJson(clock);
  }

  /** Proposes the next consortium document; whoever proposes votes for it. */
  @Transaction()
  @Returns('string')
  async propose(context: TransactionContext, document: string): Promise<string> {
    const { ledger } = context;
    const proposed = validateDocument(readJson(document, 'document'));
    const inForce = await ledger.get(CONSORTIUM);
    admitVoter(context, 'ConsortiumContract:propose', inForce, proposed);
    refuseUnlessNext(proposed, inForce);
    await adoptedMap(ledger, proposed);
    await adoptedPacks(ledger, proposed);
    const digest = digestOf(proposed);
    if (await ledger.get(proposalKey(digest))) {
      throw new VitaledgerError('ALREADY_EXISTS', 'This document is proposed already; vote for it.', {
        digest,
      });
    }
    const proposer = context.caller.mspId;
    await count(context, { document: proposed, proposer, votes: { [proposer]: true } }, digest, inForce);
    return canonicalJson({ digest });
  }

  /**
   * Votes for a proposal. The vote that makes more than half of the active organizations adopts it; the first document takes all.
   */
  @Transaction()
  @Returns('string')
  async vote(context: TransactionContext, digest: string): Promise<string> {
    const { ledger } = context;
    const proposal = await proposalOf(context, digest);
    const inForce = await ledger.get(CONSORTIUM);
    admitVoter(context, 'ConsortiumContract:vote', inForce, proposal.document);
    const voter = context.caller.mspId;
    if (Object.hasOwn(proposal.votes, voter)) {
      throw new VitaledgerError('ALREADY_EXISTS', 'Your organization has already voted for this proposal.', {
        digest,
      });
    }
    refuseUnlessNext(proposal.document, inForce);
    const votes: Proposal['votes'] = { ...proposal.votes, [voter]: true };
    const adopted = await count(context, { ...proposal, votes }, digest, inForce);
    return canonicalJson({ digest, votes, adopted });
  }

  /**
   * Puts a sensitivity map on the ledger, where a document can name it. Putting it there decides nothing: it counts once
   * a document that names its digest is adopted.
   */
  @Transaction()
  @Returns('string')
  async publishMap(context: TransactionContext, map: string): Promise<string> {
    const { ledger } = context;
    const published = validateMap(readJson(map, 'map'));
    admitAdmin(context, 'ConsortiumContract:publishMap', await ledger.get(CONSORTIUM));
    const digest = digestOf(published);
    if (await ledger.get(mapKey(digest))) {
      throw new VitaledgerError('ALREADY_EXISTS', 'This map is on the ledger already.', { digest });
    }
    await ledger.put(mapKey(digest), published);
    return canonicalJson({ digest });
  }

  /** A sensitivity map that was published. */
  @Transaction(false)
  @Returns('string')
  async map(context: TransactionContext, digest: string): Promise<string> {
    refuseOtherThanDigest(digest, 'publishMap');
    const map = await context.ledger.get(mapKey(digest));
    if (!map) throw new VitaledgerError('NOT_FOUND', 'There is no such map on this channel.', { digest });
    return canonicalJson(map);
  }

  /** Puts a policy pack on the ledger, where a document can name it. As with maps, that decides nothing. */
  @Transaction()
  @Returns('string')
  async publishPack(context: TransactionContext, pack: string): Promise<string> {
    const { ledger } = context;
    const published = validatePack(readJson(pack, 'pack'));
    admitAdmin(context, 'ConsortiumContract:publishPack', await ledger.get(CONSORTIUM));
    const digest = digestOf(published);
    if (await ledger.get(packKey(digest))) {
      throw new VitaledgerError('ALREADY_EXISTS', 'This pack is on the ledger already.', { digest });
    }
    await ledger.put(packKey(digest), published);
    return canonicalJson({ digest });
  }

  /** A policy pack that was published. */
  @Transaction(false)
  @Returns('string')
  async pack(context: TransactionContext, digest: string): Promise<string> {
    refuseOtherThanDigest(digest, 'publishPack');
    const pack = await context.ledger.get(packKey(digest));
    if (!pack) throw new VitaledgerError('NOT_FOUND', 'There is no such pack on this channel.', { digest });
    return canonicalJson(pack);
  }

  /** The consortium document in force. Throws NOT_FOUND before the first adoption. */
  @Transaction(false)
  @Returns('string')
  async document(context: TransactionContext): Promise<string> {
    const document = await context.ledger.get(CONSORTIUM);
    if (!document) throw new VitaledgerError('NOT_FOUND', 'This channel has no consortium document yet.');
    return canonicalJson(withoutRulebook(document));
  }

  /** A proposal with its votes. */
  @Transaction(false)
  @Returns('string')
  async proposal(context: TransactionContext, digest: string): Promise<string> {
    return canonicalJson(await proposalOf(context, digest));
  }
}

/** Before there is a document nobody can vouch for a role: the certificate's own word counts. */
function admitAdmin(
  context: TransactionContext,
  name: GuardedFunction,
  inForce: ConsortiumDocument | undefined,
): void {
  if (inForce) admitUnder(inForce, context, name);
  else if (heldIdentity(context.caller).role !== 'admin')
    throw denied(`${name} needs the role admin.`, 'ROLE');
}

function refuseOtherThanDigest(digest: string, source: 'propose' | 'publishMap' | 'publishPack'): void {
  if (!isDigest(digest)) {
    throw invalid('digest', `must be the digest that ${source} returned: 64 hexadecimal digits`);
  }
}

/**
 * Who may propose and vote: administrators of organizations active in the document in force. The first document is
 * decided among the organizations it names. Every endorser must find its own there, and active, so that its vote is needed: an
 * organization named as suspended would have no say.
 */
function admitVoter(
  context: TransactionContext,
  name: GuardedFunction,
  inForce: ConsortiumDocument | undefined,
  proposed: ConsortiumDocument,
): void {
  if (!inForce && !activeOrganizations(proposed).includes(context.ledger.custodian)) {
    throw denied(
      'The first document must name every organization that endorses it as active; this peer does not find its own.',
      'ENDORSER_NOT_NAMED',
    );
  }
  admitUnder(inForce ?? proposed, context, name);
}

function refuseUnlessNext(proposed: ConsortiumDocument, inForce: ConsortiumDocument | undefined): void {
  const expected = (inForce?.version ?? 0) + 1;
  if (proposed.version !== expected) {
    throw new VitaledgerError(
      'CONFLICT',
      `The next document has version ${expected}; read the one in force and propose the change to it again.`,
      { expected },
    );
  }
}

async function proposalOf(context: TransactionContext, digest: string): Promise<Proposal> {
  refuseOtherThanDigest(digest, 'propose');
  const proposal = await context.ledger.get(proposalKey(digest));
  if (!proposal)
    throw new VitaledgerError('NOT_FOUND', 'There is no such proposal on this channel.', { digest });
  return proposal;
}

/** Writes the proposal with its votes and, if they suffice, the document. Returns whether it is adopted now. */
async function count(
  { ledger }: TransactionContext,
  proposal: Proposal,
  digest: string,
  inForce: ConsortiumDocument | undefined,
): Promise<boolean> {
  await ledger.put(proposalKey(digest), proposal);
  const adopted = inForce ? isAdopted(inForce, proposal.votes) : isFounded(proposal.document, proposal.votes);
  if (adopted) {
    const rulebook = await adoptedPacks(ledger, proposal.document);
    await ledger.put(CONSORTIUM, { ...proposal.document, ...(rulebook.length > 0 ? { rulebook } : {}) });
  }
  return adopted;
}
