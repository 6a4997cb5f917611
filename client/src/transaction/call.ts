/**
 * A function that concerns a person. It is executed by the custodian's peers only, so the custodian is part of the
 * type: without it the network would choose by itself who sees `input`.
 */
export interface CustodianCall {
  /** `Contract:function`. */
  readonly function: string;
  /** MSP id of the custodian. */
  readonly custodian: string;
  /** Travels to the custodian's peers alone and never into a block. */
  readonly input: object;
}

/** A function whose arguments everybody may read, for ever. */
export interface PublicCall {
  /** `Contract:function`. */
  readonly function: string;
  readonly arguments: readonly string[];
  /** MSP ids of organizations, a peer of each of which shall execute it; as the chaincode's policy asks when absent. */
  readonly endorsers?: readonly string[];
}

/** A function of a contract, and what it is given. */
export type Call = CustodianCall | PublicCall;

export function isCustodianCall(call: Call): call is CustodianCall {
  return 'custodian' in call;
}
