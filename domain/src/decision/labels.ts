import { closureOf, type Hierarchy } from './hierarchy.js';

/**
 * Sensitivity: the concepts below ActInformationSensitivityPolicy in code system v3-ActCode, as HL7 Terminology 7.0
 * nests them, and two subsumptions that their definitions state without nesting: ETH ("alcohol or drug-abuse
 * information") includes SUD, and MH ("psychological disorders") includes PSY ("psychiatric disorder").
 */
const SENSITIVITY: Hierarchy = {
  ETH: ['SUD'],
  GDIS: [],
  HIV: [],
  IDS: [],
  MST: [],
  PREGNANT: [],
  SCA: [],
  SDV: [],
  SEX: [],
  SPI: ['BH', 'MH', 'PSY', 'PSYTHPN', 'SUD'],
  BH: ['COGN', 'DVD', 'EMOTDIS'],
  MH: ['PSY'],
  SUD: ['ETHUD', 'OPIOIDUD'],
  STD: [],
  TBOO: [],
  VIO: [],
};

const CLOSURE = closureOf(SENSITIVITY);

/** Code system v3-Confidentiality, from least to most protected. */
const CONFIDENTIALITY = ['U', 'L', 'M', 'N', 'R', 'V'];

/** What a record without a confidentiality label is: normal. */
export const UNLABELLED_CONFIDENTIALITY = 'N';

export function isKnownSensitivity(code: string): boolean {
  return CLOSURE.has(code);
}

/** Whether `code` is `broader` or stands below it: SUD includes OPIOIDUD. */
export function includesSensitivity(broader: string, code: string): boolean {
  return CLOSURE.get(broader)?.has(code) ?? false;
}

export function isKnownConfidentiality(code: string): boolean {
  return CONFIDENTIALITY.includes(code);
}

/** The place of a code in the order U < L < M < N < R < V; -1 for another. */
export function confidentialityRank(code: string): number {
  return CONFIDENTIALITY.indexOf(code);
}
