import { peer } from '@hyperledger/fabric-protos';
import type { ChannelConfiguration } from '../channel/channel-configuration.js';
import type { ChaincodeDirectory } from '../chaincode/definition.js';
import type { ChannelLedger, ValidationCode } from '../ledger/ledger.js';
import { decodeReadWriteSet } from '../ledger/read-write-set-decoder.js';
import type { NamespaceReadWriteSet } from '../ledger/read-write-set.js';
import { WireFormatError } from '../ledger/wire-format.js';
import type { OpenedEnvelope } from '../wire/envelope.js';
import { parse, WireError } from '../wire/parse.js';
import { ChangedPolicies, isEndorsed } from './endorsement-check.js';
import { checkForm, type WellFormedTransaction } from './transaction.js';

const codes = peer.TxValidationCode;

/**
 * Judges the transactions of a block up to their endorsements (core/committer/txvalidator/v20); conflicts between reads
 * and writes are the ledger's to judge.
 */
export class BlockValidator {
  readonly #configuration: ChannelConfiguration;
  readonly #chaincodes: ChaincodeDirectory;
  readonly #ledger: ChannelLedger;
  #definitionsWritten = false;

  constructor(configuration: ChannelConfiguration, chaincodes: ChaincodeDirectory, ledger: ChannelLedger) {
    this.#configuration = configuration;
    this.#chaincodes = chaincodes;
    this.#ledger = ledger;
  }

  /** One code per envelope; undefined stands for an envelope that could not be opened. */
  validate(envelopes: readonly (OpenedEnvelope | undefined)[]): ValidationCode[] {
    const changed = new ChangedPolicies();
    const seen = new Set<string>();
    return envelopes.map((opened) => {
      const transaction = checkForm(opened, this.#configuration.membership);
      if (typeof transaction === 'number') {
        return transaction;
      }
      const code = this.#judge(transaction, changed);
      if (code !== codes.VALID) {
        return code;
      }
      if (seen.has(transaction.transactionId)) {
        return codes.DUPLICATE_TXID;
      }
      seen.add(transaction.transactionId);
      return codes.VALID;
    });
  }

  /** Whether blocks since the last call have written to `_lifecycle`: definitions must be read again before the next block. */
  takeDefinitionsWritten(): boolean {
    const written = this.#definitionsWritten;
    this.#definitionsWritten = false;
    return written;
  }

  #judge(transaction: WellFormedTransaction, changed: ChangedPolicies): ValidationCode {
    if (transaction.channelHeader.getChannelId() !== this.#configuration.channel) {
      return codes.TARGET_CHAIN_NOT_FOUND;
    }
    if (this.#ledger.transaction(transaction.transactionId) !== undefined) {
      return codes.DUPLICATE_TXID;
    }
    const action = readAction(transaction);
    if (typeof action === 'number') {
      return action;
    }
    return this.#judgeEndorsements(transaction, action, changed);
  }

  /** The namespace that was called is always checked, every other one when it is written to. */
  #judgeEndorsements(
    transaction: WellFormedTransaction,
    action: EndorsedAction,
    changed: ChangedPolicies,
  ): ValidationCode {
    const endorsers = this.#configuration.membership.signers(transaction.endorsements);
    const context = { chaincodes: this.#chaincodes, ledger: this.#ledger, changed };
    const sets = new Map(action.sets.map((set) => [set.namespace, set]));
    const written = action.sets.filter(isWritten).map(({ namespace }) => namespace);
    this.#definitionsWritten ||= written.includes('_lifecycle');
    for (const namespace of new Set([action.chaincode, ...written])) {
      const chaincode = this.#chaincodes.get(namespace);
      if (chaincode === undefined) {
        return codes.INVALID_CHAINCODE;
      }
      const set = sets.get(namespace);
      if (!isEndorsed(context, chaincode, set, endorsers)) {
        return codes.ENDORSEMENT_POLICY_FAILURE;
      }
      if (set !== undefined) {
        changed.addAll(set);
      }
    }
    return codes.VALID;
  }
}

interface EndorsedAction {
  readonly chaincode: string;
  readonly sets: readonly NamespaceReadWriteSet[];
}

/** Chaincode, event and read-write set of a transaction, checked against each other (plugindispatcher/dispatcher.go). */
function readAction({
  channelHeader,
  responsePayload,
}: WellFormedTransaction): EndorsedAction | ValidationCode {
  const extension = tryParse(peer.ChaincodeHeaderExtension, channelHeader.getExtension_asU8());
  if (extension === undefined) {
    return codes.BAD_HEADER_EXTENSION;
  }
  const action = tryParse(peer.ChaincodeAction, responsePayload.getExtension_asU8());
  if (action === undefined) {
    return codes.BAD_RESPONSE_PAYLOAD;
  }
  const sets = tryDecode(action.getResults_asU8());
  if (sets === undefined) {
    return codes.BAD_RWSET;
  }
  return (
    identifierError(extension, action) ??
    setsError(sets) ?? { chaincode: action.getChaincodeId()?.getName() ?? '', sets }
  );
}

function identifierError(
  extension: peer.ChaincodeHeaderExtension,
  action: peer.ChaincodeAction,
): ValidationCode | undefined {
  const invoked = extension.getChaincodeId();
  const endorsed = action.getChaincodeId();
  if (invoked === undefined || endorsed === undefined) {
    return codes.INVALID_OTHER_REASON;
  }
  const consistent =
    invoked.getName() !== '' && invoked.getName() === endorsed.getName() && endorsed.getVersion() !== '';
  if (!consistent) {
    return codes.INVALID_CHAINCODE;
  }
  const eventBytes = action.getEvents_asU8();
  if (eventBytes.length === 0) {
    return undefined;
  }
  const event = tryParse(peer.ChaincodeEvent, eventBytes);
  return event?.getChaincodeId() === invoked.getName() ? undefined : codes.INVALID_OTHER_REASON;
}

function setsError(sets: readonly NamespaceReadWriteSet[]): ValidationCode | undefined {
  const namespaces = new Set(sets.map(({ namespace }) => namespace));
  return namespaces.size === sets.length ? undefined : codes.ILLEGAL_WRITESET;
}

function isWritten(set: NamespaceReadWriteSet): boolean {
  return (
    set.writes.length > 0 ||
    set.metadataWrites.length > 0 ||
    set.collections.some(({ writes, metadataWrites }) => writes.length > 0 || metadataWrites.length > 0)
  );
}

function tryParse<T>(type: { deserializeBinary(bytes: Uint8Array): T }, bytes: Uint8Array): T | undefined {
  try {
    return parse(type, bytes, '');
  } catch (error) {
    if (error instanceof WireError) {
      return undefined;
    }
    throw error;
  }
}

function tryDecode(bytes: Uint8Array): readonly NamespaceReadWriteSet[] | undefined {
  try {
    return decodeReadWriteSet(bytes);
  } catch (error) {
    if (error instanceof WireFormatError) {
      return undefined;
    }
    throw error;
  }
}
