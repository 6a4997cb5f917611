import type { ConsortiumDocument } from './document.js';

/** The MSP ids of the active organizations, sorted. */
export function activeOrganizations(document: ConsortiumDocument): readonly string[] {
  return Object.entries(document.organizations)
    .filter(([, organization]) => organization.status === 'active')
    .map(([mspId]) => mspId)
    .sort();
}

/** How many votes adopt a proposal: more than half of the active organizations of the document in force. */
export function votesNeeded(document: ConsortiumDocument): number {
  return Math.floor(activeOrganizations(document).length / 2) + 1;
}

/**
 * Whether these votes adopt a proposal. Only votes of organizations that are active in the document in force count.
 *
 * @param inForce the adopted document; for the first one, the proposal itself.
 */
export function isAdopted(inForce: ConsortiumDocument, votes: Readonly<Record<string, true>>): boolean {
  const counted = activeOrganizations(inForce).filter((mspId) => Object.hasOwn(votes, mspId));
  return counted.length >= votesNeeded(inForce);
}
