import './fabric/known-certificates.js';
import './fabric/quiet-loggers.js';
import { AccessContract } from './access/access-contract.js';
import { CareTeamContract } from './care-teams/care-team-contract.js';
import { ConsentContract } from './consent/consent-contract.js';
import { ConsortiumContract } from './consortium/consortium-contract.js';
import { CorrectionContract } from './records/correction-contract.js';
import { NotificationContract } from './notifications/notification-contract.js';
import { ParticipationContract } from './participation/participation-contract.js';
import { DispenseContract } from './prescriptions/dispense-contract.js';
import { OrderCancellationContract } from './orders/order-cancellation-contract.js';
import { OrderContract } from './orders/order-contract.js';
import { PrescriptionContract } from './prescriptions/prescription-contract.js';
import { CohortContract } from './research/cohort-contract.js';
import { StudyContract } from './research/study-contract.js';
import { ErasureContract } from './records/erasure-contract.js';
import { PatientLinkContract } from './records/patient-link-contract.js';
import { RecordContract } from './records/record-contract.js';
import { RectificationContract } from './records/rectification-contract.js';

/** The contracts of the care channel. */
export const contracts = [
  ConsortiumContract,
  RecordContract,
  CorrectionContract,
  RectificationContract,
  ErasureContract,
  PatientLinkContract,
  CareTeamContract,
  ConsentContract,
  AccessContract,
  PrescriptionContract,
  DispenseContract,
  NotificationContract,
  OrderContract,
  OrderCancellationContract,
  ParticipationContract,
  StudyContract,
  CohortContract,
];
