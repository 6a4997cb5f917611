import type { ConsentProvision } from 'fhir/r4';
import * as v from 'valibot';
import { isRole } from '../consortium/roles.js';
import { invalid } from '../errors/vitaledger-error.js';
import { isResourceType } from '../fhir/resource-types.js';
import { isId, isMspId, isSubject } from '../json/formats.js';
import { checkShape, closed, text } from '../json/shape.js';
import { codingMembers, SYSTEMS } from '../records/coding.js';
import { isDateTime, spanBetween } from '../records/dates.js';
import type { ConsentTerms } from './decision.js';
import { isKnownConfidentiality, isKnownSensitivity } from './labels.js';
import { checkDataUse } from '../research/data-use.js';
import { includesPurpose, isKnownPurpose } from './purposes.js';

/** How deep exceptions may nest, the root being level 1. */
export const MAX_PROVISION_DEPTH = 32;
/** How many provisions one consent may have in all. */
export const MAX_PROVISIONS = 512;

const some = <T>(entry: v.GenericSchema<unknown, T>) =>
  v.exactOptional(v.pipe(v.array(entry), v.minLength(1, 'must have at least one entry, or be absent')));

const display = v.exactOptional(v.string());

/** A coding of one of these systems, each with the codes it allows. */
const codingOf = (systems: Readonly<Record<string, (code: string) => boolean>>, rule: string) =>
  v.pipe(
    closed({ ...codingMembers, display }),
    v.check(({ system, code }) => Object.hasOwn(systems, system) && systems[system]?.(code) === true, rule),
  );

const conceptOf = <T>(coding: v.GenericSchema<unknown, T>) =>
  closed({
    coding: v.pipe(
      v.array(coding),
      v.minLength(1, 'must have at least one coding: text alone cannot be matched'),
    ),
    text: display,
  });

/** A reference by identifier to something the ledger knows. */
const referenceTo = (systems: Readonly<Record<string, (value: string) => boolean>>, rule: string) =>
  closed({
    identifier: v.pipe(
      closed({ system: v.string(), value: v.string() }),
      v.check(
        ({ system, value }) => Object.hasOwn(systems, system) && systems[system]?.(value) === true,
        rule,
      ),
    ),
    display,
  });

const isPerson = (value: string) => {
  const [mspId, subject, ...rest] = value.split('/');
  return isMspId(mspId) && isSubject(subject) && rest.length === 0;
};

const isCareTeam = (value: string) => {
  const [mspId, team, ...rest] = value.split('/');
  return isMspId(mspId) && isId(team) && rest.length === 0;
};

const isRoleReference = (value: string) => {
  const parts = value.split('/');
  return parts.length === 1 ? isRole(parts[0]) : parts.length === 2 && isMspId(parts[0]) && isRole(parts[1]);
};

const dateTime = v.exactOptional(text(isDateTime, 'must be a FHIR dateTime'));

const period = v.pipe(
  closed({ start: dateTime, end: dateTime }),
  v.check(({ start, end }) => start !== undefined || end !== undefined, 'must have a start or an end'),
  v.check(({ start, end }) => runsForward(start, end), 'must not end before it starts'),
);

function runsForward(start: string | undefined, end: string | undefined): boolean {
  const span = spanBetween(start, end);
  return span !== undefined && span.first <= span.last;
}

const type = v.picklist(['permit', 'deny'], 'must be permit or deny');

