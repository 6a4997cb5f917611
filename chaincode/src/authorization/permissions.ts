import type { Role } from '@vitaledger/domain';

/** Who may call a function: an organization's relation to the custodian, and the acting person's role. */
export interface Permission {
  /** `custodian`: only of the organization whose peer executes. `member`: of any active organization. */
  readonly organization: 'custodian' | 'member';
  /** `any`: whatever role, as long as the organization may vouch for it. */
  readonly roles: readonly Role[] | 'any';
}

/**
 * The functions that not everyone may call. What is missing here is open to every client of the channel, or (beat,
 * publishMap, publishPack, propose and vote before the first adoption) is checked beside its function.
 */
export const PERMISSIONS = {
  'ConsortiumContract:beat': { organization: 'member', roles: ['admin'] },
  'ConsortiumContract:propose': { organization: 'member', roles: ['admin'] },
  'ConsortiumContract:vote': { organization: 'member', roles: ['admin'] },
  'ConsortiumContract:publishMap': { organization: 'member', roles: ['admin'] },
  'ConsortiumContract:publishPack': { organization: 'member', roles: ['admin'] },
  'RecordContract:enrol': { organization: 'custodian', roles: ['registrar'] },
  'RecordContract:register': {
    organization: 'custodian',
    roles: ['practitioner', 'laboratory', 'pharmacist', 'registrar', 'service'],
  },
  'RecordContract:registerBatch': {
    organization: 'custodian',
    roles: ['practitioner', 'laboratory', 'pharmacist', 'registrar', 'service'],
  },
  'RecordContract:inspect': { organization: 'custodian', roles: ['registrar', 'auditor'] },
  'RecordContract:list': { organization: 'custodian', roles: ['registrar', 'auditor'] },
  'CorrectionContract:amend': {
    organization: 'custodian',
    roles: ['practitioner', 'laboratory', 'pharmacist', 'registrar', 'service'],
  },
  'CorrectionContract:retract': {
    organization: 'custodian',
    roles: ['practitioner', 'laboratory', 'pharmacist', 'registrar', 'service'],
  },
  'RectificationContract:request': { organization: 'custodian', roles: ['registrar', 'practitioner'] },
  'RectificationContract:refuse': { organization: 'custodian', roles: ['registrar', 'practitioner'] },
  'RectificationContract:list': {
    organization: 'custodian',
    roles: ['registrar', 'practitioner', 'auditor'],
  },
  'RectificationContract:answers': { organization: 'member', roles: 'any' },
  'ErasureContract:preview': { organization: 'custodian', roles: ['registrar'] },
  'ErasureContract:erase': { organization: 'custodian', roles: ['registrar'] },
  'ErasureContract:hold': { organization: 'custodian', roles: ['auditor'] },
  'ErasureContract:release': { organization: 'custodian', roles: ['auditor'] },
  'ConsentContract:grant': { organization: 'member', roles: 'any' },
  'ConsentContract:declare': { organization: 'member', roles: 'any' },
  'ConsentContract:record': { organization: 'custodian', roles: ['registrar'] },
  'ConsentContract:revoke': { organization: 'member', roles: 'any' },
  'ConsentContract:close': { organization: 'member', roles: 'any' },
  'ConsentContract:list': { organization: 'member', roles: 'any' },
  'ConsentContract:history': { organization: 'member', roles: 'any' },
  'AccessContract:request': { organization: 'member', roles: 'any' },
  'AccessContract:log': { organization: 'member', roles: 'any' },
  'NotificationContract:changeKey': { organization: 'member', roles: 'any' },
  'NotificationContract:key': { organization: 'member', roles: 'any' },
  'NotificationContract:notice': { organization: 'member', roles: 'any' },
  'OrderContract:place': { organization: 'custodian', roles: ['practitioner'] },
  'OrderContract:placed': { organization: 'custodian', roles: ['practitioner'] },
  'OrderContract:accept': { organization: 'custodian', roles: ['laboratory', 'practitioner'] },
  'OrderContract:result': { organization: 'custodian', roles: ['laboratory', 'practitioner'] },
  'OrderContract:show': { organization: 'member', roles: ['laboratory', 'practitioner'] },
  'OrderContract:status': { organization: 'member', roles: ['practitioner'] },
  'OrderContract:acknowledge': { organization: 'member', roles: ['practitioner'] },
  'OrderContract:awaited': { organization: 'custodian', roles: ['laboratory', 'practitioner', 'service'] },
  'AccessContract:reviews': { organization: 'custodian', roles: ['auditor', 'registrar'] },
  'AccessContract:review': { organization: 'custodian', roles: ['auditor', 'registrar'] },
  'PrescriptionContract:issue': { organization: 'custodian', roles: ['practitioner'] },
  'PrescriptionContract:publish': { organization: 'member', roles: ['practitioner', 'service'] },
  'PrescriptionContract:redeem': { organization: 'member', roles: ['pharmacist'] },
  'PrescriptionContract:fill': { organization: 'member', roles: ['pharmacist', 'service'] },
  'PrescriptionContract:cancel': { organization: 'member', roles: 'any' },
  'PrescriptionContract:cancellation': { organization: 'custodian', roles: ['practitioner'] },
  'DispenseContract:begin': { organization: 'custodian', roles: ['pharmacist'] },
  'DispenseContract:portion': { organization: 'custodian', roles: ['pharmacist'] },
  'DispenseContract:get': { organization: 'custodian', roles: ['pharmacist', 'auditor'] },
  'StudyContract:register': { organization: 'member', roles: ['researcher', 'investigator', 'sponsor'] },
  'StudyContract:decide': { organization: 'member', roles: ['ethics'] },
  'StudyContract:revoke': { organization: 'member', roles: ['ethics'] },
  'CohortContract:ask': { organization: 'member', roles: ['researcher', 'investigator'] },
  'CohortContract:pending': { organization: 'custodian', roles: ['service', 'registrar'] },
  'CohortContract:count': { organization: 'custodian', roles: ['service', 'registrar'] },
  'CohortContract:answer': { organization: 'custodian', roles: ['service', 'registrar'] },
  'CohortContract:log': { organization: 'custodian', roles: ['auditor', 'registrar'] },
  'TrialRegistryContract:register': { organization: 'member', roles: ['sponsor', 'investigator'] },
  'TrialRegistryContract:approve': { organization: 'member', roles: ['ethics'] },
  'TrialRegistryContract:amend': { organization: 'member', roles: ['sponsor', 'investigator'] },
  'TrialRegistryContract:advance': { organization: 'member', roles: ['sponsor', 'investigator'] },
  'TrialImportContract:register': { organization: 'member', roles: ['sponsor', 'investigator'] },
  'TrialDelayContract:submit': { organization: 'member', roles: ['sponsor', 'investigator'] },
  'TrialDelayContract:end': { organization: 'member', roles: ['sponsor', 'investigator', 'regulator'] },
  'ParticipationContract:enrol': { organization: 'custodian', roles: ['investigator'] },
  'ParticipationContract:emergency': {
    organization: 'custodian',
    roles: ['investigator', 'practitioner', 'emergency'],
  },
  'ParticipationContract:list': { organization: 'custodian', roles: ['investigator', 'auditor'] },
  'ParticipationContract:emergencies': { organization: 'custodian', roles: ['investigator', 'auditor'] },
  'ParticipationContract:counts': { organization: 'custodian', roles: ['investigator', 'auditor'] },
  'TrialEnrolmentContract:report': { organization: 'member', roles: ['investigator', 'service'] },
  'TrialDataContract:offer': { organization: 'member', roles: ['sponsor', 'investigator'] },
  'TrialDataContract:request': { organization: 'member', roles: ['researcher'] },
  'TrialDataContract:decide': { organization: 'member', roles: ['ethics'] },
  'TrialAnalysisContract:commitList': { organization: 'member', roles: ['sponsor', 'investigator'] },
  'TrialAnalysisContract:unblind': { organization: 'member', roles: ['sponsor', 'investigator'] },
  'TrialAnalysisContract:revealList': { organization: 'member', roles: ['sponsor', 'investigator'] },
  'TrialDocumentContract:register': { organization: 'member', roles: ['sponsor', 'investigator', 'ethics'] },
  'TrialDocumentContract:revise': { organization: 'member', roles: ['sponsor', 'investigator', 'ethics'] },
} as const satisfies Readonly<Record<string, Permission>>;

export type GuardedFunction = keyof typeof PERMISSIONS;
