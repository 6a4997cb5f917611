import type { FailedNode } from './transaction-error.js';
import { VitaledgerError, type ErrorCode, type ErrorDetails } from '@vitaledger/domain';

/** What a failed attempt means: the typed error to show, and whether a new attempt can help. */
export interface Verdict {
  readonly error: VitaledgerError;
  /** Why a new attempt can help; absent when it cannot. */
  readonly retry?: RetryReason;
  /** Who refused or failed. */
  readonly nodes?: readonly FailedNode[];
}

/**
 * - `PEERS_DIFFER`: endorsing peers were at different heights and disagreed.
 * - `UNAVAILABLE`: a peer or orderer did not answer.
 * - `CONFLICT`: another transaction changed what this one read.
 * - `NOT_YET_THERE`: the peer asked may not have what was committed a moment ago.
 */
export type RetryReason = 'PEERS_DIFFER' | 'UNAVAILABLE' | 'CONFLICT' | 'NOT_YET_THERE';

const deadlineExceeded = 4;

/**
 * gRPC status codes (https://grpc.io/docs/guides/status-codes/) after which it is open how far the call has come:
 * CANCELLED, UNKNOWN (a peer's limit of concurrent calls), DEADLINE_EXCEEDED, ABORTED, INTERNAL (a stream that was reset),
 * UNAVAILABLE. All others are answers.
 */
const undecided: ReadonlySet<number | undefined> = new Set([1, 2, deadlineExceeded, 10, 13, 14]);

/** The parts of a gateway's error that are read: its status, its text, and what single nodes said. */
interface GatewayFailure {
  readonly code?: number;
  readonly message: string;
  readonly nodes: readonly string[];
}

/**
 * Reads what a gateway threw. The contract's own refusals come out as they were thrown; everything else is told apart by
 * status and text, since Fabric puts most of its reasons into texts.
 */
export function verdictOn(error: unknown): Verdict {
  const nodes = failedNodes(error);
  return nodes.length === 0 ? judged(error) : { ...judged(error), nodes };
}

/** Without what they said, which may quote the input. */
function failedNodes(error: unknown): readonly FailedNode[] {
  const { details } = (error ?? {}) as { details?: unknown };
  if (error instanceof VitaledgerError || !Array.isArray(details)) return [];
  return details.flatMap((detail: Partial<FailedNode> | null) =>
    typeof detail?.address === 'string' ? [{ address: detail.address, mspId: String(detail.mspId) }] : [],
  );
}

function judged(error: unknown): Verdict {
  if (error instanceof VitaledgerError) {
    return { error };
  }
  const failure = readFailure(error);
  const texts = [...failure.nodes, failure.message];
  const refusal = texts.map((text) => VitaledgerError.fromWire(text)).find((found) => found !== undefined);
  if (refusal) {
    return { error: refusal };
  }
  return (
    network(texts, error) ??
    blocksRefused(texts, error) ??
    chaincode(texts, error) ??
    disagreement(texts, error) ??
    ordererRefused(texts, error) ??
    unavailable(failure, texts, error) ?? {
      error: wrapped('INTERNAL', `The network refused the call: ${firstText(failure)}`, {}, error),
    }
  );
}

function network(texts: readonly string[], cause: unknown): Verdict | undefined {
  if (
    has(
      texts,
      /self[- ]signed certificate|unable to (get|verify)|certificate signature|altnames|wrong version number/i,
    )
  ) {
    return {
      error: wrapped(
        'PRECONDITION_FAILED',
        "The peer's TLS certificate is not one of the connection profile's network: use the profile that this network wrote last",
        { reason: 'WRONG_NETWORK' },
        cause,
      ),
    };
  }
  if (has(texts, /access denied|creator org|creator is malformed|creator is expired|identity expired/i)) {
    return {
      error: wrapped(
        'PERMISSION_DENIED',
        'The network does not accept this identity: it is expired, or of another network or organization than the connection profile',
        { reason: 'IDENTITY_REFUSED' },
        cause,
      ),
    };
  }
  return undefined;
}

/** The gateway reports the status with which a peer ends a stream of blocks by its number (`common.Status`). */
function blocksRefused(texts: readonly string[], cause: unknown): Verdict | undefined {
  const ended = /Unexpected status response: (\d{3})/;
  const status = texts.map((text) => ended.exec(text)?.[1]).find((found) => found !== undefined);
  if (status === '403') {
    const message =
      'The channel does not give its blocks to this identity; the care channel gives them to nobody, and its events to everybody';
    return { error: wrapped('PERMISSION_DENIED', message, { reason: 'BLOCKS_REFUSED' }, cause) };
  }
  if (!status?.startsWith('5')) return undefined;
  const message = `The peer cannot give blocks now (status ${status})`;
  const error = wrapped('UNAVAILABLE', message, { reason: 'UNREACHABLE' }, cause);
  return { error, retry: 'UNAVAILABLE' };
}

