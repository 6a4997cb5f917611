import {
  BEATS_UNTIL_BOUNDED,
  canonicalJson,
  checkEndorserTime,
  invalid,
  isDigest,
  isTrialNumber,
  PROOF_STATEMENT,
  VitaledgerError,
  type ProofStatement,
  type ProvenSubject,
  type RecordedBeat,
} from '@vitaledger/domain';
import { adoptedDocument } from '../consortium/adopted-document.js';
import { withoutRulebook } from '../consortium/stored-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { beatKey, trialVersionKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { documentOfDigest } from '../trial-documents/document-store.js';

/**
 * Statements for portable proofs. Each function reads only and its answer is the same at every peer, so that a client can have it
 * endorsed by the peers of many organizations: their signatures over the answer, never submitted, are the proof. A block would not do, since
 * orderers do not sign which of its transactions are valid; what a peer reads from its state is.
 */
@Info({
  title: 'ProofContract',
  description: 'Statements of what was registered when, to be endorsed by a majority',
})
export class ProofContract extends VitaledgerContract {
  constructor() {
    super('ProofContract');
  }

  /** That a document with this digest was registered for a trial. */
  @Transaction(false)
  @Returns('string')
  async document(context: TransactionContext, trial: string, digest: string): Promise<string> {
    checkTrial(trial);
    if (!isDigest(digest)) throw invalid('digest', 'must be 256 bits in 64 lower-case hexadecimal digits');
    const registered = await documentOfDigest(context.ledger, trial, digest);
    const { document, kind: documentKind, version, organization, instant } = registered;
    const subject: ProvenSubject = {
      kind: 'document',
      trial,
      document,
      documentKind,
      version,
      digest,
      organization,
      instant,
    };
    return statement(context, subject, registered.beat);
  }

  /** That a version of a trial's record was registered. */
  @Transaction(false)
  @Returns('string')
  async version(context: TransactionContext, trial: string, version: string): Promise<string> {
    checkTrial(trial);
    if (!/^[1-9]\d{0,5}$/.test(version)) throw invalid('version', 'must be the number of a version');
    const number = Number(version);
    const entry = await context.ledger.get(trialVersionKey(trial, number));
    if (!entry) {
      throw new VitaledgerError('NOT_FOUND', 'No such version of a trial is registered here.', {
        what: 'version',
        trial,
      });
    }
    const { digest, organization, instant } = entry;
    const subject: ProvenSubject = {
      kind: 'trial-version',
      trial,
      version: number,
      digest,
      organization,
      instant,
    };
    return statement(context, subject, entry.beat);
  }
}

/** By this number only: what leads from others to it would be read too, and need a proof of its own. */
function checkTrial(trial: string): void {
  if (!isTrialNumber(trial)) throw invalid('trial', "must be the registry's own number of the trial (VL-…)");
}

async function statement(
  context: TransactionContext,
  subject: ProvenSubject,
  beat: number | undefined,
): Promise<string> {
  const { ledger } = context;
  const consortium = withoutRulebook(await adoptedDocument(ledger));
  checkEndorserTime(ledger.timestamp, context.peerTime(), consortium.clock);
  if (beat === undefined) throw withoutBeats();
  const after = await ledger.get(beatKey(beat));
  if (!after) throw withoutBeats();
  const before = await boundingBeat(ledger, beat);
  const proven: ProofStatement = {
    format: PROOF_STATEMENT,
    subject,
    after,
    before,
    proved: ledger.timestamp,
    consortium,
  };
  return canonicalJson(proven);
}

/** The second beat after a registration; both are read, so that the versions in the read set show their order. */
async function boundingBeat(ledger: Ledger, beat: number): Promise<RecordedBeat> {
  let bounding: RecordedBeat | undefined;
  for (let number = beat + 1; number <= beat + BEATS_UNTIL_BOUNDED; number++) {
    bounding = await ledger.get(beatKey(number));
    if (!bounding) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        `The channel's clock must beat ${BEATS_UNTIL_BOUNDED} times after a registration before it can be proved; try again in a few minutes.`,
        { reason: 'NOT_YET_BOUNDED', beat: beat + BEATS_UNTIL_BOUNDED },
      );
    }
  }
  if (!bounding) throw withoutBeats();
  return bounding;
}

function withoutBeats(): VitaledgerError {
  return new VitaledgerError(
    'PRECONDITION_FAILED',
    'It was registered before the ledger kept the beats of its clock; register it again to prove it from then on.',
    { reason: 'BEATS_NOT_KEPT' },
  );
}
