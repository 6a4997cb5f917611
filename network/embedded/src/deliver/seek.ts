import { orderer } from '@hyperledger/fabric-protos';

type Position = orderer.SeekPosition;
const endless = 2n ** 64n;
const positions = orderer.SeekPosition.TypeCase;

/** The number that a start position means at a height; undefined: there is no such place (common/ledger/blockledger). */
export function firstBlock(start: Position, height: bigint): bigint | undefined {
  switch (start.getTypeCase()) {
    case positions.OLDEST:
      return 0n;
    case positions.SPECIFIED: {
      const number = BigInt(start.getSpecified()?.getNumber() ?? 0);
      return number > height ? undefined : number;
    }
    case positions.NEXT_COMMIT:
      return height;
    case positions.NEWEST:
      return height - 1n;
    case positions.TYPE_NOT_SET:
    default:
      return undefined;
  }
}

/** The last number to send; undefined when it is before the first one. */
export function lastBlock(
  start: Position,
  stop: Position,
  first: bigint,
  height: bigint,
): bigint | undefined {
  switch (stop.getTypeCase()) {
    case positions.OLDEST:
      return first;
    case positions.SPECIFIED: {
      const last = BigInt(stop.getSpecified()?.getNumber() ?? 0);
      return last < first ? undefined : last;
    }
    case positions.NEWEST:
      return start.getTypeCase() === positions.NEWEST ? first : height - 1n;
    case positions.NEXT_COMMIT:
    case positions.TYPE_NOT_SET:
    default:
      return endless;
  }
}
