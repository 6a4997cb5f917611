import { VitaledgerError, type DataOffer, type DataRequest, type HeldDataSet } from '@vitaledger/domain';
import type { Ledger, PrivateKey, PublicKey, PublicRange } from '../ledger/ledger.js';

export function offerKey(trial: string, document: string): PublicKey<DataOffer> {
  return { public: `trial-data/${trial}/${document}` };
}

export function requestKey(request: string): PublicKey<DataRequest> {
  return { public: `data-request/${request}` };
}

/** The requests for a data set, the first one first; entries are named `<instant>/<request>`. */
export function requestsOf(trial: string, document: string, after?: string): PublicRange<number> {
  const from = after === undefined ? undefined : `${after}\u0000`;
  return { prefix: `data-requests/${trial}/${document}/`, from };
}

export function requestListKey(
  trial: string,
  document: string,
  { instant, request }: Pick<DataRequest, 'instant' | 'request'>,
): PublicKey<number> {
  return { public: `${requestsOf(trial, document).prefix}${instant}/${request}` };
}

/** At the sponsor. */
export function heldDataSetKey(trial: string, document: string): PrivateKey<HeldDataSet> {
  return { private: `data-set/${trial}/${document}` };
}

export async function offerOf(ledger: Ledger, trial: string, document: string): Promise<DataOffer> {
  const offer = await ledger.get(offerKey(trial, document));
  if (offer) return offer;
  throw new VitaledgerError('NOT_FOUND', 'The trial offers no such data set.', { what: 'offer', trial });
}

export async function requestOf(ledger: Ledger, request: string): Promise<DataRequest> {
  const entry = /^VR-[0-9a-f]{16}$/.test(request) ? await ledger.get(requestKey(request)) : undefined;
  if (entry) return entry;
  throw new VitaledgerError('NOT_FOUND', 'There is no such request for data.', { what: 'request' });
}
