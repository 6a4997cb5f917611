import { createHash, randomBytes } from 'node:crypto';
import {
  randomizationCommitment,
  VitaledgerError,
  type AnalysisRecord,
  type CommittedList,
  type TrialDocumentVersion,
  type Unblinding,
} from '@vitaledger/domain';
import { RegistryCalls } from '../session/registry-calls.js';
import { vaultOf, type OperationOptions, type Session } from '../session/session.js';
import type { Content } from '../vault/chunks.js';
import type { ErasableStore } from '../vault/vault.js';

export type { CommittedList, RegisteredMoment, Unblinding } from '@vitaledger/domain';

/** What a trial committed to before it knew its results. */
export interface TrialAnalysisRecord extends AnalysisRecord {
  readonly trial: string;
  /** Every version of its analysis plan, the earliest first; one that came after the unblinding is late. */
  readonly plans: readonly (TrialDocumentVersion & { readonly late: boolean })[];
}

/** What is kept of a list until it is revealed. */
interface SecretList {
  readonly digest: string;
  readonly salt: string;
}

/** Randomization lists, committed and revealed; and unblinding, which needs an analysis plan before it. */
export class TrialAnalysis {
  readonly #session: Session;
  readonly #calls: RegistryCalls;

  constructor(session: Session) {
    this.#session = session;
    this.#calls = new RegistryCalls(session, 'TrialAnalysisContract');
  }

  /**
   * Commits to a randomization list. The list stays where it is; digest and salt are kept in the own organization's vault, until
   * {@link revealList} shows them.
   */
  async commitList(
    trial: string,
    list: Content,
    options: OperationOptions = {},
  ): Promise<{
    readonly trial: string;
    readonly list: number;
    readonly late: boolean;
    readonly commitment: string;
  }> {
    const secret: SecretList = { digest: await digestOfContent(list), salt: randomBytes(32).toString('hex') };
    const commitment = randomizationCommitment(secret.digest, secret.salt);
    // Kept first: a commitment whose salt is lost can never be revealed.
    await this.#secrets().put(commitment, Buffer.from(JSON.stringify(secret)));
    const committed = await this.#calls.submit('commitList', [trial, commitment], options);
    return { ...(committed as { trial: string; list: number; late: boolean }), commitment };
  }

  /**
   * Records that the data were unblinded for analysis.
   *
   * @param plan digest of the registered analysis plan; `none` declares, for ever, that there was none
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `NO_ANALYSIS_PLAN` when no plan of this digest is registered
   */
  async unblind(
    trial: string,
    { plan, reason }: { readonly plan: string; readonly reason: string },
    options: OperationOptions = {},
  ): Promise<Unblinding & { readonly trial: string }> {
    return (await this.#calls.submit('unblind', [trial, plan, reason], options)) as Unblinding & {
      trial: string;
    };
  }

  /**
   * Shows which list was committed to, after the unblinding.
   *
   * @throws VitaledgerError `NOT_FOUND` when this vault does not have its salt
   */
  async revealList(trial: string, list: number, options: OperationOptions = {}): Promise<void> {
    const { commitment } = await this.#list(trial, list, options);
    const kept = await this.#secrets().get(commitment);
    if (!kept) {
      throw new VitaledgerError(
        'NOT_FOUND',
        'This vault has no salt of that list: it was committed to with another one',
        { what: 'salt', commitment },
      );
    }
    const { digest, salt } = JSON.parse(Buffer.from(kept).toString('utf8')) as SecretList;
    await this.#calls.submit('revealList', [trial, String(list), digest, salt], options);
  }

  /**
   * Holds a list against what was committed to. Nothing of the ledger's conclusion is relied on: the commitment is computed anew.
   *
   * @throws VitaledgerError `INTEGRITY` when it is another list, `PRECONDITION_FAILED` while it is not revealed
   */
  async verifyList(
    trial: string,
    list: number,
    content: Content,
    options: OperationOptions = {},
  ): Promise<CommittedList> {
    const committed = await this.#list(trial, list, options);
    if (!committed.revealed) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        'The list has not been revealed: without its salt nobody can check it',
        { trial, list },
      );
    }
    const digest = await digestOfContent(content);
    if (randomizationCommitment(digest, committed.revealed.salt) !== committed.commitment) {
      throw new VitaledgerError('INTEGRITY', 'This is not the randomization list that was committed to', {
        trial,
        list,
        digest,
        committed: committed.revealed.digest,
      });
    }
    return committed;
  }

  /** What the trial committed to, and when. */
  async get(trial: string, options: OperationOptions = {}): Promise<TrialAnalysisRecord> {
    return (await this.#calls.evaluate('get', [trial], options)) as TrialAnalysisRecord;
  }

  async #list(trial: string, number: number, options: OperationOptions): Promise<CommittedList> {
    const { lists } = await this.get(trial, options);
    const list = lists[number - 1];
    if (list) return list;
    throw new VitaledgerError('NOT_FOUND', `The trial has no randomization list ${number}`, {
      what: 'list',
      lists: lists.length,
    });
  }

  #secrets(): ErasableStore {
    return vaultOf(this.#session, this.#session.mspId).store('randomization');
  }
}

async function digestOfContent(content: Content): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of content instanceof Uint8Array ? [content] : content) hash.update(bytes);
  return hash.digest('hex');
}
