import {
  canonicalJson,
  isDigest,
  text,
  VitaledgerError,
  type MedicalActor,
  type ReceiptDocument,
} from '@vitaledger/domain';
import { actingPerson, denied } from '../authorization/acting-person.js';
import { adoptedDocument } from '../consortium/adopted-document.js';
import type { StoredDocument } from '../consortium/stored-document.js';
import type { TransactionContext } from '../contract/transaction-context.js';
import { receiptKey } from '../ledger/keys.js';

/** A receipt's id: the transaction id of its request. */
export const receiptShape = text(
  isDigest,
  'must be the receipt that request returned: 64 hexadecimal digits',
);

/**
 * The receipt and the consortium document, if the caller is who requested it: the same person in the same role, by the same service if by one, of an
 * organization that is still an active member and may still vouch for the role.
 *
 * @param named `input.actor`: a service that asked for somebody must say again for whom, so that it cannot hand one
 * person's receipt to another by mistake.
 * @throws VitaledgerError `NOT_FOUND`, `PERMISSION_DENIED`.
 */
export async function ownReceipt(
  context: TransactionContext,
  id: string,
  named: unknown,
): Promise<{ readonly receipt: ReceiptDocument; readonly document: StoredDocument }> {
  const receipt = await context.ledger.getPrivate(receiptKey(id));
  if (!receipt) {
    throw new VitaledgerError(
      'NOT_FOUND',
      'This custodian has no such receipt; ask the custodian to which the request was made.',
      { what: 'receipt' },
    );
  }
  return { receipt, document: await refuseOthers(context, receipt, named) };
}

/** Throws PERMISSION_DENIED unless the caller is who made the request: see {@link ownReceipt}. Returns the consortium document. */
export async function refuseOthers(
  { caller, ledger }: TransactionContext,
  { actor, via }: { readonly actor: MedicalActor; readonly via?: string },
  named: unknown,
): Promise<StoredDocument> {
  const document = await adoptedDocument(ledger);
  const acting = actingPerson(caller, document, named);
  if (canonicalJson(acting.person) !== canonicalJson(actor) || acting.via !== via) {
    throw denied('Only who made the request may use its receipt.', 'NOT_THE_REQUESTER');
  }
  return document;
}
