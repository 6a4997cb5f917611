/** What trials are found by: cards, index terms and queries. */
export { indexTerms, searchName } from './index-terms.js';
export { cardOf, type OpenDuty, openDuties, type TrialCard } from './trial-card.js';
export {
  checkTrialQuery,
  type DateRange,
  matchesQuery,
  queryTerms,
  type TrialQuery,
  trialQueryShape,
} from './trial-query.js';
