/**
 * What others may use of the contracts without running them: the table of who may do what, and the names under which a
 * certificate makes its claims. The contracts themselves are started from `care/` and `registry/`.
 */
export { ROLE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from './authorization/caller.js';
export { PERMISSIONS, type GuardedFunction, type Permission } from './authorization/permissions.js';
