import { Actors } from './actors.js';
import type { ConformanceCase } from './cases/case.js';
import { differences, listedAs, type Difference } from './compare.js';
import { Session, type Step } from './session.js';
import type { Deviation, Trace } from './traces.js';

/** Plays a case on a network; the transcript is normalized. */
export async function play(actors: Actors, { run }: ConformanceCase): Promise<readonly Step[]> {
  const session = new Session(actors);
  await session.begin();
  await run(session);
  // Through JSON, as a trace that is read from its file: what is undefined is not there.
  return JSON.parse(JSON.stringify(session.steps)) as Step[];
}

export interface Verdict {
  readonly unlisted: readonly Difference[];
  /** Ids of the deviations that explain the other differences. */
  readonly deviations: readonly string[];
}

/** Holds a transcript against its trace. */
export function judge(
  id: string,
  trace: Trace,
  steps: readonly Step[],
  deviations: readonly Deviation[],
): Verdict {
  const found = differences(trace.steps as never, steps as never);
  const listed = found.map((difference) => ({ difference, by: listedAs(id, difference, deviations) }));
  return {
    unlisted: listed.filter(({ by }) => by === undefined).map(({ difference }) => difference),
    deviations: [...new Set(listed.flatMap(({ by }) => (by ? [by.id] : [])))],
  };
}
