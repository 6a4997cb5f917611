import './fabric/known-certificates.js';
import './fabric/quiet-loggers.js';
import { ConsortiumContract } from './consortium/consortium-contract.js';
import { TrialEnrolmentContract } from './participation/trial-enrolment-contract.js';
import { ProofContract } from './proof/proof-contract.js';
import { TrialAnalysisContract } from './trial-analysis/trial-analysis-contract.js';
import { TrialDataContract } from './trial-documents/trial-data-contract.js';
import { TrialDataReleaseContract } from './trial-documents/trial-data-release-contract.js';
import { TrialDocumentContract } from './trial-documents/trial-document-contract.js';
import { TrialDelayContract } from './trials/trial-delay-contract.js';
import { TrialImportContract } from './trials/trial-import-contract.js';
import { TrialRegistryContract } from './trials/trial-registry-contract.js';

/** The contracts of the registry channel. */
export const contracts = [
  ConsortiumContract,
  TrialRegistryContract,
  TrialImportContract,
  TrialDelayContract,
  TrialDocumentContract,
  ProofContract,
  TrialAnalysisContract,
  TrialEnrolmentContract,
  TrialDataContract,
  TrialDataReleaseContract,
];
