/** The patient head: the one private document by which every decision about a patient is made. */
export * from './head.js';
export * from './enrolment.js';
export * from './consents.js';
