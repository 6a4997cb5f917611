/** The demonstration, for the command `npm run demo` and for tests. */
export { Demonstration } from './demonstration.js';
export { Narrator, type NarratorOptions, type Output } from './narrator/narrator.js';
export { CommandLineEnd, readOptions, type DemoOptions } from './options.js';
