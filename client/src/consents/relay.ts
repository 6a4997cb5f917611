import { VitaledgerError } from '@vitaledger/domain';
import type { SignedStatement } from '../patient/declaration.js';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import { newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';
import { deliver, type DeliveryReport } from './delivery.js';
import { readHeld } from './held.js';

/** A signed statement, and whom it is delivered for. */
export interface StatementDelivery {
  readonly statement: SignedStatement;
  /** The patient at each custodian that it is to be delivered to now; all that it is addressed to, or some. */
  readonly patients: readonly PatientToken[];
  /** Of who signed: told what was accepted, so that the next statement follows; asks whether a custodian has it already. */
  readonly key?: PatientKey | undefined;
}

/**
 * Delivers a signed statement to custodians, each in a transaction of its own. With `key`, a custodian that has it already
 * (from an attempt whose answer was lost) counts as one that accepted it.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` for a custodian that it is not addressed to; refusals are in the report
 */
export async function relay(
  session: Session,
  name: 'grant' | 'declare',
  { statement, patients, key }: StatementDelivery,
  options: OperationOptions,
): Promise<DeliveryReport> {
  for (const { custodian } of patients) checkAddressed(statement, custodian);
  return deliver(patients, async (token) => {
    const { custodian, patient } = token;
    const input = { patient, statement: statement.jws, salt: newSalt(), ...actorOf(session) };
    const call = { function: `ConsentContract:${name}`, custodian, input };
    try {
      const { transactionId } = await session.channel('care').submit(call, options);
      key?.accepted(token, statement);
      return transactionId;
    } catch (error) {
      if (key && isNotNext(error) && (await isLastAccepted(session, statement, token, key, options))) {
        return undefined;
      }
      throw error;
    }
  });
}

function isNotNext(error: unknown): boolean {
  return error instanceof VitaledgerError && error.details.reason === 'NOT_NEXT_IN_CHAIN';
}

/**
 * Whether a statement was refused only because the custodian has it: it is in force, or was the last one accepted. Asking
 * brings the key's memory of the chain up to date too.
 */
async function isLastAccepted(
  session: Session,
  { jws, digest }: SignedStatement,
  token: PatientToken,
  key: PatientKey,
  options: OperationOptions,
): Promise<boolean> {
  const { consents, prohibitions, previous } = await readHeld(session, token, key, options);
  return previous === digest || [...consents, ...(prohibitions ?? [])].some((held) => held.jws === jws);
}

function checkAddressed({ custodians }: SignedStatement, custodian: string): void {
  if (!custodians[custodian]) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `The statement is not addressed to ${custodian}; it would refuse it. Sign one that names it among its custodians`,
    );
  }
}
