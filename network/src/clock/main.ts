import { readFileSync } from 'node:fs';
import { ChannelClock, type ChannelClockOptions } from './channel-clock.js';

/** `node main.js CONFIGURATION.json`: a list of ChannelClockOptions, one for each channel. Ends on SIGTERM. */
async function main([file]: readonly string[]): Promise<void> {
  if (file === undefined) throw new TypeError('usage: main.js CONFIGURATION.json');
  const clocks = JSON.parse(readFileSync(file, 'utf8')) as readonly ChannelClockOptions[];
  const ending = new AbortController();
  process.once('SIGTERM', () => {
    ending.abort();
  });
  const report = (line: string) => {
    console.error(`${new Date().toISOString()} ${line}`);
  };
  await Promise.all(clocks.map((options) => new ChannelClock(options, report).run(ending.signal)));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
