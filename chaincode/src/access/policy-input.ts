import type { DecisionInput, OptOut, PatientHead, ProhibitionTerms } from '@vitaledger/domain';
import type { StoredDocument } from '../consortium/stored-document.js';

/** The laws in force and whose they are, for a decision; nothing where the consortium has adopted none. */
export function policyInput(
  { organizations, rulebook }: StoredDocument,
  custodian: string,
  recipient: string,
  patient: { readonly head: PatientHead; readonly prohibitions: readonly ProhibitionTerms[] },
): Pick<DecisionInput, 'policy'> {
  if (!rulebook) return {};
  // Of an organization that the document does not name no law is known, so none permits anything.
  const { jurisdiction: at = '' } = organizations[custodian] ?? {};
  const { jurisdiction: to = '', kinds = [] } = organizations[recipient] ?? {};
  return {
    policy: {
      packs: rulebook,
      parties: {
        custodian: { jurisdiction: at },
        recipient: { jurisdiction: to, kinds },
        patient: { jurisdiction: patient.head.jurisdiction, ...optOutsOf(patient.prohibitions) },
      },
    },
  };
}

/** What the patient opted out of. Such a prohibition denies by itself too; that it is one counts where a law bars even emergencies. */
function optOutsOf(prohibitions: readonly ProhibitionTerms[]): { readonly optOuts?: readonly OptOut[] } {
  const optOuts = [...new Set(prohibitions.flatMap(({ optOut }) => (optOut ? [optOut] : [])))].sort();
  return optOuts.length > 0 ? { optOuts } : {};
}
