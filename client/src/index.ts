/** The client SDK of Vitaledger. Begin with {@link connect}. */
export * from './access/access.js';
export {
  EmergencyReviews,
  type ReviewConclusion,
  type ReviewListOptions,
} from './access/emergency-reviews.js';
export * from './access/released-record.js';
export { connect, Vitaledger, type ConnectOptions } from './connect.js';
export * from './doctor/index.js';
export { defaultDeadlines, type Deadlines } from './connection/deadlines.js';
export { readIdentity, type Identity, type IdentityPem, type IdentitySource } from './connection/identity.js';
export type { ClientTls } from './connection/peer-clients.js';
export type { ConnectIdentity, RemoteIdentity } from './connection/signing-identity.js';
export { Wallet, type WalletIdentity } from './connection/wallet.js';
export { profileOf, type NetworkAddresses, type PeerAddress } from './connection/addresses.js';
export type * from './connection/profile.js';
export { checkProfile, readProfile, type LoadedProfile } from './connection/read-profile.js';
export * from './consents/consents.js';
export * from './consents/delegations.js';
export { termsInForce, type HeldConsents } from './consents/held.js';
export type { AcceptedStatement, RecordedEntry, SignedEntry } from './consents/history.js';
export * from './consents/prohibitions.js';
export * from './consents/proof.js';
export { DeliveryReport, type Delivery, type DeliveryStatus } from './consents/delivery.js';
export * from './consortium/consortium.js';
export * from './disclosures/disclosures.js';
export { AnswerKey, type PrivateJwk } from './disclosure/answer-key.js';
export type { EventPosition } from './connection/follow.js';
export type { Checkpoint, EventSource } from './events/checkpoint.js';
export {
  BundleExport,
  type ExportedKey,
  type FhirExportOptions,
  type FhirExportReport,
  type MissingKey,
} from './exchange/export.js';
export * from './exchange/fhir-exchange.js';
export type { FhirImportOptions, FhirImportProgress, FhirImportReport } from './exchange/import.js';
export type { ImportCounts, ImportFault } from './exchange/import-journal.js';
export { fileSource, type ImportSource } from './exchange/import-source.js';
export type { Reconciliation, Unreconciled } from './exchange/reconcile.js';
export type { FindPatient } from './exchange/read-resource.js';
export { Events, type StreamOptions } from './events/events.js';
export { FileCheckpoint, type FileCheckpointOptions } from './events/file-checkpoint.js';
export type * from './events/ledger-block.js';
export type { SqlDatabase, SqlStatement, SqlValue } from './events/sql-database.js';
export type { AddedVersion, TrialEvent } from './events/trial-events.js';
export { TrialReadModel, type CatchUpOptions } from './events/trial-read-model.js';
export * from './notifications/notifications.js';
export type { LogFields, Logger } from './observability/logger.js';
export type * from './patient/declaration.js';
export * from './offline/offline-signing.js';
export * from './orders/orders.js';
export * from './patient/patient-key.js';
export * from './patient/patient-token.js';
export * from './patient/permission.js';
export { revocationHandle } from './patient/revocation.js';
export * from './patients/care-teams.js';
export * from './patients/patients.js';
export * from './prescriptions/prescription-token.js';
export * from './prescriptions/prescriptions.js';
export * from './prescriptions/redeemed-prescription.js';
export type { BulkOptions, BulkRecord, RegisteredBatch } from './records/bulk-load.js';
export type {
  Amended,
  AmendmentOptions,
  ChangeOptions,
  CorrectionOptions,
  RecordVersion,
} from './records/correction.js';
export type { Document } from './records/draft.js';
export type {
  Destroyed,
  ErasedObject,
  ErasurePreview,
  ErasureReceipt,
  Remainder,
} from './records/erasure.js';
export { Holds, type HoldOptions } from './records/holds.js';
export { PatientLinks, type LinkOptions, type LinkReport, type OwnLink } from './records/patient-links.js';
export { Rectifications, type RefusalOptions } from './records/rectifications.js';
export type { InspectionOptions, ListedRecord } from './records/inspection.js';
export { recordIdOf } from './records/record-id.js';
export * from './records/records.js';
export type { Transfer, Transferred } from './records/transfer.js';
export { contentCertificate, type ContentCertificate, type VerifiedContent } from './records/verification.js';
export type { RecoveryReport } from './records/recovery.js';
export type { RegistrationOptions, RegistrationProgress } from './records/registration.js';
export type { Actor, OperationOptions } from './session/session.js';
export type { DigestSigner } from './signer/remote-signer.js';
export { lowSDer, nativeSigner, type MessageSigner } from './signer/native-signer.js';
export { defaultRetry, type RetryEvent, type RetryPolicy } from './transaction/retry.js';
export {
  TransactionError,
  type FailedNode,
  type Fate,
  type Phase,
  type TransactionFailure,
} from './transaction/transaction-error.js';
export * from './participation/participants.js';
export * from './proof/proofs.js';
export * from './research/cohorts.js';
export * from './research/studies.js';
export { readRoots, type TrustedRoots } from './proof/roots.js';
export * from './proof/verify-proof.js';
export type { RetryReason } from './transaction/verdict.js';
export type { Call, CustodianCall, PublicCall } from './transaction/call.js';
export type { Committed, Endorsed } from './transaction/transactions.js';
export type { StatementDelivery } from './consents/relay.js';
export type { ChangeOptions as TrialChangeOptions } from './trials/trials.js';
export * from './trial-analysis/trial-analysis.js';
export * from './trial-documents/trial-data.js';
export * from './trial-documents/trial-documents.js';
export { outcomesPage, sponsorPage } from './trials/outcome-page.js';
export * from './trials/trials.js';
export { backupsOf, forgetBackup, noteBackup, type VaultBackup } from './vault/backups.js';
export type { Content } from './vault/chunks.js';
export { FileVault, type SweepReport } from './vault/file-vault.js';
export {
  newObjectName,
  readContent,
  storeContent,
  type StoredContent,
  type ReadOptions,
  type StoreOptions,
} from './vault/objects.js';
export { S3Vault, type S3VaultOptions } from './vault/s3/s3-vault.js';
export type { SignedProposal } from './vault/remote/loan.js';
export { RemoteVault, type RemoteVaultOptions } from './vault/remote/remote-vault.js';
export { VaultServer, type VaultServerEvent, type VaultServerOptions } from './vault/remote/vault-server.js';
export type { BucketOptions } from './vault/s3/bucket.js';
export type { S3Credentials } from './vault/s3/signature.js';
export { newUpload, type Upload } from './vault/upload.js';
export type * from './vault/vault.js';
export {
  auditEventBundle,
  disclosureCsv,
  explain,
  careTeamReference,
  fhirCareTeam,
  fhirPatientLinks,
  fillTemplate,
  fromFhirConsent,
  studyResource,
  TEMPLATE_CLASSES,
  TEMPLATE_LANGUAGES,
  TEMPLATE_NAMES,
  TEMPLATE_SENSITIVITIES,
  toFhirConsent,
  trialResource,
  type Explanation,
  type FhirConsent,
  type FilledTemplate,
  type TemplateLanguage,
  type TemplateName,
  type TemplateValues,
  type WhatIf,
} from '@vitaledger/domain';
/** FHIR R4's resources, as `fhir4.Condition`: for ES modules, whose resolution does not find `fhir/r4` of `@types/fhir`. */
export type * as fhir4 from 'fhir/r4';
export { VitaledgerError, type ErrorCode, type ErrorDetails } from '@vitaledger/domain';
export type {
  Accompanying,
  AccessFilter,
  AccessScope,
  ActiveConsent,
  CareTeam,
  CareTeamParticipant,
  CareTeamVersion,
  Change,
  ChangeReason,
  ClockValue,
  Coding,
  CopySource,
  ConsentProvision,
  ConsortiumDocument,
  Decision,
  DisclosureLaw,
  DisclosureReport,
  DispenseState,
  ErasureGround,
  EmergencyReview,
  HiddenStatement,
  InspectionFilter,
  JoiningParticipant,
  LeavingParticipant,
  LogEntry,
  Manifest,
  MedicalActor,
  MedicineQuantity,
  Notice,
  NoticeKind,
  LinkSaid,
  OrderCancellation,
  OrderKind,
  OrderState,
  PatientLink,
  PolicyPack,
  PrescriptionCounter,
  PublicJwk,
  ReceiptDocument,
  RecordMetadata,
  Rectification,
  ReferenceType,
  Retention,
  Role,
  StoredStatement,
  VersionStatus,
} from '@vitaledger/domain';
