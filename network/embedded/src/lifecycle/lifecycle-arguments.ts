import type { MessageType } from '../wire/parse.js';

/** Arguments of a call to `_lifecycle` that are not the message that they should be. */
export class ArgumentsError extends Error {
  override readonly name = 'ArgumentsError';
}

export function decodeArguments<T>(type: MessageType<T>, bytes: Uint8Array): T {
  try {
    return type.deserializeBinary(bytes);
  } catch (error) {
    throw new ArgumentsError('not the arguments of this function', { cause: error });
  }
}