const limits = {
  period: v.exactOptional(period),
  actor: some(
    closed({
      role: conceptOf(
        codingOf(
          { [SYSTEMS.participation]: (code) => code === 'IRCP' || code === 'PRCP' },
          'must be IRCP or PRCP (information recipient) of v3-ParticipationType',
        ),
      ),
      reference: referenceTo(
        {
          [SYSTEMS.organization]: isMspId,
          [SYSTEMS.person]: isPerson,
          [SYSTEMS.role]: isRoleReference,
          [SYSTEMS.careTeam]: isCareTeam,
        },
        'must be urn:vitaledger:organization <MSP>, urn:vitaledger:person <MSP>/<subject>, urn:vitaledger:role <role> or <MSP>/<role>, or urn:vitaledger:care-team <MSP>/<team id>',
      ),
    }),
  ),
  action: some(
    conceptOf(
      codingOf(
        { [SYSTEMS.action]: (code) => ['collect', 'access', 'use', 'disclose', 'correct'].includes(code) },
        'must be a FHIR consentaction: collect, access, use, disclose or correct',
      ),
    ),
  ),
  securityLabel: some(
    codingOf(
      { [SYSTEMS.sensitivity]: isKnownSensitivity, [SYSTEMS.confidentiality]: isKnownConfidentiality },
      'must be a sensitivity of v3-ActCode or a code of v3-Confidentiality',
    ),
  ),
  purpose: some(
    codingOf({ [SYSTEMS.purposeOfUse]: isKnownPurpose }, 'must be an HL7 v3 PurposeOfUse of v3-ActReason'),
  ),
  class: some(
    codingOf(
      {
        [SYSTEMS.resourceType]: isResourceType,
        [SYSTEMS.mediaType]: (code) => /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(code),
      },
      'must be a FHIR R4 resource type, or a media type of urn:ietf:bcp:13',
    ),
  ),
  code: some(conceptOf(closed({ ...codingMembers, display }))),
  dataPeriod: v.exactOptional(period),
  data: some(
    closed({
      meaning: v.literal(
        'instance',
        'must be instance: other meanings cannot be decided from what the ledger knows',
      ),
      reference: referenceTo({ [SYSTEMS.record]: isId }, 'must be urn:vitaledger:record <record id>'),
    }),
  ),
  provision: some(
    v.custom<object>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'must be a provision',
    ),
  ),
};

const rootShape = closed({ type: v.exactOptional(type), ...limits });
const nestedShape = closed({ type, ...limits });

/**
 * Checks a FHIR R4 Consent.provision against what the decision engine knows. Whatever it does not know – an element, an
 * extension, a code system, a kind of reference – is refused, because ignoring it would change what the patient said.
 *
 * @param path the root's JSON path, for errors.
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateProvision(value: unknown, path = 'provision'): ConsentProvision {
  const total = countProvisions(value, path, 1, rootShape);
  if (total > MAX_PROVISIONS) throw invalid(path, `must have at most ${MAX_PROVISIONS} provisions in all`);
  return value as ConsentProvision;
}

/**
 * Checks the terms of a consent: its provision, and that there is a base rule.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateConsent(
  terms: Pick<ConsentTerms, 'provision' | 'policyRule' | 'dataUse' | 'recontact'>,
  path = 'consent',
): void {
  const root = validateProvision(terms.provision, `${path}.provision`);
  if (terms.dataUse) checkDataUse(terms.dataUse, `${path}.dataUse`);
  if (terms.dataUse || terms.recontact) checkResearch(root, path);
  if (root.type === undefined && terms.policyRule === undefined) {
    throw invalid(`${path}.provision.type`, 'is required where there is no policyRule: it is the base rule');
  }
}

/** Data-use terms and the wish to be asked again belong to a permission of research alone: HL7 v3 HRESCH and what is below it. */
function checkResearch({ type: rule, purpose = [] }: ConsentProvision, path: string): void {
  if (rule !== 'permit')
    throw invalid(`${path}.provision.type`, 'must be permit where there are data-use terms or recontact');
  if (purpose.length === 0 || !purpose.every(({ code = '' }) => includesPurpose('HRESCH', code)))
    throw invalid(
      `${path}.provision.purpose`,
      'must be HRESCH or below it, and nothing else, where there are data-use terms or recontact',
    );
}

/** Checks a provision with all its exceptions and returns how many provisions they are. */
function countProvisions(
  value: unknown,
  path: string,
  depth: number,
  shape: typeof rootShape | typeof nestedShape,
): number {
  if (depth > MAX_PROVISION_DEPTH) throw invalid(path, `is nested deeper than ${MAX_PROVISION_DEPTH} levels`);
  const { provision = [] } = checkShape<v.InferOutput<typeof shape>>(shape, value, path);
  return provision.reduce(
    (sum, nested, index) =>
      sum + countProvisions(nested, `${path}.provision[${index}]`, depth + 1, nestedShape),
    1,
  );
}