function chaincode(texts: readonly string[], cause: unknown): Verdict | undefined {
  if (!has(texts, /chaincode response \d+/)) {
    return undefined;
  }
  if (has(texts, /Contract name is not known|function that does not exist/)) {
    const message =
      'The chaincode on this channel is of another version than this client: it lacks the function';
    return { error: wrapped('PRECONDITION_FAILED', message, { reason: 'CHAINCODE_VERSION' }, cause) };
  }
  // The text stays in the cause: an error that no contract has prepared may quote its input.
  const message = 'The contract failed without saying why; its reason is in the log of the chaincode';
  return { error: wrapped('INTERNAL', message, { reason: 'CHAINCODE_FAILED' }, cause) };
}

function disagreement(texts: readonly string[], cause: unknown): Verdict | undefined {
  if (!has(texts, /ProposalResponsePayloads do not match/i)) {
    return undefined;
  }
  const message = 'The endorsing peers do not agree with each other; one of them may lag behind';
  return { error: wrapped('UNAVAILABLE', message, { reason: 'PEERS_DIFFER' }, cause), retry: 'PEERS_DIFFER' };
}

/** The gateway reports what the ordering service answered with the status of a call that came to nothing. */
function ordererRefused(texts: readonly string[], cause: unknown): Verdict | undefined {
  const refusal =
    /unsuccessful response from orderer: status=(BAD_REQUEST|FORBIDDEN|NOT_FOUND|REQUEST_ENTITY_TOO_LARGE)/;
  const status = texts.map((text) => refusal.exec(text)?.[1]).find((found) => found !== undefined);
  if (status === undefined) {
    return undefined;
  }
  const message = `The ordering service refused the transaction (${status})`;
  return { error: wrapped('PRECONDITION_FAILED', message, { reason: 'ORDERER_REFUSED' }, cause) };
}

function unavailable(failure: GatewayFailure, texts: readonly string[], cause: unknown): Verdict | undefined {
  const noPeers = /no peers available|no combination of peers|failed to select a set of endorsers/i;
  if (!undecided.has(failure.code) && !has(texts, noPeers)) {
    return undefined;
  }
  const message = `The network cannot answer now; is it running, and are its peers reachable? ${firstText(failure)}`;
  const reason = failure.code === deadlineExceeded ? 'DEADLINE' : 'UNREACHABLE';
  return { error: wrapped('UNAVAILABLE', message, { reason }, cause), retry: 'UNAVAILABLE' };
}

function readFailure(error: unknown): GatewayFailure {
  if (!(error instanceof Error)) {
    return { message: String(error), nodes: [] };
  }
  const { code, details } = error as Error & { code?: unknown; details?: unknown };
  return {
    ...(typeof code === 'number' ? { code } : {}),
    message: error.message,
    nodes: Array.isArray(details) ? details.map(nodeText).filter((text) => text !== '') : [],
  };
}

function nodeText(detail: unknown): string {
  const text = (detail as { message?: unknown } | null)?.message;
  return typeof text === 'string' ? text : '';
}

/** What a node said is more telling than the gateway's summary of it. */
function firstText(failure: GatewayFailure): string {
  return failure.nodes[0] ?? failure.message;
}

function has(texts: readonly string[], pattern: RegExp): boolean {
  return texts.some((text) => pattern.test(text));
}

function wrapped(code: ErrorCode, message: string, details: ErrorDetails, cause: unknown): VitaledgerError {
  return new VitaledgerError(code, message, details, { cause });
}

/** Fabric's validation codes (`TxValidationCode`) that are told apart here. */
export const validation = {
  valid: 0,
  duplicateTransactionId: 9,
  endorsementPolicy: 10,
  mvccConflict: 11,
  phantomRead: 12,
} as const;

/** What it means that a transaction was committed as invalid, with this validation code. */
export function verdictOnCommit(code: number): Verdict {
  if (code === validation.mvccConflict || code === validation.phantomRead) {
    const message = 'Another transaction changed what this one relied on; read again and repeat';
    return { error: new VitaledgerError('CONFLICT', message, { validation: code }), retry: 'CONFLICT' };
  }
  if (code === validation.endorsementPolicy) {
    const message = 'The endorsements do not satisfy the policy of what the transaction writes';
    return { error: new VitaledgerError('PERMISSION_DENIED', message, { validation: code }) };
  }
  return {
    error: new VitaledgerError(
      'INTERNAL',
      `The ledger marked the transaction invalid (validation code ${code})`,
      {
        validation: code,
      },
    ),
  };
}
