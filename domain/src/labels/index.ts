/** Labelling: which codes make a record sensitive, and the labels that follow. */
export * from './derive-labels.js';
export * from './first-map.js';
export * from './sensitivity-map.js';
