import type { Coding, Consent, Extension, Identifier, Reference } from 'fhir/r4';
import * as v from 'valibot';
import { validateConsent } from '../decision/provision.js';
import { invalid } from '../errors/vitaledger-error.js';
import { canonicalJson, digestOf } from '../json/canonical.js';
import { parseJson } from '../json/parse.js';
import { isMspId } from '../json/formats.js';
import { checkShape, closed, shapes, text } from '../json/shape.js';
import { isDateTime } from '../records/dates.js';
import { validateDataUse, type DataUse } from '../research/data-use.js';
import { isTrialNumber } from '../trial-evidence/trial-number.js';
import { languageShape, provisionShape } from '../statements/bodies.js';
import type { ConsentBody } from '../statements/statement.js';

/** What a FHIR R4 Consent says, in the ledger's terms. */
export interface FhirConsent
  extends
    Pick<ConsentBody, 'provision' | 'policyRule' | 'replaces' | 'trial' | 'dataUse' | 'recontact'>,
    Partial<Pick<ConsentBody, 'consent' | 'version' | 'handle'>> {
  readonly text: {
    readonly language: string;
    /** SHA-256 of the text's UTF-8. */
    readonly digest: string;
    /** The text itself, where it is at hand. */
    readonly content?: string;
  };
  /** Whose it is, as the application names people; the ledger does not. Whoever imports checks that it is the patient who signs. */
  readonly patient?: Reference;
  /** When it was signed: a FHIR dateTime. */
  readonly dateTime?: string;
  /** MSP ids of the custodians that it is addressed to. */
  readonly custodians?: readonly string[];
}

const CONSENT = 'urn:vitaledger:consent';
const ORGANIZATION = 'urn:vitaledger:organization';
const POLICY = 'urn:vitaledger:decision-semantics:1';
const EXTENSIONS = {
  handle: 'urn:vitaledger:extension:revocation-handle',
  replaces: 'urn:vitaledger:extension:replaces',
  digest: 'urn:vitaledger:extension:sha-256',
  trial: 'urn:vitaledger:extension:trial',
  /** GA4GH DUO terms as canonical JSON. */
  dataUse: 'urn:vitaledger:extension:data-use',
  recontact: 'urn:vitaledger:extension:recontact',
} as const;
const SCOPE: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/consentscope',
  code: 'patient-privacy',
};
/** LOINC: Patient Consent. */
const CATEGORY: Coding = { system: 'http://loinc.org', code: '59284-0' };
const POLICY_RULE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/**
 * A consent as a FHIR R4 Consent resource. {@link fromFhirConsent} reads it back as it was.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` if the provision is none that the ledger accepts, or the text is not that of its digest.
 */
export function toFhirConsent(consent: FhirConsent): Consent {
  const { dateTime, custodians } = consent;
  validateConsent(consent, 'consent');
  checkContent(consent.text, 'consent.text.content');
  const extension = extensionsOf(consent);
  const identifier = identifierOf(consent);
  return {
    resourceType: 'Consent',
    ...(consent.version === undefined ? {} : { meta: { versionId: String(consent.version) } }),
    ...(extension.length === 0 ? {} : { extension }),
    ...(identifier === undefined ? {} : { identifier: [identifier] }),
    status: 'active',
    scope: { coding: [SCOPE] },
    category: [{ coding: [CATEGORY] }],
    ...(consent.patient === undefined ? {} : { patient: consent.patient }),
    ...(dateTime === undefined ? {} : { dateTime }),
    ...(custodians === undefined ? {} : { organization: custodians.map(referenceTo) }),
    sourceAttachment: attachmentOf(consent.text),
    policy: [{ uri: POLICY }],
    ...(consent.policyRule === undefined
      ? {}
      : { policyRule: { coding: [{ system: POLICY_RULE, code: consent.policyRule }] } }),
    provision: consent.provision,
  };
}

/** What R4 has no element for. A program that does not know the terms would take the consent for a wider one. */
function extensionsOf({ handle, replaces, trial, dataUse, recontact }: FhirConsent): Extension[] {
  const values: readonly (readonly [string, string | undefined])[] = [
    [EXTENSIONS.handle, handle],
    [EXTENSIONS.replaces, replaces && `${replaces.consent}/${replaces.version}`],
    [EXTENSIONS.trial, trial],
    [EXTENSIONS.dataUse, dataUse && canonicalJson(dataUse)],
    [EXTENSIONS.recontact, recontact && 'true'],
  ];
  return values.flatMap(([url, valueString]) => (valueString === undefined ? [] : [{ url, valueString }]));
}

