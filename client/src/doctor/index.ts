/** What is wrong between an application and its network, and what to do. */
export { examine, type Examination } from './doctor.js';
export type { Finding } from './finding.js';
