import type { Role } from '@vitaledger/domain';
import type { ConsentState } from './consent-state.js';

/*
 * Who may do what, written by hand from docs/protocol.md and docs/security-model.md: an independent second opinion on the
 * code's table (chaincode/src/authorization/permissions.ts). Do not derive one from the other. What stands nowhere in a
 * row is refused, and a function without a row fails the test.
 */

export interface Row {
  /** Roles of the organization whose peer executes, the custodian of what is asked about. */
  readonly own: readonly Role[];
  /** Roles of another member of the consortium. */
  readonly other: readonly Role[];
  /** Needs no membership and no role: every client of the channel may. */
  readonly anybody?: true;
  /** Where what the patient said decides too: what those who may call get instead of an answer. */
  readonly consent?: Readonly<Partial<Record<ConsentState, string>>>;
}

const NOBODY: readonly Role[] = [];
const EVERY_ROLE: readonly Role[] = [
  'practitioner',
  'emergency',
  'pharmacist',
  'laboratory',
  'researcher',
  'investigator',
  'sponsor',
  'ethics',
  'regulator',
  'registrar',
  'auditor',
  'admin',
  'service',
];
const CARE_STAFF: readonly Role[] = ['practitioner', 'laboratory', 'pharmacist', 'registrar', 'service'];

const members = (...roles: readonly Role[]): Row => ({ own: roles, other: roles });
const custodian = (...roles: readonly Role[]): Row => ({ own: roles, other: NOBODY });
/** Whoever brings a statement that a patient signed, or a secret. */
const RELAY: Row = members(...EVERY_ROLE);
const PUBLIC: Row = { ...RELAY, anybody: true };
const SPONSOR: Row = custodian('sponsor', 'investigator');

/** Nothing but a permission that is in force releases anything, to the custodian's own people either. */
const NOT_PERMITTED: Row['consent'] = {
  silent: 'CONSENT_DENIED',
  denied: 'CONSENT_DENIED',
  revoked: 'CONSENT_DENIED',
  closed: 'CONSENT_DENIED',
  restricted: 'CONSENT_DENIED',
};