function identifierOf({ consent }: FhirConsent): Identifier | undefined {
  return consent === undefined ? undefined : { system: CONSENT, value: consent };
}

function referenceTo(mspId: string): Reference {
  return { identifier: { system: ORGANIZATION, value: mspId } };
}

/** R4 has SHA-1 for an attachment's `hash`, so the ledger's digest is an extension. */
function attachmentOf({ language, digest, content }: FhirConsent['text']): Consent['sourceAttachment'] {
  return {
    extension: [{ url: EXTENSIONS.digest, valueString: digest }],
    contentType: 'text/plain',
    language,
    ...(content === undefined ? {} : { data: Buffer.from(content, 'utf8').toString('base64') }),
  };
}

const fixed = <const T extends string>(value: T) => v.literal(value, `must be ${value}`);
const only = <T>(entry: v.GenericSchema<unknown, T>) =>
  v.pipe(v.array(entry), v.length(1, 'must have exactly one entry'));
const conceptOf = (system: string, ...codes: readonly string[]) =>
  closed({
    coding: only(
      closed({
        system: fixed(system),
        code: v.picklist(codes, `must be ${codes.join(' or ')}`),
        display: v.exactOptional(v.string()),
      }),
    ),
  });
const valueString = text(() => true, 'must be a string');

const consentShape = closed({
  resourceType: fixed('Consent'),
  // A server's own names of the resource; nothing that was consented to.
  id: v.exactOptional(v.string()),
  meta: v.exactOptional(
    closed({
      versionId: v.exactOptional(
        text((value) => /^[1-9]\d{0,3}$/.test(String(value)), 'must be a number from 1 to 9999'),
      ),
      lastUpdated: v.exactOptional(v.string()),
    }),
  ),
  extension: v.exactOptional(
    v.array(
      closed({
        url: v.picklist(
          [
            EXTENSIONS.handle,
            EXTENSIONS.replaces,
            EXTENSIONS.trial,
            EXTENSIONS.dataUse,
            EXTENSIONS.recontact,
          ],
          'must be an extension that the ledger knows',
        ),
        valueString,
      }),
    ),
  ),
  identifier: v.exactOptional(only(closed({ system: fixed(CONSENT), value: shapes.id }))),
  status: v.literal('active', 'must be active: the ledger holds what is in force'),
  scope: conceptOf(SCOPE.system ?? '', SCOPE.code ?? ''),
  category: only(conceptOf(CATEGORY.system ?? '', CATEGORY.code ?? '')),
  patient: v.exactOptional(
    closed({
      type: v.exactOptional(fixed('Patient')),
      reference: v.exactOptional(v.string()),
      identifier: v.exactOptional(closed({ system: v.string(), value: v.string() })),
      display: v.exactOptional(v.string()),
    }),
  ),
  dateTime: v.exactOptional(text(isDateTime, 'must be a FHIR dateTime')),
  organization: v.exactOptional(
    v.pipe(
      v.array(
        closed({
          identifier: closed({ system: fixed(ORGANIZATION), value: text(isMspId, 'must be an MSP id') }),
        }),
      ),
      v.minLength(1, 'must have at least one entry, or be absent'),
    ),
  ),
  sourceAttachment: closed({
    extension: v.exactOptional(only(closed({ url: fixed(EXTENSIONS.digest), valueString: shapes.digest }))),
    contentType: fixed('text/plain'),
    language: languageShape,
    data: v.exactOptional(
      text(
        (value) => Buffer.from(String(value), 'base64').toString('base64') === value,
        'must be base64 (RFC 4648) in its one form',
      ),
    ),
  }),
  policy: v.exactOptional(only(closed({ uri: fixed(POLICY) }))),
  policyRule: v.exactOptional(conceptOf(POLICY_RULE, 'OPTIN', 'OPTOUT')),
  provision: provisionShape,
});

type ReadConsent = v.InferOutput<typeof consentShape>;

/**
 * What a FHIR R4 Consent says, ready to be signed (`PatientKey.consent` of the SDK). Nothing is left out in silence: what the ledger
 * cannot express (another status or scope, performers, verification, narratives, references to servers, unknown extensions) is refused with its
 * JSON path. `id` and `meta.lastUpdated` are a server's own and not kept.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with `details.path`, beginning at `Consent`.
 */
