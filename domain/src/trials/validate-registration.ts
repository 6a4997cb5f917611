import { VitaledgerError } from '../errors/index.js';
import { REGISTRATION_ITEMS } from './registration-items.js';
import { asTrialRecord, objectsAt, textAt, type TrialRecord } from './trial-record.js';

/** Most trials that are registered in one transaction. */
export const MAX_TRIALS_AT_ONCE = 100;

/** What keeps a record from being registered: `path` `rule` reads as a sentence. */
export interface RegistrationFault {
  /** Number of the item in the WHO Trial Registration Data Set 1.3.1, 1 to 24. */
  readonly item: number;
  readonly name: string;
  /** JSON path, beginning with `record`. */
  readonly path: string;
  readonly rule: string;
}

/**
 * Everything that a record lacks of the WHO Trial Registration Data Set (24 items, version 1.3.1), by item. Item 21, ethics
 * review, is not in the record: on the ledger it is the approval by an ethics organization.
 *
 * Contacts may stand in clear or be replaced by digests. Dates such as `2019-02` are accepted as they are. Items 7 and 8 (contacts)
 * are asked for only while a trial recruits or is about to, item 24 only of trials that start since 2019 (ICMJE).
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` when the value has not the outer form of a ClinicalTrials.gov v2 record.
 */
export function registrationFaults(record: unknown): readonly RegistrationFault[] {
  const trial = asTrialRecord(record);
  return REGISTRATION_ITEMS.flatMap(({ item, name, checks }) => {
    const faults: RegistrationFault[] = [];
    for (const check of checks) {
      check(trial, (path, rule) => faults.push({ item, name, path: `record.${path}`, rule }));
    }
    return faults;
  });
}

/**
 * Accepts a record that can be registered, see {@link registrationFaults}.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` for the first fault: `details.path`, `details.item`, and in `details.faults` how many there
 * are.
 */
export function validateRegistration(record: unknown): TrialRecord {
  const [first, ...others] = registrationFaults(record);
  if (first === undefined) return record as TrialRecord;
  const { item, name, path, rule } = first;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new VitaledgerError('INVALID_ARGUMENT', `${path} ${rule}: WHO item ${item}, ${name}${more}`, {
    path,
    item,
    faults: others.length + 1,
  });
}

/** A number of a trial, and where it is unique. */
export interface TrialIdentifier {
  readonly number: string;
  /** A registry gives a number to one trial only; a sponsor's numbers say something only beside the sponsor. */
  readonly uniqueIn: 'registry' | 'sponsor';
}

/** Types of secondary numbers (ClinicalTrials.gov v2, SecondaryIdType) that a registry of trials gave. */
const REGISTRIES: readonly unknown[] = ['REGISTRY', 'EUDRACT_NUMBER', 'CTIS'];
/** Types that name money, not a trial: one grant pays for many trials. */
const GRANTS: readonly unknown[] = ['NIH', 'FDA', 'VA', 'CDC', 'AHRQ', 'SAMHSA', 'OTHER_GRANT'];

/**
 * The identifying numbers of a trial (WHO items 1 and 3), each once: what must not be registered a second time. Two sponsors may both
 * call a study "CP-101", so a sponsor's numbers are unique only among its own.
 */
export function trialIdentifiers(record: TrialRecord): readonly TrialIdentifier[] {
  const module = 'protocolSection.identificationModule';
  const secondary = objectsAt(record, `${module}.secondaryIdInfos`)
    .map(({ value }) => value)
    .filter(({ type }) => !GRANTS.includes(type));
  const ofRegistries = secondary.filter(({ type }) => REGISTRIES.includes(type));
  const ofSponsor = secondary.filter(({ type }) => !REGISTRIES.includes(type));
  const numbers = (first: string, others: readonly unknown[]): string[] => {
    const all = [textAt(record, `${module}.${first}`), ...others.map((value) => textAt(value, 'id'))];
    return [...new Set(all.filter((number) => number !== undefined))];
  };
  return [
    ...numbers('nctId', ofRegistries).map((number) => ({ number, uniqueIn: 'registry' as const })),
    ...numbers('orgStudyIdInfo.id', ofSponsor).map((number) => ({ number, uniqueIn: 'sponsor' as const })),
  ];
}
