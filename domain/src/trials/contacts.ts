import { digestOf, isDigest, isSalt } from '../json/index.js';
import { pointerTo } from './json-pointer.js';
import { isMembers, type JsonMembers, type TrialRecord } from './trial-record.js';

/** A person's part of a record, as it was before it was taken out. */
export interface TrialContact {
  /** JSON Pointer (RFC 6901) of the object it was taken from. */
  readonly pointer: string;
  /** The members taken out: name, phone, phoneExt, email, affiliation, title … */
  readonly contact: JsonMembers;
}

/** A contact and the digest that stands in its place in the public record. */
export interface RedactedContact extends TrialContact {
  readonly digest: string;
}

/** A record that may be public, and what was taken out of it. */
export interface RedactedTrial {
  readonly record: TrialRecord;
  readonly contacts: readonly RedactedContact[];
}

/** Where ClinicalTrials.gov v2 keeps persons; all members but the `kept` ones are personal. */
interface ContactGroup {
  readonly steps: readonly string[];
  readonly kept: readonly string[];
  /** Only a person when the class of the agency is "individual". */
  readonly individualOnly: boolean;
}

const EACH = '[]';

function group(path: string, kept: readonly string[], individualOnly = false): ContactGroup {
  return { steps: path.replaceAll(EACH, `.${EACH}`).split('.'), kept, individualOnly };
}

const GROUPS: readonly ContactGroup[] = [
  group('protocolSection.identificationModule.organization', ['class'], true),
  group('protocolSection.sponsorCollaboratorsModule.responsibleParty', ['type']),
  group('protocolSection.sponsorCollaboratorsModule.leadSponsor', ['class'], true),
  group('protocolSection.sponsorCollaboratorsModule.collaborators[]', ['class'], true),
  group('protocolSection.contactsLocationsModule.centralContacts[]', ['role']),
  group('protocolSection.contactsLocationsModule.overallOfficials[]', ['role']),
  group('protocolSection.contactsLocationsModule.locations[].contacts[]', ['role']),
  group('resultsSection.moreInfoModule.pointOfContact', []),
];

/**
 * The digest that stands in a contact's place: SHA-256 over the canonical JSON of contact and salt.
 *
 * @param salt at least 128 random bits, hexadecimal; without it a name could be guessed from its digest.
 * @throws RangeError when the salt is too short.
 */
export function contactDigest(contact: JsonMembers, salt: string): string {
  if (!isSalt(salt)) throw new RangeError('a salt of at least 128 bits in hexadecimal is needed');
  return digestOf({ contact, salt });
}

/** Every contact in a record that is not yet replaced by a digest, in a fixed order. */
export function findContacts(record: TrialRecord): readonly TrialContact[] {
  const found: TrialContact[] = [];
  mapGroups(record, (value, kept, pointer) => {
    const contact = personalMembers(value, kept);
    if (Object.keys(contact).length > 0 && !isPlaceholder(contact)) found.push({ pointer, contact });
    return value;
  });
  return found;
}

/** Objects that stand where a contact belongs but are no objects, or not a contact's: pointers. */
export function misplacedContacts(record: TrialRecord): readonly string[] {
  const found: string[] = [];
  mapGroups(
    record,
    (value) => value,
    (pointer) => found.push(pointer),
  );
  return found;
}

/**
 * Takes the names, e-mail addresses and telephone numbers of persons out of a record. In place of each stands
 * `{ "digest": … }`, beside members that name nobody (a role, a type, an agency class).
 *
 * @param digest gives the digest for each contact, such as {@link contactDigest} with a random salt of its own.
 * @throws TypeError when that is no SHA-256 digest.
 */
export function redactContacts(
  record: TrialRecord,
  digest: (contact: TrialContact) => string,
): RedactedTrial {
  const digests = new Map(findContacts(record).map((contact) => [contact.pointer, checked(digest(contact))]));
  const contacts: RedactedContact[] = [];
  const redacted = mapGroups(record, (value, kept, pointer) => {
    const replacement = digests.get(pointer);
    if (replacement === undefined) return value;
    contacts.push({ pointer, contact: personalMembers(value, kept), digest: replacement });
    return { ...keptMembers(value, kept), digest: replacement };
  });
  return { record: redacted, contacts };
}

/**
 * Puts contacts back where their digests stand, wherever an amendment has moved them. A digest whose contact is not given
 * (it was erased) stays.
 */
export function rejoinContacts(
  record: TrialRecord,
  contacts: readonly Pick<RedactedContact, 'digest' | 'contact'>[],
): TrialRecord {
  const byDigest = new Map(contacts.map(({ digest, contact }) => [digest, contact]));
  return mapGroups(record, (value, kept) => {
    const contact = isPlaceholder(personalMembers(value, kept))
      ? byDigest.get(String(value.digest))
      : undefined;
    return contact === undefined ? value : { ...keptMembers(value, kept), ...contact };
  });
}

function checked(digest: string): string {
  if (!isDigest(digest))
    throw new TypeError('a contact is replaced by a SHA-256 digest in lower-case hexadecimal');
  return digest;
}

function isPlaceholder(contact: JsonMembers): boolean {
  return isDigest(contact.digest) && Object.keys(contact).length === 1;
}

function personalMembers(value: JsonMembers, kept: readonly string[]): JsonMembers {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !kept.includes(name)));
}

function keptMembers(value: JsonMembers, kept: readonly string[]): JsonMembers {
  return Object.fromEntries(Object.entries(value).filter(([name]) => kept.includes(name)));
}

type GroupMapping = (value: JsonMembers, kept: readonly string[], pointer: string) => unknown;
type MisplacedReport = (pointer: string) => unknown;

/** A copy of the record in which each object of a contact group is what `map` makes of it. */
function mapGroups(
  record: TrialRecord,
  map: GroupMapping,
  misplaced: MisplacedReport = () => null,
): TrialRecord {
  return GROUPS.reduce<TrialRecord>((mapped, { steps, kept, individualOnly }) => {
    const mapOne = (value: unknown, pointer: string): unknown => {
      if (!isMembers(value)) {
        misplaced(pointer);
        return value;
      }
      return individualOnly && value.class !== 'INDIV' ? value : map(value, kept, pointer);
    };
    return mapAt(mapped, steps, '', mapOne, misplaced) as TrialRecord;
  }, record);
}

function mapAt(
  value: unknown,
  steps: readonly string[],
  pointer: string,
  map: (value: unknown, pointer: string) => unknown,
  misplaced: MisplacedReport,
): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return map(value, pointer);
  if (step === EACH) {
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) =>
        mapAt(item, rest, pointerTo(pointer, index), map, misplaced),
      );
    }
    misplaced(pointer);
    return value;
  }
  if (!isMembers(value) || !Object.hasOwn(value, step)) return value;
  return { ...value, [step]: mapAt(value[step], rest, pointerTo(pointer, step), map, misplaced) };
}
