import {
  isDenied,
  reviewed,
  VitaledgerError,
  type EmergencyReview,
  type ReceiptDocument,
  type ReviewInput,
} from '@vitaledger/domain';
import type { ActingPerson } from '../authorization/acting-person.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { reviewKey, receiptKey, reviewsOf } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { DEFAULT_PAGE, page, type Page } from '../ledger/page.js';

/** Puts a glass that was broken into the queue of those who review it: a blind write, in the transaction of the request. */
export async function queueReview(ledger: Ledger, receipt: ReceiptDocument, salt: string): Promise<void> {
  const { request, instant, staleClock } = receipt;
  if (!request.emergency) return;
  const review: EmergencyReview = {
    receipt: receipt.receipt,
    patient: request.patient,
    instant,
    actor: receipt.actor,
    ...(receipt.via === undefined ? {} : { via: receipt.via }),
    purpose: request.purpose,
    reason: request.emergency.reason,
    outcome: isDenied(receipt) ? 'deny' : 'permit',
    ...(staleClock ? { staleClock } : {}),
    salt: derivedSalt(salt, 'review'),
  };
  await ledger.putPrivate(reviewKey('open', instant, receipt.receipt), review);
}

/** One page of the queue, oldest first, or of what was closed. */
export function reviewPage(
  ledger: Ledger,
  state: 'open' | 'closed',
  { pageSize = DEFAULT_PAGE, bookmark }: { readonly pageSize?: number; readonly bookmark?: string },
): Promise<Page<EmergencyReview>> {
  return page(ledger.rangePrivate(reviewsOf(state, bookmark)), pageSize, (review) => review);
}

/**
 * Takes a review up or closes it. What is closed moves out of the queue.
 *
 * @throws VitaledgerError `NOT_FOUND`, and as {@link reviewed} does.
 */
export async function takeReviewStep(
  ledger: Ledger,
  input: ReviewInput,
  { person, via }: ActingPerson,
  instant: string,
): Promise<void> {
  const receipt = await ledger.getPrivate(receiptKey(input.receipt));
  if (!receipt?.request.emergency) throw noReview();
  const open = reviewKey('open', receipt.instant, input.receipt);
  const closed = reviewKey('closed', receipt.instant, input.receipt);
  const review = (await ledger.getPrivate(open)) ?? (await ledger.getPrivate(closed));
  if (!review) throw noReview();
  const by = via === undefined ? { by: person, instant } : { by: person, via, instant };
  const next = reviewed(review, input, by);
  if (next.closed) await ledger.purgePrivate(open);
  await ledger.putPrivate(next.closed ? closed : open, next);
}

function noReview(): VitaledgerError {
  return new VitaledgerError('NOT_FOUND', 'This custodian has no review of such a receipt.', {
    what: 'review',
  });
}