export function fromFhirConsent(resource: unknown): FhirConsent {
  const consent = checkShape(consentShape, resource, 'Consent');
  const { patient, dateTime, organization, provision } = consent;
  const policyRule = consent.policyRule?.coding[0]?.code as ConsentBody['policyRule'];
  const base = policyRule === undefined ? {} : { policyRule };
  const extensions = readExtensions(consent);
  validateConsent({ provision, ...base, ...extensions }, 'Consent');
  return {
    ...readNames(consent),
    ...extensions,
    provision,
    ...base,
    text: readText(consent),
    ...(patient === undefined ? {} : { patient }),
    ...(dateTime === undefined ? {} : { dateTime }),
    ...(organization === undefined
      ? {}
      : { custodians: organization.map(({ identifier: { value } }) => value) }),
  };
}

function readNames({ identifier = [], meta }: ReadConsent): Pick<FhirConsent, 'consent' | 'version'> {
  const [name] = identifier;
  return {
    ...(name === undefined ? {} : { consent: name.value }),
    ...(meta?.versionId === undefined ? {} : { version: Number(meta.versionId) }),
  };
}

const replacedShape = text(
  (value) => /^[0-9a-f]{32}\/[1-9]\d{0,3}$/.test(String(value)),
  'must be <consent id>/<version>',
);

const trialShape = text((value) => isTrialNumber(String(value)), "must be the registry's number of a trial");
const termsShape = text((value) => typeof value === 'string', 'must be data-use terms as JSON');
const recontactShape = text((value) => value === 'true', 'must be true');

function readExtensions({
  extension = [],
}: ReadConsent): Pick<FhirConsent, 'handle' | 'replaces' | 'trial' | 'dataUse' | 'recontact'> {
  const urls = extension.map(({ url }) => url);
  if (new Set(urls).size < urls.length) throw invalid('Consent.extension', 'must not repeat an extension');
  const read = (url: string, shape: typeof replacedShape): string | undefined => {
    const at = urls.findIndex((own) => own === url);
    const value = extension[at]?.valueString;
    return value === undefined ? undefined : checkShape(shape, value, `Consent.extension[${at}].valueString`);
  };
  const handle = read(EXTENSIONS.handle, shapes.digest);
  const [consent = '', version = ''] = read(EXTENSIONS.replaces, replacedShape)?.split('/') ?? [];
  return {
    ...(handle === undefined ? {} : { handle }),
    ...(consent === '' ? {} : { replaces: { consent, version: Number(version) } }),
    ...readResearch(
      read(EXTENSIONS.trial, trialShape),
      read(EXTENSIONS.dataUse, termsShape),
      read(EXTENSIONS.recontact, recontactShape),
    ),
  };
}

function readResearch(
  trial: string | undefined,
  terms: string | undefined,
  recontact: string | undefined,
): Pick<FhirConsent, 'trial' | 'dataUse' | 'recontact'> {
  return {
    ...(trial === undefined ? {} : { trial }),
    ...(terms === undefined ? {} : { dataUse: readTerms(terms) }),
    ...(recontact === undefined ? {} : { recontact: true }),
  };
}

function readTerms(json: string): DataUse {
  const path = 'Consent.extension.valueString';
  return validateDataUse(parseJson(json, path), path);
}

function readText({ sourceAttachment }: ReadConsent): FhirConsent['text'] {
  const { extension, language, data } = sourceAttachment;
  const content = data === undefined ? undefined : decodeText(data);
  const digest = extension?.[0]?.valueString ?? (content === undefined ? undefined : digestOf(content));
  if (digest === undefined) {
    throw invalid('Consent.sourceAttachment.data', 'is required where no digest of the text is given');
  }
  const read = { language, digest, ...(content === undefined ? {} : { content }) };
  checkContent(read, 'Consent.sourceAttachment.data');
  return read;
}

function decodeText(data: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(data, 'base64'));
  } catch {
    throw invalid('Consent.sourceAttachment.data', 'must be text in UTF-8');
  }
}

function checkContent({ content, digest }: FhirConsent['text'], path: string): void {
  if (content !== undefined && digestOf(content) !== digest) {
    throw invalid(path, 'must be the text of which the digest is given');
  }
}
