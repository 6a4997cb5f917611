import type { ChannelName, ConnectionProfile } from '../connection/profile.js';
import type { Vitaledger } from '../connect.js';
import { failed, ok, reasonOf, warning, type Finding } from './finding.js';

/** Whether each channel's contracts answer, and how its clock stands to the one of this machine. */
export async function* examineChannels(
  ledger: Pick<Vitaledger, 'consortium'>,
  { channels }: ConnectionProfile,
  now: () => Date,
): AsyncGenerator<Finding> {
  for (const name of Object.keys(channels)) {
    if (name === 'care' || name === 'registry') yield* await examineChannel(ledger, name, now);
  }
}

async function examineChannel(
  { consortium }: Pick<Vitaledger, 'consortium'>,
  channel: ChannelName,
  now: () => Date,
): Promise<readonly Finding[]> {
  const began = performance.now();
  try {
    const [clock, { clock: settings }] = await Promise.all([
      consortium.clock(channel),
      consortium.document(channel),
    ]);
    const took = (performance.now() - began).toFixed(0);
    const answer = ok(`contracts of ${channel}`, `answer in ${took} ms`);
    return [answer, clockFinding(channel, Date.parse(clock.instant), settings, now().getTime())];
  } catch (error) {
    return [failed(`contracts of ${channel}`, reasonOf(error))];
  }
}

/** Exported for its tests. A transaction is refused when its instant is outside of what the channel's clock allows. */
export function clockFinding(
  channel: string,
  beaten: number,
  { intervalSeconds, skewSeconds }: { readonly intervalSeconds: number; readonly skewSeconds: number },
  now: number,
): Finding {
  const about = `clock of ${channel}`;
  const behind = (beaten - now) / 1000;
  if (behind > skewSeconds) {
    return failed(
      about,
      `this machine is ${behind.toFixed(0)} s behind it, ${String(skewSeconds)} s are allowed: set this machine's clock (NTP)`,
    );
  }
  const since = Math.max(0, -behind);
  if (since > intervalSeconds + skewSeconds) {
    return failed(
      about,
      `beat last ${since.toFixed(0)} s ago, and transactions are refused ${String(intervalSeconds + skewSeconds)} s after a beat: ` +
        "either this machine's clock is ahead, or nobody beats (the operators' clock process)",
    );
  }
  if (since > intervalSeconds) {
    return warning(
      about,
      `beat last ${since.toFixed(0)} s ago, later than every ${String(intervalSeconds)} s as agreed`,
    );
  }
  return ok(about, `beat ${since.toFixed(0)} s ago`);
}
