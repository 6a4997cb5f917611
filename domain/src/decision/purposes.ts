import { closureOf, type Hierarchy } from './hierarchy.js';

/** HL7 v3 PurposeOfUse: the concepts below `PurposeOfUse` in code system v3-ActReason, version 3.1.0. */
const PURPOSE_OF_USE: Hierarchy = {
  HMARKT: [],
  HOPERAT: [
    'CAREMGT',
    'DONAT',
    'FRAUD',
    'GOV',
    'HACCRED',
    'HCOMPL',
    'HDECD',
    'HDIRECT',
    'HDM',
    'HLEGAL',
    'HOUTCOMS',
    'HPRGRP',
    'HQUALIMP',
    'HSYSADMIN',
    'MEMADMIN',
    'MILCDM',
    'MLTRAINING',
    'PATADMIN',
    'PATSFTY',
    'PERFMSR',
    'RECORDMGT',
    'SYSDEV',
    'TRAIN',
  ],
  HSYSADMIN: ['LABELING', 'METAMGT'],
  SYSDEV: ['HTEST'],
  HPAYMT: ['CLMATTCH', 'COVAUTH', 'COVERAGE', 'PMTDS', 'REMITADV'],
  COVERAGE: ['ELIGDTRM', 'ELIGVER', 'ENROLLM', 'MILDCRG'],
  HRESCH: ['BIORCH', 'CLINTRCH', 'DSRCH', 'POARCH', 'TRANSRCH'],
  CLINTRCH: ['CLINTRCHNPC', 'CLINTRCHPC', 'PRECLINTRCH'],
  PATRQT: ['FAMRQT', 'PWATRNY', 'SUPNWK'],
  PUBHLTH: ['DISASTER', 'THREAT'],
  TREAT: ['CLINTRL', 'COC', 'ETREAT', 'POPHLTH', 'TREATDS'],
  ETREAT: ['BTG', 'ERTREAT'],
};

const CLOSURE = closureOf(PURPOSE_OF_USE);

/** Whether a code is a purpose of use that the engine knows. */
export function isKnownPurpose(code: unknown): code is string {
  return typeof code === 'string' && CLOSURE.has(code);
}

/** Whether `purpose` is `broader` or stands below it: HRESCH includes CLINTRCH. */
export function includesPurpose(broader: string, purpose: string): boolean {
  return CLOSURE.get(broader)?.has(purpose) ?? false;
}

/** A purpose of use and all below it; of an unknown code, none. */
export function purposesWithin(code: string): readonly string[] {
  return [...(CLOSURE.get(code) ?? [])];
}
