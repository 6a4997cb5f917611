import type { ConsentProvision } from 'fhir/r4';
import { validateProvision } from '../decision/provision.js';
import { purposeCoding } from '../decision/terms.js';
import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import { SYSTEMS } from '../records/coding.js';
import type { ProhibitionBody, ProhibitionKind } from '../statements/bodies.js';
import { refuseUsedHandle } from './consents.js';
import type { ActiveProhibition, PatientHead } from './head.js';

/**
 * The purposes that Regulation (EU) 2025/327 (EHDS) art. 53 calls secondary use, as far as HL7 v3 PurposeOfUse has them: research; public
 * health; training; quality, outcomes and safety of care; administration, policy and statistics of the health system; products and services.
 */
export const SECONDARY_USES: readonly string[] = [
  'HRESCH',
  'PUBHLTH',
  'TRAIN',
  'MLTRAINING',
  'HQUALIMP',
  'HOUTCOMS',
  'PATSFTY',
  'PERFMSR',
  'HPRGRP',
  'HSYSADMIN',
  'SYSDEV',
  'HMARKT',
];

/** What a prohibition forbids: a `deny`. */
export function forbiddenBy(kind: ProhibitionKind, { provision, use }: ProhibitionBody): ConsentProvision {
  if (provision) return provision;
  if (kind !== 'opt-out') return { type: 'deny' };
  return use === 'primary-use' ? PRIMARY_OPT_OUT : OPT_OUT;
}

/** EHDS art. 10(1): access through the services by which others reach what is registered at a custodian. */
const PRIMARY_OPT_OUT: ConsentProvision = {
  type: 'deny',
  action: [{ coding: [{ system: SYSTEMS.action, code: 'disclose' }] }],
  purpose: [purposeCoding('TREAT')],
};

const OPT_OUT: ConsentProvision = { type: 'deny', purpose: SECONDARY_USES.map(purposeCoding) };

/**
 * Checks what a prohibition forbids.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateProhibition(
  kind: ProhibitionKind,
  { provision, use }: ProhibitionBody,
  path = 'statement.body',
): void {
  if (kind === 'opt-out') {
    if (provision) throw invalid(`${path}.provision`, 'must be absent: an opt-out always forbids the same');
    return;
  }
  if (use) throw invalid(`${path}.use`, 'must be absent: only an opt-out has it');
  if (!provision) throw invalid(`${path}.provision`, 'is required');
  checkDenial(kind, provision, `${path}.provision`);
}

function checkDenial(kind: ProhibitionKind, provision: ConsentProvision, path: string): void {
  const { type, provision: exceptions, purpose } = validateProvision(provision, path);
  if (type !== 'deny') throw invalid(`${path}.type`, 'must be deny');
  if (exceptions)
    throw invalid(`${path}.provision`, 'must be absent: what a prohibition lets through is a consent');
  if (kind === 'objection' && !purpose) {
    throw invalid(`${path}.purpose`, 'is required: an objection is to purposes');
  }
}

/** The head with a prohibition in force. */
export function forbid(
  head: PatientHead,
  kind: ProhibitionKind,
  body: ProhibitionBody,
  entry: Omit<ActiveProhibition, 'prohibition' | 'kind' | 'handle'>,
): PatientHead {
  validateProhibition(kind, body);
  const { prohibition, handle } = body;
  const { prohibitions = [] } = head;
  if (prohibitions.some((other) => other.prohibition === prohibition)) {
    throw new VitaledgerError('CONFLICT', 'This prohibition is in force already', {
      reason: 'PROHIBITION_IN_FORCE',
    });
  }
  refuseUsedHandle(head, handle);
  return { ...head, prohibitions: [...prohibitions, { prohibition, kind, ...entry, handle }] };
}