export const AUTHORIZATION_MATRIX: Readonly<Record<string, Row>> = {
  'ConsortiumContract:beat': members('admin'),
  'ConsortiumContract:clock': PUBLIC,
  'ConsortiumContract:propose': members('admin'),
  'ConsortiumContract:vote': members('admin'),
  'ConsortiumContract:publishMap': members('admin'),
  'ConsortiumContract:publishPack': members('admin'),
  'ConsortiumContract:map': PUBLIC,
  'ConsortiumContract:pack': PUBLIC,
  'ConsortiumContract:document': PUBLIC,
  'ConsortiumContract:proposal': PUBLIC,

  'RecordContract:enrol': custodian('registrar'),
  'RecordContract:register': custodian(...CARE_STAFF),
  'RecordContract:registerBatch': custodian(...CARE_STAFF),
  // Who has a content and its proof's salt may check it.
  'RecordContract:contentHash': PUBLIC,
  // Metadata, for the purpose HCOMPL.
  'RecordContract:inspect': custodian('registrar', 'auditor'),
  // The inspection is registrar-1's, and theirs alone.
  'RecordContract:list': custodian('registrar'),

  'CorrectionContract:amend': custodian(...CARE_STAFF),
  'CorrectionContract:retract': custodian(...CARE_STAFF),
  'RectificationContract:request': custodian('registrar', 'practitioner'),
  'RectificationContract:refuse': custodian('registrar', 'practitioner'),
  'RectificationContract:list': custodian('registrar', 'practitioner', 'auditor'),
  'RectificationContract:answers': RELAY,
  'ErasureContract:preview': custodian('registrar'),
  'ErasureContract:erase': custodian('registrar'),
  'ErasureContract:hold': custodian('auditor'),
  'ErasureContract:release': custodian('auditor'),
  'PatientLinkContract:link': custodian('registrar'),
  'PatientLinkContract:unlink': custodian('registrar'),
  'PatientLinkContract:merge': custodian('registrar'),
  'PatientLinkContract:unmerge': custodian('registrar'),
  'PatientLinkContract:links': custodian('registrar', 'practitioner', 'auditor'),
  'PatientLinkContract:history': RELAY,

  // Of practitioner-1 and registrar-1, neither of whom is to join.
  'CareTeamContract:declare': custodian('registrar', 'practitioner'),
  'CareTeamContract:change': custodian('registrar', 'practitioner'),
  'CareTeamContract:end': custodian('registrar', 'practitioner'),
  'CareTeamContract:list': custodian('registrar', 'practitioner', 'auditor'),
  'CareTeamContract:history': RELAY,

  'ConsentContract:grant': RELAY,
  'ConsentContract:declare': RELAY,
  'ConsentContract:record': custodian('registrar'),
  'ConsentContract:revoke': RELAY,
  'ConsentContract:close': RELAY,
  'ConsentContract:revoked': PUBLIC,
  'ConsentContract:list': RELAY,
  'ConsentContract:history': RELAY,

  // For the purpose TREAT. Answered and logged whatever the patient said.
  'AccessContract:request': members('practitioner', 'emergency', 'pharmacist', 'laboratory'),
  // Receipts of each organization's practitioner-1, who alone may use them.
  'AccessContract:outcome': members('practitioner'),
  'AccessContract:open': { ...members('practitioner'), consent: NOT_PERMITTED },
  'AccessContract:log': RELAY,
  'AccessContract:reviews': custodian('registrar', 'auditor'),
  'AccessContract:review': custodian('registrar', 'auditor'),

  'NotificationContract:changeKey': RELAY,
  'NotificationContract:key': RELAY,
  'NotificationContract:notice': RELAY,

  // The orders are between the custodian and itself, so another member is no partner of them.
  'OrderContract:place': custodian('practitioner'),
  'OrderContract:placed': custodian('practitioner'),
  'OrderContract:placements': custodian('practitioner', 'service'),
  'OrderContract:accept': custodian('laboratory', 'practitioner'),
  'OrderContract:task': custodian('laboratory', 'practitioner'),
  // The orders are HomeMSP's own.
  'OrderCancellationContract:cancel': custodian('practitioner'),
  'OrderCancellationContract:revoke': custodian('practitioner'),
  'OrderContract:result': custodian('laboratory', 'practitioner'),
  'OrderContract:show': custodian('laboratory', 'practitioner'),
  // Shown by practitioner-1.
  'OrderContract:open': custodian('practitioner'),
  'OrderContract:status': custodian('practitioner'),
  'OrderContract:acknowledge': custodian('practitioner'),
  'OrderContract:awaited': custodian('laboratory', 'practitioner', 'service'),

  // The token that the patient carries is the permission: consents have no say.
  'PrescriptionContract:issue': custodian('practitioner'),
  // In public a service says for nobody that it acts; both organizations may vouch for both roles.
  'PrescriptionContract:publish': members('practitioner', 'service'),
  'PrescriptionContract:redeem': members('pharmacist'),
  // Redeemed by each organization's pharmacist-1.
  'PrescriptionContract:open': members('pharmacist'),
  'PrescriptionContract:fill': members('pharmacist', 'service'),
  'PrescriptionContract:cancel': RELAY,
  'PrescriptionContract:status': PUBLIC,
  'PrescriptionContract:cancellation': custodian('practitioner'),
  'DispenseContract:begin': custodian('pharmacist'),
  'DispenseContract:portion': custodian('pharmacist'),
  'DispenseContract:get': custodian('pharmacist', 'auditor'),

  // The committee that is named is the other organization's, which may not decide on its own studies.
  'StudyContract:register': custodian('researcher', 'investigator', 'sponsor'),
  'StudyContract:decide': { own: NOBODY, other: ['ethics'] },
  'StudyContract:revoke': { own: NOBODY, other: ['ethics'] },
  'StudyContract:get': PUBLIC,
  'StudyContract:list': PUBLIC,
  // The study is the own organization's.
  'CohortContract:ask': custodian('researcher', 'investigator'),
  'CohortContract:pending': custodian('service', 'registrar'),
  'CohortContract:count': custodian('service', 'registrar'),
  'CohortContract:answer': custodian('service', 'registrar'),
  // Asked by researcher-1.
  'CohortContract:read': custodian('researcher'),
  'CohortContract:log': custodian('auditor', 'registrar'),

  'TrialRegistryContract:register': members('sponsor', 'investigator'),
  'TrialImportContract:register': members('sponsor', 'investigator'),
  'TrialImportContract:find': PUBLIC,
  // The trial is the own organization's, and nobody approves their own.
  'TrialRegistryContract:approve': { own: NOBODY, other: ['ethics'] },
  'TrialRegistryContract:amend': SPONSOR,
  'TrialRegistryContract:advance': SPONSOR,
  'TrialRegistryContract:get': PUBLIC,
  'TrialRegistryContract:history': PUBLIC,
  'TrialRegistryContract:outcomes': PUBLIC,
  'TrialRegistryContract:asOf': PUBLIC,
  'TrialRegistryContract:steps': PUBLIC,
  'TrialRegistryContract:search': PUBLIC,
  'TrialRegistryContract:overdue': PUBLIC,
  'TrialRegistryContract:clocks': PUBLIC,
  'TrialDelayContract:submit': SPONSOR,
  // How a certificate ended.
  'TrialDelayContract:end': { own: ['sponsor', 'investigator', 'regulator'], other: ['regulator'] },
  'TrialDelayContract:list': PUBLIC,
  'TrialDocumentContract:register': SPONSOR,
  // The letter is the own organization's, the sponsor's.
  'TrialDocumentContract:revise': SPONSOR,
  'TrialDocumentContract:list': PUBLIC,
  'TrialDocumentContract:history': PUBLIC,
  'TrialDocumentContract:find': PUBLIC,
  'TrialAnalysisContract:commitList': SPONSOR,
  'TrialAnalysisContract:unblind': SPONSOR,
  'TrialAnalysisContract:revealList': SPONSOR,
  'TrialAnalysisContract:get': PUBLIC,
  'TrialEnrolmentContract:report': members('investigator', 'service'),
  'TrialEnrolmentContract:get': PUBLIC,
  'TrialDataContract:offer': SPONSOR,
  'TrialDataContract:request': members('researcher'),
  'TrialDataContract:decide': { own: NOBODY, other: ['ethics'] },
  // The trial is the own organization's, the committee the other's.
  'TrialDataContract:revoke': { own: ['sponsor', 'investigator'], other: ['ethics'] },
  'TrialDataContract:get': PUBLIC,
  'TrialDataContract:log': PUBLIC,
  'TrialDataReleaseContract:hold': SPONSOR,
  // Asked for by researcher-1 of the own organization.
  'TrialDataReleaseContract:collect': custodian('researcher'),
  'TrialDataReleaseContract:open': custodian('researcher'),
  'ProofContract:document': PUBLIC,
  'ProofContract:version': PUBLIC,

  'ParticipationContract:enrol': {
    ...custodian('investigator'),
    // A revoked handle is looked up by who reads: such a participant counts as withdrawn. A restriction forbids reading.
    consent: { silent: 'PRECONDITION_FAILED', denied: 'PRECONDITION_FAILED', closed: 'PRECONDITION_FAILED' },
  },
  'ParticipationContract:emergency': custodian('investigator', 'practitioner', 'emergency'),
  'ParticipationContract:list': custodian('investigator', 'auditor'),
  'ParticipationContract:emergencies': custodian('investigator', 'auditor'),
  'ParticipationContract:counts': custodian('investigator', 'auditor'),
};

