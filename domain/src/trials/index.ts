/** Clinical trials: what a registration must hold, persons kept out of it, versions compared, and the life of a trial. */
export * from './clocks/index.js';
export {
  contactDigest,
  findContacts,
  redactContacts,
  type RedactedContact,
  type RedactedTrial,
  rejoinContacts,
  type TrialContact,
} from './contacts.js';
export { diffRecords, type FieldChange } from './diff-records.js';
export {
  legalActions,
  nextStatus,
  TRIAL_STATUSES,
  type TrialAction,
  type TrialStatus,
} from './life-cycle.js';
export * from './outcomes/index.js';
export { findPersonalData, type PersonalData, refusePersonalData } from './personal-data.js';
export { asTrialRecord, type TrialRecord } from './trial-record.js';
export * from './search/index.js';
export { trialResource } from './trial-resource.js';
export { isTrialDate } from './trial-date.js';
export {
  MAX_TRIALS_AT_ONCE,
  registrationFaults,
  type RegistrationFault,
  type TrialIdentifier,
  trialIdentifiers,
  validateRegistration,
} from './validate-registration.js';
