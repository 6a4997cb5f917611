import type { AuditEvent, AuditEventAgent, AuditEventEntity, Bundle, Coding, Reference } from 'fhir/r4';
import type { LogEntry } from '../access/receipt.js';
import { SYSTEMS } from '../records/coding.js';
import type { DisclosureReport } from './report.js';

/** Systems of codes that IHE Basic Audit Log Patterns (BALP) uses. */
const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const ISO_21089 = 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle';
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
const SOURCE_TYPE = 'http://terminology.hl7.org/CodeSystem/security-source-type';
const BALP_ENTITY = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';

/** The BALP profile that each event has: a disclosure, as recorded by its source. */
export const DISCLOSURE_PROFILE =
  'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source';

/** Who a disclosure is about, how the ledger knows them at this custodian. */
const PATIENT_SYSTEM = 'urn:vitaledger:patient';
const RECEIPT_SYSTEM = 'urn:vitaledger:receipt';
const CONSENT_SYSTEM = 'urn:vitaledger:consent';
const PRESCRIPTION_SYSTEM = 'urn:vitaledger:prescription';
const STUDY_SYSTEM = 'urn:vitaledger:study';

/** A report as a FHIR R4 collection of AuditEvents, one for each disclosure, in the shape of IHE BALP. */
export function auditEventBundle({ disclosures, to }: DisclosureReport): Bundle<AuditEvent> {
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: to,
    entry: disclosures.map((disclosure) => ({
      fullUrl: `${RECEIPT_SYSTEM}:${disclosure.receipt}`,
      resource: auditEvent(disclosure),
    })),
  };
}

/** One entry of the access log as a FHIR R4 AuditEvent. Parties are named by identifier: the ledger knows no names. */
export function auditEvent(entry: LogEntry): AuditEvent {
  const custodian = organization(entry.custodian);
  return {
    resourceType: 'AuditEvent',
    meta: { profile: [DISCLOSURE_PROFILE] },
    type: { system: DCM, code: '110106', display: 'Export' },
    subtype: [{ system: ISO_21089, code: 'disclose', display: 'Disclose Record Lifecycle Event' }],
    action: 'R',
    recorded: entry.instant,
    outcome: '0',
    ...(entry.emergency ? { outcomeDesc: `The glass was broken: ${entry.emergency.reason}` } : {}),
    purposeOfEvent: [{ coding: [{ system: SYSTEMS.purposeOfUse, code: entry.purpose }] }],
    agent: [
      party({ system: DCM, code: '110153', display: 'Source Role ID' }, entry.custodian),
      party({ system: DCM, code: '110152', display: 'Destination Role ID' }, entry.actor.mspId),
      user(entry),
      ...via(entry),
    ],
    source: { observer: custodian, type: [{ system: SOURCE_TYPE, code: '4' }] },
    entity: entitiesOf(entry),
  };
}

function organization(mspId: string): Reference {
  return { type: 'Organization', identifier: { system: SYSTEMS.organization, value: mspId } };
}

function identified(system: string, value: string): Reference {
  return { identifier: { system, value } };
}

function party(type: Coding, mspId: string): AuditEventAgent {
  return {
    type: { coding: [type] },
    who: organization(mspId),
    requestor: false,
    // BALP asks for a network address; that of the organization on the ledger is all that is known.
    network: { address: `${SYSTEMS.organization}:${mspId}`, type: '5' },
  };
}

function user({ actor, purpose, policies = [] }: LogEntry): AuditEventAgent {
  const laws = policies.map(({ pack, version, rule }) => `urn:vitaledger:policy:${pack}:${version}:${rule}`);
  return {
    type: { coding: [{ system: SYSTEMS.participation, code: 'IRCP', display: 'information recipient' }] },
    who: identified(SYSTEMS.person, `${actor.mspId}/${actor.subject}`),
    role: [{ coding: [{ system: SYSTEMS.role, code: actor.role }] }],
    requestor: true,
    purposeOfUse: [{ coding: [{ system: SYSTEMS.purposeOfUse, code: purpose }] }],
    ...(laws.length === 0 ? {} : { policy: laws }),
  };
}

/** The service that acted for the person: an application, in BALP's words the client. */
function via({ actor, via: service }: LogEntry): AuditEventAgent[] {
  if (service === undefined) return [];
  const type = { coding: [{ system: DCM, code: '110150', display: 'Application' }] };
  return [{ type, who: identified(SYSTEMS.person, `${actor.mspId}/${service}`), requestor: false }];
}

function entitiesOf(entry: LogEntry): AuditEventEntity[] {
  const { patient, receipt, rules, prescription, study } = entry;
  const consents = [...new Set(rules.filter(({ type }) => type === 'permit').map(({ consent }) => consent))];
  return [
    {
      what: { type: 'Patient', identifier: { system: PATIENT_SYSTEM, value: patient } },
      type: { system: ENTITY_TYPE, code: '1', display: 'Person' },
      role: { system: OBJECT_ROLE, code: '1', display: 'Patient' },
    },
    ...dataOf(entry),
    {
      what: identified(RECEIPT_SYSTEM, receipt),
      type: { system: BALP_ENTITY, code: 'XrequestId' },
    },
    ...consents.map((consent) => basis('Consent', CONSENT_SYSTEM, consent)),
    ...(prescription === undefined ? [] : [basis('MedicationRequest', PRESCRIPTION_SYSTEM, prescription)]),
    ...(study === undefined ? [] : [basis('ResearchStudy', STUDY_SYSTEM, study)]),
  ];
}

/** What the release rests on, or is for. */
function basis(type: string, system: string, value: string): AuditEventEntity {
  return { what: { type, ...identified(system, value) }, type: { system: SYSTEMS.resourceType, code: type } };
}

/** The records that were asked for by name, or else the question. */
function dataOf({ filter, scope }: LogEntry): AuditEventEntity[] {
  const type = { system: ENTITY_TYPE, code: '2', display: 'System Object' };
  const role = { system: OBJECT_ROLE, code: '4', display: 'Domain Resource' };
  if (filter.records) {
    return filter.records.map((record) => ({ what: identified(SYSTEMS.record, record), type, role }));
  }
  const query = Buffer.from(JSON.stringify({ scope, ...filter })).toString('base64');
  return [{ type, role: { system: OBJECT_ROLE, code: '24', display: 'Query' }, query }];
}
