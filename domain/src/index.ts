export * from './errors/index.js';
export * from './json/index.js';
export * from './consortium/index.js';
export * from './clock/index.js';
