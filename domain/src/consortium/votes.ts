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
 * Whether these votes make a proposal the first document: those of all organizations active in it. More than half would not do: who
 * writes the document chooses whom it names, and a few could found a consortium over the heads of the others.
 */
export function isFounded(proposed: ConsortiumDocument, votes: Readonly<Record<string, true>>): boolean {
  return activeOrganizations(proposed).every((mspId) => Object.hasOwn(votes, mspId));
}

/** Whether these votes adopt a proposal. Only votes of organizations that are active in the document in force count. */
export function isAdopted(inForce: ConsortiumDocument, votes: Readonly<Record<string, true>>): boolean {
  const counted = activeOrganizations(inForce).filter((mspId) => Object.hasOwn(votes, mspId));
  return counted.length >= votesNeeded(inForce);
}
