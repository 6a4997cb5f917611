import {
  isId,
  isMspId,
  orderCommitment,
  orderSecrets,
  VitaledgerError,
  type OrderCancellation,
  type OrderKind,
  type OrderSide,
  type OrderState,
  type PlacedOrder,
  type PlacedState,
  type RecordMetadata,
} from '@vitaledger/domain';
import { ReleasedRecord } from '../access/released-record.js';
import { AnswerKey } from '../disclosure/answer-key.js';
import { reasonOf, type ChangeOptions } from '../records/correction.js';
import { answer } from '../session/answer.js';
import { newId, newSalt, newSecret } from '../session/random.js';
import { actorOf, vaultOf, type OperationOptions, type Session } from '../session/session.js';
import type { Committed } from '../transaction/index.js';

/** What is ordered, of whom. */
export interface Ordering {
  readonly kind: OrderKind;
  /** The patient at one's own organization. */
  readonly patient: string;
  /** MSP id of the laboratory, or of who takes over. */
  readonly performer: string;
  /** The order as it was registered: a ServiceRequest. */
  readonly request: string;
  /** Records of the patient that travel with it. */
  readonly records?: readonly string[];
  /** From then on nobody can take it up any more; 180 days from now unless told. */
  readonly validUntil?: Date;
}

const ORDER_LIFE_MS = 180 * 86_400_000;

/** What the performer is handed, by whatever way orders go between the two (message, paper, the patient). */
export interface OrderTicket {
  readonly kind: OrderKind;
  /** MSP id of who ordered. */
  readonly requester: string;
  readonly order: string;
  /** Opens the order at the requester's organization. */
  readonly secret: string;
  /** By what the performer's organization will know who may have the result. */
  readonly opens: string;
  /** From then on it can no longer be accepted. */
  readonly validUntil: string;
}

/** An order, for who placed it. Any practitioner of the organization can have it again ({@link Orders.placed}). */
export interface Order {
  readonly order: string;
  readonly performer: string;
  readonly ticket: OrderTicket;
  /** Opens what comes of it at the performer's organization. */
  readonly reportSecret: string;
}

/** An order as the list of one's own organization has it. */
export interface Placement {
  readonly order: string;
  readonly kind: OrderKind;
  /** MSP id. */
  readonly performer: string;
  readonly placed: string;
  readonly validUntil: string;
  /** `expired`: it can no longer be taken up; whether it was before, its performer knows ({@link Orders.status}). */
  readonly state: PlacedState;
}

export interface PlacementsQuestion extends OperationOptions {
  readonly state?: PlacedState;
}

/** What one side of an order opened to the other. */
export interface HandedOver {
  readonly receipt: string;
  readonly critical: boolean;
  readonly records: readonly ReleasedRecord[];
}

/** How far an order is. */
export interface OrderStatus {
  /**
   * `unaccepted`: it can no longer be accepted, and the performer's peer that answered knows of nobody who did. One that is behind
   * may not know yet: who must be sure asks again.
   */
  readonly state: OrderState | 'unaccepted';
  readonly critical: boolean;
}

/** An order as its performer sees it. */
export interface PerformedOrder {
  readonly state: OrderState;
  /** MSP id of who ordered. */
  readonly requester: string;
  readonly cancelled?: OrderCancellation;
}

/** A result that nobody has acknowledged. */
export interface UnacknowledgedResult {
  readonly order: string;
  /** MSP id of whom to call. */
  readonly requester: string;
  readonly critical: boolean;
  readonly resulted: string;
}

export interface ResultOptions extends OperationOptions {
  /** Somebody must act at once. */
  readonly critical?: boolean;
}

export interface PlaceOptions extends OperationOptions {
  /** Only asks whether the contract would take it: everything is checked, nothing is written. The ticket opens nothing. */
  readonly dryRun?: boolean;
}

export interface UnacknowledgedQuestion extends OperationOptions {
  readonly critical?: boolean;
  /** Results from before this instant: those that should have been acknowledged by now. */
  readonly before?: Date;
}

