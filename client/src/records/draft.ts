import {
  type Classification,
  classify,
  type Coding,
  isDateTime,
  isResourceType,
  type RecordInput,
  type ReferenceResolver,
  VitaledgerError,
} from '@vitaledger/domain';
import type { FhirResource } from 'fhir/r4';
import { newId, newSalt } from '../session/random.js';
import type { Content } from '../vault/chunks.js';

/** A document to be registered: a scan, a genome, a PDF; described the way FHIR describes it. */
export interface Document {
  readonly content: Content;
  /** Lower case, without parameters: `application/dicom`. */
  readonly mediaType: string;
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
}

/** A record before its content is in the vault. */
export interface Draft {
  readonly metadata: Omit<RecordInput, 'keyShare' | 'manifest'>;
  readonly content: Content;
  readonly chunkSize?: number;
  /** Whose it is, where a registration is of several patients. */
  readonly patient?: string;
  /** The version that it becomes; the first when absent. */
  readonly version?: number;
}

const fhirJson = 'application/fhir+json';

/** How many codings of each kind the ledger takes. */
const mostCodings = 100;

/**
 * A record of a FHIR resource. It is stored with the record's id as its own.
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
  const content = Buffer.from(JSON.stringify({ ...resource, id }));
  return {
    metadata: { id, salt: newSalt(), mediaType: fhirJson, ...described(classify(resource, resolve), path) },
    content,
  };
}

/** A record of a document. */
export function draftOfDocument(document: Document): Draft {
  const { content, mediaType, category = [], codes = [], labels = [], date, chunkSize } = document;
  return {
    metadata: {
      id: newId(),
      salt: newSalt(),
      class: document.class ?? 'DocumentReference',
      category,
      codes,
      labels,
      ...(date === undefined ? {} : { date }),
      mediaType,
    },
    content,
    ...(chunkSize === undefined ? {} : { chunkSize }),
  };
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
