import * as v from 'valibot';
import { ORGANIZATION_KINDS, ROLES } from '../consortium/roles.js';
import { isKnownPurpose } from '../decision/purposes.js';
import { invalid } from '../errors/vitaledger-error.js';
import { isResourceType } from '../fhir/resource-types.js';
import { canonicalJson } from '../json/canonical.js';
import { checkShape, closed, shapes, text, wholeNumber } from '../json/shape.js';
import { dataId } from '../labels/sensitivity-map.js';
import { spanBetween, spanOf } from '../records/dates.js';
import { legalClass } from '../records/origin.js';
import {
  EVIDENCE,
  OPT_OUTS,
  PACK_EFFECTS,
  PACK_OBLIGATIONS,
  type PackRule,
  type PolicyPack,
  RECIPIENTS,
} from './pack.js';

/** Bytes of a pack's canonical JSON: what decisions need of it is read with the consortium document. */
export const MAX_PACK_BYTES = 32 * 1024;

const line = text(
  (value) => /^\S(?:[^\p{Cc}]{0,398}\S)?$/u.test(String(value)),
  'must be 1 to 400 characters on one line, without outer spaces',
);

const some = <T>(entry: v.GenericSchema<unknown, T>) =>
  v.pipe(v.array(entry), v.minLength(1, 'must have at least one entry, or be absent'));

const oneOf = <const T extends readonly string[]>(values: T) =>
  v.picklist(values, `must be one of ${values.join(', ')}`);

const date = text(
  (value) => /^\d{4}-\d{2}-\d{2}$/.test(String(value)) && spanOf(String(value)) !== undefined,
  'must be a day such as 2029-03-26',
);

const conditions = closed({
  purposes: v.exactOptional(some(text(isKnownPurpose, 'must be an HL7 v3 PurposeOfUse code such as TREAT'))),
  recipient: v.exactOptional(oneOf(RECIPIENTS)),
  kinds: v.exactOptional(some(oneOf(ORGANIZATION_KINDS))),
  roles: v.exactOptional(some(oneOf(ROLES))),
  scopes: v.exactOptional(some(oneOf(['metadata', 'content']))),
  filter: v.exactOptional(oneOf(['none', 'records'])),
  evidence: v.exactOptional(oneOf(EVIDENCE)),
  optOuts: v.exactOptional(some(oneOf(OPT_OUTS))),
  legalClasses: v.exactOptional(some(legalClass)),
  classes: v.exactOptional(some(text(isResourceType, 'must be a FHIR R4 resource type'))),
});

const packShape = closed({
  id: dataId,
  version: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  title: line,
  jurisdictions: some(shapes.jurisdiction),
  combining: v.exactOptional(oneOf(['deny-overrides', 'most-recent'])),
  capacity: v.exactOptional(
    closed({ by: oneOf(['age', 'finding']), years: v.exactOptional(wholeNumber(1, 30)), citation: line }),
  ),
  rules: some(
    closed({
      id: dataId,
      citation: line,
      title: line,
      effect: oneOf(PACK_EFFECTS),
      when: v.exactOptional(conditions),
      unless: v.exactOptional(some(conditions)),
      specific: v.exactOptional(v.literal(true, 'must be true or absent')),
      basis: v.exactOptional(some(line)),
      obligations: v.exactOptional(some(oneOf(PACK_OBLIGATIONS))),
      from: v.exactOptional(date),
      to: v.exactOptional(date),
      jurisdictions: v.exactOptional(some(shapes.jurisdiction)),
    }),
  ),
});

/**
 * Checks a policy pack.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path of the first fault.
 */
export function validatePack(value: unknown): PolicyPack {
  const pack: PolicyPack = checkShape(packShape, value, 'pack');
  const ids = pack.rules.map(({ id }) => id);
  pack.rules.forEach((rule, index) => {
    const path = `pack.rules[${index}]`;
    if (ids.indexOf(rule.id) < index) throw invalid(`${path}.id`, 'must not be used twice in a pack');
    checkRule(rule, path);
  });
  refuseBoundlessEmergency(pack);
  if (Buffer.byteLength(canonicalJson(pack), 'utf8') > MAX_PACK_BYTES) {
    throw invalid('pack', `must be at most ${MAX_PACK_BYTES} bytes of canonical JSON`);
  }
  return pack;
}

function checkRule({ effect, when = {}, specific, from, to }: PackRule, path: string): void {
  const span = spanBetween(from, to);
  if (span && span.first > span.last) throw invalid(`${path}.to`, 'must not be before from');
  if (specific && effect !== 'require-consent') {
    throw invalid(`${path}.specific`, 'must be left out of a rule that requires no consent');
  }
  // A duty passes what the patient denied, and a purpose is only what somebody says: it takes more than that.
  if (effect === 'duty' && when.evidence === undefined && when.filter !== 'records') {
    throw invalid(
      `${path}.when`,
      'must have evidence, or filter "records": a duty rests on more than a purpose',
    );
  }
}

/** Breaking the glass never widens to psychotherapy notes. */
function refuseBoundlessEmergency({ rules }: PolicyPack): void {
  const opens = rules.findIndex(({ effect, when }) => effect === 'duty' && when?.evidence === 'emergency');
  const bars = rules.some(({ effect, when = {}, unless, from, to, jurisdictions }) => {
    const { legalClasses = [], ...others } = when;
    const isLimited = Object.keys(others).length > 0 || [unless, from, to, jurisdictions].some(Boolean);
    return effect === 'bar-emergency' && legalClasses.includes('psychotherapy-notes') && !isLimited;
  });
  if (opens >= 0 && !bars) {
    throw invalid(
      `pack.rules[${opens}]`,
      'must be beside a rule that bars emergencies from psychotherapy-notes, without other limits',
    );
  }
}
