import type { Provenance, ProvenanceAgent, ProvenanceEntity, Reference } from 'fhir/r4';
import type { MedicalActor } from '../consortium/roles.js';
import type { Change } from '../records/change.js';
import { SYSTEMS } from '../records/coding.js';
import type { CopySource, RecordMetadata } from '../records/record.js';

const OPERATION = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation';
const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** What a Provenance is about: a version of a record, with how it came to be or ended. */
export type ProvenanceSubject = Pick<
  RecordMetadata,
  'id' | 'class' | 'version' | 'registered' | 'registeredBy' | 'amendment' | 'copiedFrom'
> & { readonly ended?: Change & { readonly how: 'amended' | 'retracted' } };

/**
 * The FHIR R4 Provenance of a version of a record: who made it, when, why, and from which version; for a retracted one,
 * who called it entered in error. The contract keeps these facts; nobody can register a Provenance that says otherwise.
 */
export function provenanceOf(record: ProvenanceSubject): Provenance {
  const { version, amendment, ended } = record;
  if (ended?.how === 'retracted') return changed(record, 'NULLIFY', ended);
  if (!amendment) {
    const created = { ...made(record, 'CREATE', record.registered), agent: agentsOf(record.registeredBy) };
    return record.copiedFrom ? { ...created, entity: [sourceOf(record, record.copiedFrom)] } : created;
  }
  const what = versionReference(record, version - 1);
  return { ...changed(record, 'UPDATE', amendment), entity: [{ role: 'revision', what }] };
}

function changed(record: ProvenanceSubject, operation: string, change: Change): Provenance {
  const { instant, by, via, reason } = change;
  const { code, text } = reason;
  const why = { ...(code ? { coding: [code] } : {}), text };
  return { ...made(record, operation, instant), reason: [why], agent: agentsOf(by, via) };
}

function made(record: ProvenanceSubject, operation: string, recorded: string): Omit<Provenance, 'agent'> {
  return {
    resourceType: 'Provenance',
    target: [versionReference(record, record.version)],
    recorded,
    activity: { coding: [{ system: OPERATION, code: operation }] },
  };
}

function sourceOf({ class: type }: ProvenanceSubject, source: CopySource): ProvenanceEntity {
  const { custodian, record, version } = source;
  const what = versionReference({ class: type, id: record }, version);
  const agent = [{ who: { identifier: { system: SYSTEMS.organization, value: custodian } } }];
  return { role: 'source', what, agent };
}

function versionReference(
  { class: type, id }: Pick<ProvenanceSubject, 'class' | 'id'>,
  version: number,
): Reference {
  return {
    reference: `${type}/${id}/_history/${version}`,
    type,
    identifier: { system: SYSTEMS.record, value: id },
  };
}

function agentsOf(by: MedicalActor, via?: string): ProvenanceAgent[] {
  const person = agent('author', `${by.mspId}/${by.subject}`, by.mspId);
  const acting = { ...person, role: [{ coding: [{ system: SYSTEMS.role, code: by.role }] }] };
  return via === undefined ? [acting] : [acting, agent('assembler', `${by.mspId}/${via}`, by.mspId)];
}

function agent(type: 'author' | 'assembler', person: string, organization: string): ProvenanceAgent {
  return {
    type: { coding: [{ system: PARTICIPANT, code: type }] },
    who: { identifier: { system: SYSTEMS.person, value: person } },
    onBehalfOf: { identifier: { system: SYSTEMS.organization, value: organization } },
  };
}
