import { VitaledgerError } from '@vitaledger/domain';
import type { PatientToken } from '../patient/patient-token.js';
import { TransactionError } from '../transaction/index.js';

/** `unknown`: the custodian may or may not have it; list what it holds before delivering again. */
export type DeliveryStatus = 'accepted' | 'failed' | 'unknown';

/** What became of a statement at one custodian. */
export interface Delivery {
  /** MSP id. */
  readonly custodian: string;
  readonly status: DeliveryStatus;
  /** Of the transaction, when there was one. */
  readonly transactionId?: string;
  /** Why it was not accepted. */
  readonly error?: VitaledgerError;
}

/** How a delivery to several custodians went. */
export class DeliveryReport {
  readonly deliveries: readonly Delivery[];

  constructor(deliveries: readonly Delivery[]) {
    this.deliveries = deliveries;
  }

  /** Whether every custodian has it. */
  get complete(): boolean {
    return this.missing.length === 0;
  }

  /** MSP ids of the custodians that have it. */
  get accepted(): readonly string[] {
    return this.deliveries.filter(({ status }) => status === 'accepted').map(({ custodian }) => custodian);
  }

  /** MSP ids of the custodians that do not have it, or may not. */
  get missing(): readonly string[] {
    return this.deliveries.filter(({ status }) => status !== 'accepted').map(({ custodian }) => custodian);
  }

  /** For a person: `2 of 3 custodians have it; missing: PharmacyMSP (UNAVAILABLE)`. */
  toString(): string {
    const missing = this.deliveries
      .filter(({ status }) => status !== 'accepted')
      .map(
        ({ custodian, status, error }) =>
          `${custodian} (${status === 'unknown' ? 'unknown' : (error?.code ?? status)})`,
      );
    const count = `${this.accepted.length} of ${this.deliveries.length} custodians have it`;
    return missing.length === 0 ? count : `${count}; missing: ${missing.join(', ')}`;
  }
}

/**
 * Delivers to all custodians at the same time; one that fails holds up no other.
 *
 * @param send returns the transaction's id, or undefined when the custodian had it already
 */
export async function deliver(
  patients: readonly PatientToken[],
  send: (token: PatientToken) => Promise<string | undefined>,
): Promise<DeliveryReport> {
  const deliveries = await Promise.all(
    patients.map(async (token): Promise<Delivery> => {
      try {
        const transactionId = await send(token);
        const { custodian } = token;
        return { custodian, status: 'accepted', ...(transactionId === undefined ? {} : { transactionId }) };
      } catch (error) {
        return failedDelivery(token.custodian, error);
      }
    }),
  );
  return new DeliveryReport(deliveries);
}

/** Anything else than a typed refusal is a defect, and is not reported as if a custodian had refused. */
function failedDelivery(custodian: string, error: unknown): Delivery {
  if (error instanceof TransactionError) {
    const { fate, transactionId } = error;
    return { custodian, status: fate, transactionId, error };
  }
  if (error instanceof VitaledgerError) {
    return { custodian, status: 'failed', error };
  }
  throw error;
}
