import {
  isInspected,
  mayUsePurpose,
  withoutKeyShare,
  receiptExpiry,
  VitaledgerError,
  type InspectionDocument,
  type InspectionRequest,
  type PatientHead,
} from '@vitaledger/domain';
import { denied, type ActingPerson } from '../authorization/acting-person.js';
import { refuseOthers } from '../access/receipt-holder.js';
import type { TransactionContext } from '../contract/transaction-context.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { inspectionKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { logAccess } from '../notifications/notify.js';
import { DEFAULT_PAGE, page, type Page } from '../ledger/page.js';
import { versionsOf } from './version-history.js';

/** Refuses a purpose that is not the role's, and contents to everyone but an auditor. */
export function checkOffice({ person }: ActingPerson, { purpose, scope }: InspectionRequest): void {
  if (!mayUsePurpose(person.role, purpose)) {
    throw denied(
      `The role ${person.role} may not look at records for the purpose ${purpose}.`,
      'PURPOSE_NOT_OF_ROLE',
    );
  }
  if (scope === 'content' && person.role !== 'auditor') {
    throw denied(
      'Contents are opened to an auditor, or by AccessContract:request under consent.',
      'AUDITORS_ONLY',
    );
  }
}

/** Writes the inspection and, for the patient, its log entry: blind writes to keys of this transaction. */
export async function openInspection(
  ledger: Ledger,
  { person, via }: ActingPerson,
  head: PatientHead,
  { salt, ...request }: InspectionRequest,
  instant: string,
): Promise<string> {
  const receipt = ledger.transactionId;
  const who = via === undefined ? { actor: person } : { actor: person, via };
  await ledger.putPrivate(inspectionKey(receipt), {
    receipt,
    request,
    ...who,
    instant,
    expires: receiptExpiry(instant),
    salt: derivedSalt(salt, 'receipt'),
  });
  const { scope, purpose, filter } = request;
  const entry = {
    instant,
    ...who,
    scope,
    purpose,
    filter,
    outcome: 'permit' as const,
    inspection: true as const,
    rules: [],
  };
  await logAccess(ledger, head, entry, salt);
  return receipt;
}

/**
 * The inspection, if it is the caller's own and has not expired by this peer's clock.
 *
 * @throws VitaledgerError `NOT_FOUND`, `PERMISSION_DENIED`, `EXPIRED`.
 */
export async function ownInspection(
  context: TransactionContext,
  receipt: string,
  named: unknown,
): Promise<InspectionDocument> {
  const inspection = await context.ledger.getPrivate(inspectionKey(receipt));
  if (!inspection) {
    throw new VitaledgerError(
      'NOT_FOUND',
      'This custodian knows no such inspection; ask RecordContract:inspect for one.',
      { what: 'inspection' },
    );
  }
  await refuseOthers(context, inspection, named);
  if (context.peerTime() >= inspection.expires) {
    throw new VitaledgerError('EXPIRED', 'The inspection has expired; ask for a new one.', { receipt });
  }
  return inspection;
}

/** One page of what an inspection shows. */
export function inspectedPage(
  ledger: Ledger,
  { request: { patient, filter, scope } }: InspectionDocument,
  { pageSize = DEFAULT_PAGE, bookmark: after }: { readonly pageSize?: number; readonly bookmark?: string },
): Promise<Page<object>> {
  return page(versionsOf(ledger, patient, filter, after), pageSize, (version) => {
    if (!isInspected(version, filter)) return undefined;
    return scope === 'content' ? version : withoutKeyShare(version);
  });
}
