/**
 * Imported before anything else, makes this process a machine of its own: a clock that was never set right and other random numbers, told
 * by the environment. What asks one of them, in whatever way, answers otherwise on two such machines.
 */
const { MACHINE_YEAR = '1999', MACHINE_SEED = '1' } = process.env;

const RealDate = Date;
const shift = RealDate.UTC(Number(MACHINE_YEAR), 0) - RealDate.now();

class MachineDate extends RealDate {
  constructor(...values: readonly unknown[]) {
    const told = values.length === 0 ? [RealDate.now() + shift] : values;
    super(...(told as [number]));
  }

  static override now(): number {
    return RealDate.now() + shift;
  }
}
globalThis.Date = MachineDate as DateConstructor;

const monotonic = process.hrtime.bigint();
process.hrtime.bigint = () => monotonic + BigInt(shift);
const elapsed = Math.abs(shift);
performance.now = () => elapsed;

let state = Number(MACHINE_SEED);
/** A linear congruential generator: no good numbers, but others for each seed. */
Math.random = () => {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return state / 2_147_483_648;
};