// Purposes of use as HL7 Terminology nests them (v3-ActReason, PurposeOfUse).
const EMERGENCY_TREATMENT = ['ETREAT', 'ERTREAT'];
const TREATMENT = ['TREAT', 'CLINTRL', 'COC', ...EMERGENCY_TREATMENT, 'POPHLTH', 'TREATDS'];
const TRIALS = ['CLINTRCH', 'CLINTRCHNPC', 'CLINTRCHPC', 'PRECLINTRCH'];
const RESEARCH = ['HRESCH', 'BIORCH', ...TRIALS, 'DSRCH', 'POARCH', 'TRANSRCH'];
const PATIENT_REQUEST = ['PATRQT', 'FAMRQT', 'PWATRNY', 'SUPNWK'];
const PUBLIC_HEALTH = ['PUBHLTH', 'DISASTER', 'THREAT'];
const COVERAGE = ['COVERAGE', 'ELIGDTRM', 'ELIGVER', 'ENROLLM', 'MILDCRG'];
const PAYMENT = ['HPAYMT', 'CLMATTCH', 'COVAUTH', ...COVERAGE, 'PMTDS', 'REMITADV'];
const OPERATIONS = [
  ...[
    'HOPERAT',
    'CAREMGT',
    'DONAT',
    'FRAUD',
    'GOV',
    'HACCRED',
    'HCOMPL',
    'HDECD',
    'HDIRECT',
    'HDM',
    'HLEGAL',
  ],
  ...[
    'HOUTCOMS',
    'HPRGRP',
    'HQUALIMP',
    'HSYSADMIN',
    'LABELING',
    'METAMGT',
    'MEMADMIN',
    'MILCDM',
    'MLTRAINING',
  ],
  ...['PATADMIN', 'PATSFTY', 'PERFMSR', 'RECORDMGT', 'SYSDEV', 'HTEST', 'TRAIN'],
];

/** Every purpose of use that a request can have. */
export const ALL_PURPOSES: readonly string[] = [
  ...['HMARKT', 'BTG', ...TREATMENT, ...RESEARCH, ...PATIENT_REQUEST, ...PUBLIC_HEALTH, ...PAYMENT],
  ...OPERATIONS,
];

/** Purposes of use by role: a role asks for what its office is, and nobody for marketing. What is not named is refused. */
export const PURPOSES_OF_ROLES: Readonly<Record<Role, readonly string[]>> = {
  practitioner: [...TREATMENT, 'CAREMGT', ...PATIENT_REQUEST, ...PUBLIC_HEALTH],
  // Nobody else breaks the glass.
  emergency: [...TREATMENT, 'BTG'],
  pharmacist: [...TREATMENT, ...PAYMENT],
  laboratory: [...TREATMENT, ...PUBLIC_HEALTH],
  researcher: RESEARCH,
  investigator: [...RESEARCH, 'CLINTRL'],
  sponsor: [],
  ethics: [],
  regulator: [...PUBLIC_HEALTH, 'HCOMPL'],
  registrar: [...OPERATIONS, ...PAYMENT, ...PATIENT_REQUEST],
  auditor: ['HCOMPL', 'FRAUD', 'HQUALIMP'],
  admin: [],
  service: [],
};
