/** Laws as data: which of them apply to a request, and what each rule of theirs does. */
export * from './applicable.js';
export * from './ca-on-phipa.js';
export * from './eu-ehds.js';
export * from './eu-gdpr.js';
export * from './pack.js';
export * from './policy-packs.js';
export * from './us-42cfr2.js';
export * from './us-hipaa.js';
export * from './validate-pack.js';
