import type { CaseGroup } from './case.js';
import { configurationCases } from './configuration.js';
import { deliverCases } from './deliver.js';
import { endorser } from './endorser.js';
import { events } from './events.js';
import { gatewayCases } from './gateway.js';
import { keyPolicies } from './key-policies.js';
import { lifecycleCases } from './lifecycle.js';
import { ordering } from './ordering.js';
import { privateData } from './private-data.js';
import { queries } from './queries.js';
import { simulator } from './simulator.js';
import { validation } from './validation.js';

/** Every case, in the order in which they are played. */
export const groups: readonly CaseGroup[] = [
  gatewayCases,
  endorser,
  simulator,
  privateData,
  keyPolicies,
  validation,
  deliverCases,
  queries,
  events,
  ordering,
  lifecycleCases,
  configurationCases,
];