/** Laboratory orders and referrals. */
export class Orders {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Places an order at one's own organization.
   *
   * @returns the order; hand its `ticket` to the performer
   * @throws VitaledgerError `NOT_FOUND` (no such patient or record), `PERMISSION_DENIED`, `INVALID_ARGUMENT`
   * @example
   * ```typescript
   * const order = await doctor.orders.place({ kind: 'laboratory', patient, performer: 'LabMSP', request });
   * ```
   */
  async place(ordering: Ordering, { dryRun = false, ...options }: PlaceOptions = {}): Promise<Order> {
    const { kind, patient, performer, request, records = [] } = ordering;
    const validUntil = (ordering.validUntil ?? new Date(Date.now() + ORDER_LIFE_MS)).toISOString();
    const [order, secret] = [newId(), newSecret()];
    const input = {
      order,
      kind,
      patient,
      performer,
      records: [request, ...records],
      secret,
      validUntil,
      salt: newSalt(),
    };
    if (dryRun) {
      const call = {
        function: 'OrderContract:place',
        custodian: this.#session.mspId,
        input: this.#acting(input),
      };
      await this.#session.channel('care').evaluate(call, { ...options, needsRecentState: true });
    } else await this.#submit('OrderContract:place', this.#session.mspId, input, options);
    return orderOf({ order, kind, performer, secret, validUntil }, this.#session.mspId);
  }

  /** An order that one's own organization placed. */
  async placed(order: string, options: OperationOptions = {}): Promise<Order> {
    const found = await this.#evaluate('OrderContract:placed', this.#session.mspId, { order }, options);
    return orderOf(found as PlacedOrder, this.#session.mspId);
  }

  /**
   * Opens what a ticket is for: the order, and the records that travel with it.
   *
   * @throws VitaledgerError `PERMISSION_DENIED` (`BAD_SECRET`, `NOT_THE_PARTNER`), `NOT_FOUND`, `EXPIRED`
   */
  async request(ticket: OrderTicket, options: OperationOptions = {}): Promise<HandedOver> {
    checkTicket(ticket);
    const { requester, order, secret } = ticket;
    return this.#open(requester, { order, side: 'request', secret }, options);
  }

  /**
   * Accepts an order by one's own organization.
   *
   * @param patient the patient at one's own organization.
   * @throws VitaledgerError `NOT_FOUND`, `ALREADY_EXISTS`, `PERMISSION_DENIED`, `EXPIRED`
   */
  async accept(ticket: OrderTicket, patient: string, options: OperationOptions = {}): Promise<void> {
    checkTicket(ticket);
    const { kind, requester, order, opens, validUntil } = ticket;
    const input = { order, kind, requester, patient, opens, validUntil, salt: newSalt() };
    await this.#submit('OrderContract:accept', this.#session.mspId, input, options);
  }

  /**
   * Says what came of an order: records registered by one's own organization. The patient is notified.
   *
   * @throws VitaledgerError `INVALID_ARGUMENT` (no DiagnosticReport among a laboratory's), `PRECONDITION_FAILED`
   *   (`RESULTED`), `NOT_FOUND`
   */
  async result(
    order: string,
    records: readonly string[],
    { critical = false, ...options }: ResultOptions = {},
  ): Promise<void> {
    const input = { order, records, critical, salt: newSalt() };
    await this.#submit('OrderContract:result', this.#session.mspId, input, options);
  }

  /**
   * How far the performer is.
   *
   * @throws VitaledgerError `NOT_FOUND` while nobody is known to have accepted it and it has not expired
   */
  async status(
    { order, performer, reportSecret, ticket }: Order,
    options: OperationOptions = {},
  ): Promise<OrderStatus> {
    const input = { order, secret: reportSecret };
    try {
      return (await this.#evaluate('OrderContract:status', performer, input, options)) as OrderStatus;
    } catch (error) {
      const isUnknown = error instanceof VitaledgerError && error.code === 'NOT_FOUND';
      if (!isUnknown || new Date().toISOString() < ticket.validUntil) throw error;
      return { state: 'unaccepted', critical: false };
    }
  }

  /** The orders that one's own organization placed, by id. */
  async *placements({ state, ...options }: PlacementsQuestion = {}): AsyncGenerator<Placement> {
    let bookmark = '';
    do {
      const input = { ...(state === undefined ? {} : { state }), ...(bookmark === '' ? {} : { bookmark }) };
      const page = await this.#evaluate('OrderContract:placements', this.#session.mspId, input, options);
      const { orders, ...rest } = page as { orders: Placement[]; bookmark: string };
      yield* orders;
      bookmark = rest.bookmark;
    } while (bookmark !== '');
  }

  /**
   * The orders of one's own organization that nobody is known to have taken up in time: each is asked of its performer, whose peer may
   * be behind ({@link OrderStatus}). For practitioners.
   */
  async *expired(options: OperationOptions = {}): AsyncGenerator<Placement> {
    for await (const placement of this.placements({ state: 'expired', ...options })) {
      const { state } = await this.status(await this.placed(placement.order, options), options);
      if (state === 'unaccepted') yield placement;
    }
  }

  /**
   * Calls an order off, at the performer's organization first: there it is decided whether that came in time. Call it again after an interruption.
   *
   * @param options `reason`: why; the performer reads it
   * @throws VitaledgerError `PRECONDITION_FAILED` (`RESULTED`) when there is a result already, `UNAVAILABLE`, `PERMISSION_DENIED`
   */
  async cancel({ order, performer, reportSecret }: Order, options: ChangeOptions): Promise<void> {
    const why = () => ({ order, ...reasonOf(options), salt: newSalt() });
    const there = { ...why(), secret: reportSecret };
    await unlessCancelled(this.#submit('OrderCancellationContract:cancel', performer, there, options));
    const here = this.#session.mspId;
    await unlessCancelled(this.#submit('OrderCancellationContract:revoke', here, why(), options));
  }

  /** How far an order is that one's own organization performs, and why it was called off if it was. */
  async task(order: string, options: OperationOptions = {}): Promise<PerformedOrder> {
    const found = await this.#evaluate('OrderContract:task', this.#session.mspId, { order }, options);
    return found as PerformedOrder;
  }

  /**
   * Opens what came of an order.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` (`NO_RESULT`), `PERMISSION_DENIED`
   */
  async report(
    { order, performer, reportSecret }: Order,
    options: OperationOptions = {},
  ): Promise<HandedOver> {
    return this.#open(performer, { order, side: 'report', secret: reportSecret }, options);
  }

  /** Tells the performer that the result was seen; a critical one stays flagged there until then. */
  async acknowledge(
    { order, performer, reportSecret }: Order,
    options: OperationOptions = {},
  ): Promise<void> {
    const input = { order, secret: reportSecret, salt: newSalt() };
    await this.#submit('OrderContract:acknowledge', performer, input, options);
  }

  /** The results of one's own organization that nobody has acknowledged yet. */
  async *unacknowledged(question: UnacknowledgedQuestion = {}): AsyncGenerator<UnacknowledgedResult> {
    const { critical, before, ...options } = question;
    let bookmark = '';
    do {
      const input = {
        ...(critical === undefined ? {} : { critical }),
        ...(before === undefined ? {} : { before: before.toISOString() }),
        ...(bookmark === '' ? {} : { bookmark }),
      };
      const page = await this.#evaluate('OrderContract:awaited', this.#session.mspId, input, options);
      const { results, ...rest } = page as { results: UnacknowledgedResult[]; bookmark: string };
      yield* results;
      bookmark = rest.bookmark;
    } while (bookmark !== '');
  }

  async #open(
    custodian: string,
    shown: { readonly order: string; readonly side: OrderSide; readonly secret: string },
    options: OperationOptions,
  ): Promise<HandedOver> {
    const key = await AnswerKey.generate();
    const input = { ...shown, encryptionKey: key.publicJwk, salt: newSalt() };
    const { result } = await this.#submit('OrderContract:show', custodian, input, options);
    const { receipt } = answer(result) as { receipt: string };
    const { jwe } = (await this.#evaluate('OrderContract:open', custodian, { receipt }, options)) as {
      jwe: string;
    };
    const opened = (await key.open(jwe)) as {
      receipt: string;
      order: string;
      critical: boolean;
      records: RecordMetadata[];
    };
    if (opened.receipt !== receipt || opened.order !== shown.order) {
      throw new VitaledgerError('INTEGRITY', 'The answer belongs to another order than this one', {
        receipt,
      });
    }
    const vault = () => vaultOf(this.#session, custodian);
    return {
      receipt,
      critical: opened.critical,
      records: opened.records.map((record) => new ReleasedRecord(record, vault)),
    };
  }

  #acting(input: object): object {
    return { ...input, ...actorOf(this.#session) };
  }

  #submit(name: string, custodian: string, input: object, { signal }: OperationOptions): Promise<Committed> {
    const call = { function: name, custodian, input: this.#acting(input) };
    return this.#session.channel('care').submit(call, { signal, needsRecentState: true });
  }

  async #evaluate(
    name: string,
    custodian: string,
    input: object,
    options: OperationOptions,
  ): Promise<unknown> {
    const call = { function: name, custodian, input: this.#acting(input) };
    return answer(await this.#session.channel('care').evaluate(call, { ...options, needsRecentState: true }));
  }
}

/** Calling off what was called off before, by an earlier attempt, is no error. */
async function unlessCancelled(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof VitaledgerError && error.details.reason === 'CANCELLED')) throw error;
  }
}

function orderOf(
  placed: Pick<PlacedOrder, 'order' | 'kind' | 'performer' | 'secret' | 'validUntil'>,
  requester: string,
): Order {
  const { order, kind, performer, secret, validUntil } = placed;
  const { request, report } = orderSecrets(order, secret);
  const ticket = { kind, requester, order, secret: request, opens: orderCommitment(report), validUntil };
  return { order, performer, ticket, reportSecret: report };
}

function checkTicket({ requester, order }: OrderTicket): void {
  if (!isMspId(requester) || !isId(order)) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'This is not the ticket of an order; ask who placed it');
  }
}
