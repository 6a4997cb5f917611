import { verdictWords } from './outcome-words.js';
import type { ListedTrial } from './listed-trial.js';
import type { OutcomesReport } from './trials.js';

/** One trial in its sponsor's report. */
export interface SponsorTrial {
  readonly trial: string;
  readonly title: string;
  readonly status: string;
  /** Whether it had begun before its first version was registered: what was changed earlier does not show then. */
  readonly registeredLate: boolean;
  /** How the latest version's primary outcomes stand to those announced. */
  readonly verdict: ReturnType<typeof verdictWords>;
  /** The same for the results; absent while there are none. */
  readonly results?: ReturnType<typeof verdictWords>;
  /** How many outcomes of the latest version show each change. */
  readonly counts: OutcomesReport['counts'];
}

/** What became of the outcomes of every trial of a sponsor. */
export interface SponsorOutcomes {
  /** MSP id. */
  readonly sponsor: string;
  readonly total: number;
  /** Trials with a primary outcome that was switched, on the registry or in the results. */
  readonly switched: number;
  /** Of those, where no reason declares it. */
  readonly silently: number;
  /** Trials that had begun before they were registered. */
  readonly late: number;
  /** In the order of their numbers. */
  readonly trials: readonly SponsorTrial[];
}

/** Reports that are asked for at once. */
const AT_ONCE = 8;

/** Asks for the report of every trial, a few at a time. */
export async function sponsorOutcomes(
  sponsor: string,
  trials: AsyncIterable<ListedTrial>,
  report: (trial: string) => Promise<OutcomesReport>,
): Promise<SponsorOutcomes> {
  const found: SponsorTrial[] = [];
  let batch: ListedTrial[] = [];
  const settle = async (): Promise<void> => {
    const reports = await Promise.all(
      batch.map(async (listed) => summaryOf(listed, await report(listed.id))),
    );
    found.push(...reports);
    batch = [];
  };
  for await (const listed of trials) {
    batch.push(listed);
    if (batch.length === AT_ONCE) await settle();
  }
  await settle();
  const verdicts = found.map(({ verdict, results }) => [verdict, results]);
  const silently = verdicts.filter((all) => all.includes('switched silently')).length;
  const switched = verdicts.filter((all) => all.some((one) => one?.startsWith('switched'))).length;
  const late = found.filter(({ registeredLate }) => registeredLate).length;
  return { sponsor, total: found.length, switched, silently, late, trials: found };
}

function summaryOf({ id, titles }: ListedTrial, report: OutcomesReport): SponsorTrial {
  const { status, counts, reported, baseline } = report;
  const verdict = verdictWords(report);
  return {
    trial: id,
    title: titles[0] ?? '',
    status,
    registeredLate: !baseline.isBeforeStart,
    verdict,
    counts,
    ...(reported ? { results: verdictWords(reported) } : {}),
  };
}
