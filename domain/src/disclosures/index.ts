/** Who was given a person's data: the accounts that laws give a right to, as FHIR AuditEvents and CSV. */
export * from './audit-event.js';
export * from './csv.js';
export * from './report.js';
