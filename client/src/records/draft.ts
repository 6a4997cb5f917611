import {
  type Classification,
  classify,
  type Coding,
  isDateTime,
  isResourceType,
  logicalReferences,
  type RecordInput,
  type ReferenceResolver,
  VitaledgerError,
} from '@vitaledger/domain';
import type { DomainResource, FhirResource } from 'fhir/r4';
import { newId, newSalt } from '../session/random.js';
import type { Content } from '../vault/chunks.js';
import type { Upload } from '../vault/upload.js';

/** A document to be registered: a scan, a genome, a PDF; described the way FHIR describes it. */
export interface Document {
  readonly content: Content;
  /** Lower case, without parameters: `application/dicom`. */
  readonly mediaType: string;
  /**
   * What FHIR says of it: a DocumentReference, an ImagingStudy, a Media, or whatever resource describes it. It is registered beside
   * it, pointing to it, and what consent must know of the document (class, codes, date, labels) is taken from it.
   */
  readonly describedBy?: FhirResource;
  /** FHIR R4 resource type that stands for it: `DocumentReference` (unless told), `ImagingStudy`, `MolecularSequence`. */
  readonly class?: string;
  readonly category?: readonly Coding[];
  readonly codes?: readonly Coding[];
  /** Clinically relevant date, FHIR date or dateTime. */
  readonly date?: string;
  /** Security labels. */
  readonly labels?: readonly Coding[];
  /** Plaintext bytes per chunk in the vault; 1 MiB unless told. */
  readonly chunkSize?: number;
  /** From `newUpload`: an interrupted registration goes on where it ended, when it is called again with the same upload and content. */
  readonly upload?: Upload;
}

/** A record before its content is in the vault. */
export interface Draft {
  readonly metadata: Omit<RecordInput, 'keyShare' | 'manifest'>;
  readonly content: Content;
  readonly chunkSize?: number;
  /** By which storing the content goes on after an interruption. */
  readonly upload?: Upload;
  /** Whose it is, where a registration is of several patients. */
  readonly patient?: string;
  /** The version that it becomes; the first when absent. */
  readonly version?: number;
}

const fhirJson = 'application/fhir+json';

/** How many codings of each kind the ledger takes. */
const mostCodings = 100;

/**
 * A record of a FHIR resource. It is stored with the record's id as its own, and with references that mean something outside of the
 * transaction that it may have been in.
 *
 * @param path where the resource stands in the input, for the error
 * @throws VitaledgerError `INVALID_ARGUMENT`
 */
export function draftOfResource(
  resource: FhirResource,
  path: string,
  id = newId(),
  resolve?: ReferenceResolver,
): Draft {
  if (!isResourceType((resource as Partial<FhirResource>).resourceType)) {
    throw new VitaledgerError('INVALID_ARGUMENT', `${path}.resourceType is not a FHIR R4 resource type`, {
      path,
    });
  }
  const content = Buffer.from(JSON.stringify({ ...logicalReferences(resource), id }));
  return {
    metadata: { id, salt: newSalt(), mediaType: fhirJson, ...described(classify(resource, resolve), path) },
    content,
  };
}

/** The records of a document: itself and, where there is one, the resource that describes it. */
export function draftsOfDocument(document: Document): readonly Draft[] {
  const { describedBy } = document;
  if (describedBy === undefined) return [draftOfDocument(document)];
  const description = draftOfResource(describedBy, 'describedBy');
  const { class: type, category, codes, labels, date } = description.metadata;
  const own = draftOfDocument({
    class: type,
    category,
    codes,
    ...(date ? { date } : {}),
    ...document,
    labels: [...labels, ...(document.labels ?? [])],
  });
  const pointing = pointingTo(describedBy, own.metadata.id, document.mediaType);
  const { id } = description.metadata;
  return [own, { ...description, content: Buffer.from(JSON.stringify({ ...pointing, id })) }];
}

/** The extension by which a resource without an attachment of its own points to its content. */
const CONTENT_EXTENSION = 'urn:vitaledger:content';

function pointingTo(resource: FhirResource, record: string, mediaType: string): FhirResource {
  const attachment = { contentType: mediaType, url: `Binary/${record}` };
  if (resource.resourceType === 'DocumentReference') {
    const [first, ...others] = resource.content;
    return {
      ...resource,
      content: [{ ...first, attachment: { ...first?.attachment, ...attachment } }, ...others],
    };
  }
  if (resource.resourceType === 'Media') {
    return { ...resource, content: { ...resource.content, ...attachment } };
  }
  const { extension = [] } = resource as DomainResource;
  const pointer = { url: CONTENT_EXTENSION, valueReference: { reference: attachment.url } };
  return { ...resource, extension: [...extension, pointer] } as FhirResource;
}

/** A record of a document. */
export function draftOfDocument(document: Document): Draft {
  const { content, mediaType, category = [], codes = [], labels = [], date, chunkSize } = document;
  return {
    metadata: {
      ...identityOf(document),
      class: document.class ?? 'DocumentReference',
      category,
      codes,
      labels,
      ...(date === undefined ? {} : { date }),
      mediaType,
    },
    content,
    ...(chunkSize === undefined ? {} : { chunkSize }),
    ...uploadOf(document),
  };
}

/** An upload that is taken up again keeps the id and salt of its record. */
function identityOf({ upload }: Document): Pick<RecordInput, 'id' | 'salt'> {
  return upload ? { id: upload.record, salt: upload.salt } : { id: newId(), salt: newSalt() };
}

function uploadOf({ upload }: Document): Pick<Draft, 'upload'> {
  return upload ? { upload } : {};
}

function described(
  { class: type, category, codes, labels, date }: Classification,
  path: string,
): Pick<RecordInput, 'class' | 'category' | 'codes' | 'labels' | 'date'> {
  return {
    class: type,
    category: codings(category, `${path}.category`),
    codes: codings(codes, `${path}.code`),
    labels: codings(labels, `${path}.meta.security`),
    ...(date !== undefined && isDateTime(date) ? { date } : {}),
  };
}

/** A code without a system means nothing to a consent, which names both. What a consent could match is never left out. */
function codings(found: readonly Coding[], path: string): readonly Coding[] {
  const named = found.filter(({ system }) => system !== '');
  if (named.length > mostCodings) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `${path} has ${named.length} codes, and a record takes ${mostCodings}`,
      {
        path,
      },
    );
  }
  return named;
}
