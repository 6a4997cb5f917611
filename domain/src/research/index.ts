/** Research: what data may be used for (GA4GH DUO), and whether a study may. */
export * from './coverage.js';
export * from './data-use.js';
export * from './duo.js';
export * from './fhir-study.js';
export * from './findings.js';
export * from './match-data-use.js';
export * from './research-purpose.js';
export * from './study.js';
export * from './study-use.js';
export * from './cohort.js';
