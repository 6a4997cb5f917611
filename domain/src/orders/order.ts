import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { checkShape, closed, shapes } from '../json/shape.js';
import type { ChangeReason } from '../records/change.js';
import { checkPublicJwk, publicJwkShape, type PublicJwk } from '../statements/jwk.js';
import { orderCommitment, orderSecrets } from './secrets.js';
import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';

/** `laboratory`: something is to be examined. `referral`: somebody is to take over, with the records that travel along. */
export const ORDER_KINDS = ['laboratory', 'referral'] as const;

export type OrderKind = (typeof ORDER_KINDS)[number];

/** Which of the two handovers of an order: it, to its performer, or what came of it, to who ordered. */
export type OrderSide = 'request' | 'report';

/** What the requester's organization is told when an order is placed. */
export interface OrderPlacing {
  /** 128 random bits; known to both organizations. */
  readonly order: string;
  readonly kind: OrderKind;
  /** The patient at the requester's organization. */
  readonly patient: string;
  /** MSP id of who is to perform it. */
  readonly performer: string;
  /** Records of the patient there: first the order itself (class ServiceRequest), then those that travel with it. */
  readonly records: readonly string[];
  /** 256 random bits, from which those of both sides are derived. */
  readonly secret: string;
  /** From then on it is handed out to nobody and accepted by nobody; an order that was accepted before is performed. */
  readonly validUntil: string;
  readonly salt: string;
}

/** Who did something, when. */
export interface Deed {
  readonly instant: string;
  readonly actor: MedicalActor;
  readonly via?: string;
}

/** An order as the requester's organization keeps it. */
export interface PlacedOrder extends OrderPlacing {
  readonly placed: Deed;
  /** That it was called off; FHIR R4 calls such a ServiceRequest revoked. */
  readonly revoked?: OrderCancellation;
}

/** Who called an order off, when and why. */
export type OrderCancellation = Deed & { readonly reason: ChangeReason };

/** What the performer's organization is told when it accepts an order. */
export interface OrderAcceptance {
  readonly order: string;
  readonly kind: OrderKind;
  /** MSP id. */
  readonly requester: string;
  /** The patient at the performer's organization, which knows them by another id. */
  readonly patient: string;
  /** Commitment of the secret that opens what comes of it. */
  readonly opens: string;
  /** As the ticket says: from then on it can no longer be accepted. */
  readonly validUntil: string;
  readonly salt: string;
}

/** An order as the performer's organization keeps it. */
export interface OrderTask extends OrderAcceptance {
  readonly accepted: Deed;
  /** What came of it: records of the patient at the performer's organization. */
  readonly result?: Deed & { readonly records: readonly string[]; readonly critical: boolean };
  /** That who ordered has seen it. */
  readonly acknowledged?: Deed;
  /** That who ordered has called it off before there was a result; FHIR R4 calls such a Task cancelled. */
  readonly cancelled?: OrderCancellation;
}

/** An order that was called off before the performer's organization accepted it, so that it no longer can. */
export interface CancelledOrder extends Pick<OrderTask, 'order' | 'requester' | 'opens' | 'salt'> {
  readonly cancelled: OrderCancellation;
}

export function isAccepted(task: OrderTask | CancelledOrder): task is OrderTask {
  return 'accepted' in task;
}

/** What an order is at who placed it, who learns from the performer alone whether it was accepted. */
export const PLACED_STATES = ['placed', 'expired', 'cancelled'] as const;

export type PlacedState = (typeof PLACED_STATES)[number];

export function placedState({ revoked, validUntil }: PlacedOrder, instant: string): PlacedState {
  if (revoked) return 'cancelled';
  return instant >= validUntil ? 'expired' : 'placed';
}

/** @throws VitaledgerError `EXPIRED` from the end on. */
export function checkOrderInTime(validUntil: string, instant: string): void {
  if (instant >= validUntil) {
    throw new VitaledgerError('EXPIRED', 'The order has expired; ask who placed it for a new one.');
  }
}

export type OrderState = 'accepted' | 'resulted' | 'acknowledged' | 'cancelled';

export function orderState(task: OrderTask | CancelledOrder): OrderState {
  if (!isAccepted(task) || task.cancelled) return 'cancelled';
  const { result, acknowledged } = task;
  if (acknowledged) return 'acknowledged';
  return result ? 'resulted' : 'accepted';
}

