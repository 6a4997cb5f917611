import { VitaledgerError } from '../errors/index.js';
import { isDigest } from '../json/index.js';
import { findContacts, misplacedContacts } from './contacts.js';
import { jsonPathOf, pointerTo } from './json-pointer.js';
import { isMembers, type TrialRecord } from './trial-record.js';

/** Something in a record that looks like a person's. */
export interface PersonalData {
  /** JSON Pointer (RFC 6901). */
  readonly pointer: string;
  readonly kind: 'contact' | 'e-mail' | 'telephone' | 'digest';
}

/** Members that hold a person's data wherever they stand. */
const PERSONAL_MEMBERS = new Set([
  'email',
  'fax',
  'investigatorfullname',
  'investigatortitle',
  'mobile',
  'oldnametitle',
  'phone',
  'phoneext',
  'telephone',
]);

// Lengths are bounded so that a long text without spaces costs no more than its length.
const EMAIL =
  /[^\s@<>()[\],;:"']{1,64}(?:@|\s?[([]at[)\]]\s?)[^\s@<>()[\],;:"']{1,255}(?:\.|\s?[([]dot[)\]]\s?)\p{L}{2}/iu;

const TELEPHONE: readonly RegExp[] = [
  // International: +49 30 1234567, 0049 30 1234567
  /(?<![\w.+-])\+\s?\d(?:[\s()./-]{0,3}\d){7,14}(?!\w)/u,
  /(?<![\w.,+-])00[1-9]\d?(?:[\s()./-]{1,3}\d+){2,6}(?!\w)/u,
  // North American: (617) 555-0134, 617-555-0134, 617.555.0134. Bare groups of digits would be doses and counts.
  /(?<![\w.,-])\(\d{3}\)\s?\d{3}[\s.-]\d{4}(?![\w-])/u,
  /(?<![\w.,-])(?:1[.-])?\d{3}([.-])\d{3}\1\d{4}(?![\w-])/u,
  // Any number that is called one: Tel. 030 1234567
  /\b(?:tel|telephone|phone|telefon|fax|mobile|whatsapp)\b(?:\s?(?:no|number|nr))?[.:#\s]{0,4}\(?\+?\d(?:[\s()./-]{0,3}\d){5,14}/iu,
];

/**
 * What may not be public in a record of a trial: contacts that no digest replaces, and e-mail addresses and telephone
 * numbers in any text or member name. Names in running text cannot be told from other words; authors must leave them out.
 *
 * @returns where, in document order within each kind of search; empty when nothing was found.
 */
export function findPersonalData(record: TrialRecord): readonly PersonalData[] {
  const contacts = [...findContacts(record).map(({ pointer }) => pointer), ...misplacedContacts(record)];
  const found = contacts.map((pointer): PersonalData => ({ pointer, kind: 'contact' }));
  searchMembers(record, [], found);
  const seen = new Map(found.map((data) => [`${data.kind} ${data.pointer}`, data]));
  return [...seen.values()];
}

/**
 * Refuses a record with personal data, which an immutable public record would keep for ever.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT`; `details.path` is the JSON path of the first finding, `details.reason` is
 * `PERSONAL_DATA`, `details.faults` how many there are.
 */
export function refusePersonalData(record: TrialRecord): void {
  const [first, ...others] = findPersonalData(record);
  if (first === undefined) return;
  const path = jsonPathOf(first.pointer);
  throw new VitaledgerError('INVALID_ARGUMENT', `${path} ${RULES[first.kind]}`, {
    path,
    reason: 'PERSONAL_DATA',
    faults: others.length + 1,
  });
}

const RULES = {
  contact: 'names a person to contact; replace contacts by their digests before the record becomes public',
  'e-mail': 'looks like an e-mail address; move it to a contact or take it out of the text',
  telephone: 'looks like a telephone number; move it to a contact or take it out of the text',
  digest: 'must be a SHA-256 digest in lower-case hexadecimal',
} as const;

/** Where a search is: the names and indexes from the record on. A pointer is made of them only where something is found. */
type Place = (string | number)[];

function pointerOf(place: Place): string {
  return place.reduce<string>(pointerTo, '');
}

function searchMembers(value: unknown, place: Place, found: PersonalData[]): void {
  if (typeof value === 'string') {
    for (const kind of kindsOf(value)) found.push({ pointer: pointerOf(place), kind });
  } else if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      place.push(index);
      searchMembers(item, place, found);
      place.pop();
    });
  } else if (isMembers(value)) {
    for (const name of Object.keys(value)) searchMember(name, value[name], place, found);
  }
}

function searchMember(name: string, member: unknown, place: Place, found: PersonalData[]): void {
  const kinds = kindsOf(name);
  for (const kind of kinds) found.push({ pointer: pointerOf(place), kind });
  // A pointer through such a name would repeat it, so the finding is at the object that has it.
  if (kinds.length === 0) place.push(name);
  if (name === 'digest') {
    if (!isDigest(member)) found.push({ pointer: pointerOf(place), kind: 'digest' });
  } else if (PERSONAL_MEMBERS.has(name.toLowerCase()) && member !== null && member !== '') {
    found.push({ pointer: pointerOf(place), kind: 'contact' });
  } else {
    searchMembers(member, place, found);
  }
  if (kinds.length === 0) place.pop();
}

function kindsOf(text: string): readonly ('e-mail' | 'telephone')[] {
  const plain = NOT_ASCII.test(text) ? text.normalize('NFKC').replace(/[\u2010-\u2015\u2212]/gu, '-') : text;
  const kinds: ('e-mail' | 'telephone')[] = [];
  if (AT.test(plain) && EMAIL.test(plain)) kinds.push('e-mail');
  if (hasDigitsOfTelephone(plain) && TELEPHONE.some((pattern) => pattern.test(plain)))
    kinds.push('telephone');
  return kinds;
}

// Most texts are of plain letters: what they lack is quickly seen, so that the costly patterns are spared.
const NOT_ASCII = /\P{ASCII}/u;
const AT = /@|[([]at[)\]]/iu;
/** The fewest that any of {@link TELEPHONE} asks for. */
const LEAST_DIGITS = 5;

function hasDigitsOfTelephone(text: string): boolean {
  let digits = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57 && ++digits === LEAST_DIGITS) return true;
  }
  return false;
}
