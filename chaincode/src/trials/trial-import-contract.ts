import { canonicalJson, checkShape } from '@vitaledger/domain';
import * as v from 'valibot';
import { admit } from '../authorization/admission.js';
import { ledgerMoment } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { readJson } from '../ledger/json-text.js';
import { trialKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { numberTaken, putNewTrials, type NewTrial } from './new-trials.js';
import { aboutRecord, readRecords } from './public-text.js';
import { claimIdentifiers, trialNumber, trialOf } from './trial-store.js';

const numbersShape = v.pipe(
  v.array(v.string()),
  v.minLength(1, 'must not be empty'),
  v.maxLength(1000, 'must be at most 1,000'),
);

/** Registers many trials at once, each as if it were registered alone. */
@Info({ title: 'TrialImportContract', description: 'Registration of many clinical trials at once' })
export class TrialImportContract extends VitaledgerContract {
  constructor() {
    super('TrialImportContract');
  }

  /** Submits trials, all or none; they have numbers in a row, in the order of their records. */
  @Transaction()
  @Returns('string')
  async register(context: TransactionContext, records: string): Promise<string> {
    const { ledger } = context;
    const read = readRecords(records);
    const { document, person } = await admit(context, 'TrialImportContract:register');
    const moment = await ledgerMoment(ledger, document);
    const trials = read.map((checked, index) => ({
      id: numberInBatch(ledger.transactionId, index),
      ...checked,
    }));
    if (await ledger.get(trialKey(numberInBatch(ledger.transactionId, 0)))) throw numberTaken();
    await claimAll(ledger, person.mspId, trials);
    await putNewTrials(ledger, trials, { ...moment, organization: person.mspId, role: person.role });
    return canonicalJson({ trials: trials.map(({ id }) => id) });
  }

  /** Which trials have these numbers (not this registry's own): of each, in their order, this registry's; empty where there is none. */
  @Transaction(false)
  @Returns('string')
  async find(context: TransactionContext, numbers: string): Promise<string> {
    const asked = checkShape(numbersShape, readJson(numbers, 'numbers'), 'numbers');
    const trials: string[] = [];
    for (const number of asked) trials.push((await trialOf(context.ledger, number)) ?? '');
    return canonicalJson({ trials });
  }
}

/** Numbers of one transaction differ in their last two digits only. */
function numberInBatch(transactionId: string, index: number): string {
  return `${trialNumber(transactionId)}-${index.toString(16).padStart(2, '0')}`;
}

async function claimAll(ledger: Ledger, sponsor: string, trials: readonly NewTrial[]): Promise<void> {
  const claimed = new Set<string>();
  for (const [index, { id, record }] of trials.entries()) {
    try {
      await claimIdentifiers(ledger, { id, sponsor }, record, claimed);
    } catch (error) {
      throw aboutRecord(error, index);
    }
  }
}