/** A result that nobody has acknowledged yet, as the performer's list of those names it. */
export interface AwaitedAcknowledgement {
  readonly order: string;
  readonly requester: string;
  readonly critical: boolean;
  readonly resulted: string;
  readonly salt: string;
}

/** Who showed a secret, and to whom the answer is encrypted. */
export interface OrderReceipt extends Deed {
  readonly receipt: string;
  readonly order: string;
  readonly side: OrderSide;
  readonly encryptionKey: PublicJwk;
  readonly expires: string;
  readonly salt: string;
}

/** As many records as one handover may have. */
export const MAX_ORDER_RECORDS = 200;
/** Class of the record that an order is. */
export const ORDER_CLASS = 'ServiceRequest';
/** Class of the record that the result of a laboratory order must have among its own. */
export const REPORT_CLASS = 'DiagnosticReport';

const kind = v.picklist(ORDER_KINDS, `must be one of ${ORDER_KINDS.join(', ')}`);

const records = v.pipe(
  v.array(shapes.id),
  v.minLength(1, 'must have at least one entry'),
  v.maxLength(MAX_ORDER_RECORDS, `must have at most ${MAX_ORDER_RECORDS} entries`),
  v.check((list) => new Set(list).size === list.length, 'must not repeat an entry'),
);

const placingShape = closed({
  order: shapes.id,
  kind,
  patient: shapes.id,
  performer: shapes.mspId,
  records,
  secret: shapes.digest,
  validUntil: shapes.instant,
  salt: shapes.salt,
});

const acceptanceShape = closed({
  order: shapes.id,
  kind,
  requester: shapes.mspId,
  patient: shapes.id,
  opens: shapes.digest,
  validUntil: shapes.instant,
  salt: shapes.salt,
});

const resultShape = closed({ order: shapes.id, records, critical: v.boolean(), salt: shapes.salt });

const showingShape = closed({
  order: shapes.id,
  side: v.picklist(['request', 'report'], 'must be request or report'),
  secret: shapes.digest,
  encryptionKey: publicJwkShape,
  salt: shapes.salt,
});

/** @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path. */
export function validatePlacing(input: unknown): OrderPlacing {
  return checkShape(placingShape, input, 'input');
}

/** @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path. */
export function validateAcceptance(input: unknown): OrderAcceptance {
  return checkShape(acceptanceShape, input, 'input');
}

/** @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path. */
export function validateResult(input: unknown): v.InferOutput<typeof resultShape> {
  return checkShape(resultShape, input, 'input');
}

/** @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path. */
export function validateShowing(input: unknown): v.InferOutput<typeof showingShape> {
  const showing = checkShape(showingShape, input, 'input');
  checkPublicJwk(showing.encryptionKey, 'input.encryptionKey');
  return showing;
}

/** What may be shown to whom of an order: its partner, the commitment of the secret, the patient and the records. */
export interface Handover {
  /** MSP id of the organization that may open it. */
  readonly partner: string;
  readonly opens: string;
  readonly patient: string;
  readonly records: readonly string[];
  /** Of the order itself: from then on it is shown to nobody. */
  readonly validUntil?: string;
}

/** The order itself, for its performer. */
export function requestHandover(placed: PlacedOrder): Handover {
  const { order, secret, performer, patient, records, validUntil } = placed;
  return {
    partner: performer,
    opens: orderCommitment(orderSecrets(order, secret).request),
    patient,
    records,
    validUntil,
  };
}

/** What came of it, for who ordered. Nothing yet is no records. */
export function reportHandover({ requester, opens, patient, result }: OrderTask): Handover {
  return { partner: requester, opens, patient, records: result?.records ?? [] };
}

/** Refuses records whose classes do not fit: an order is a ServiceRequest, a laboratory's result has a DiagnosticReport. */
export function checkOrderClasses(side: OrderSide, of: OrderKind, classes: readonly string[]): void {
  if (side === 'request' && classes[0] !== ORDER_CLASS) {
    throw invalid('input.records[0]', `must be a record of class ${ORDER_CLASS}`);
  }
  if (side === 'report' && of === 'laboratory' && !classes.includes(REPORT_CLASS)) {
    throw invalid('input.records', `must have a record of class ${REPORT_CLASS} among them`);
  }
}
