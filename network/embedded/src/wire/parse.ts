/** Bytes that are not the message that they should be. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

export interface MessageType<T> {
  deserializeBinary(bytes: Uint8Array): T;
}

/** Decodes a message; throws WireError `error unmarshalling <name>: …`. Empty bytes are an empty message, as in Go. */
export function parse<T>(type: MessageType<T>, bytes: Uint8Array, name: string): T {
  try {
    return type.deserializeBinary(bytes);
  } catch (error) {
    throw new WireError(`error unmarshalling ${name}: proto: cannot parse invalid wire-format data`, {
      cause: error,
    });
  }
}
