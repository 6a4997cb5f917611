/**
 * The only file of the contracts that looks at a clock. Allowed to use it: the endorsers of a clock beat, which compare
 * the proposal's timestamp with their own time, and evaluated functions, whose answers nobody endorses. Anything else
 * would make two peers that disagree by a millisecond endorse different results.
 */
export type WallClock = () => string;

/** This machine's time as an instant: ISO 8601, UTC, milliseconds. */
export const wallClock: WallClock = () => new Date().toISOString();
