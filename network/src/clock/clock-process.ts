import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { administratorsOf } from '../consortium/administrators.js';
import type { EngineContext, ProcessSpec } from '../engine/engine.js';
import type { ChannelClockOptions } from './channel-clock.js';

/** What beats the clocks of all channels that have one; nothing when none has. */
export function clockProcess({ topology, directory }: EngineContext): readonly ProcessSpec[] {
  const clocks = channelClocks({ topology, directory });
  if (clocks.length === 0) return [];
  const file = join(directory.root, 'clock.json');
  writeFileSync(file, JSON.stringify(clocks));
  return [
    {
      name: 'clock',
      kind: 'clock',
      command: process.execPath,
      args: [join(__dirname, 'main.js'), file],
      cwd: directory.root,
      env: {},
      restart: true,
    },
  ];
}

export function channelClocks({
  topology,
  directory,
}: Pick<EngineContext, 'topology' | 'directory'>): readonly ChannelClockOptions[] {
  return topology.chaincodes
    .filter(({ consortium }) => consortium)
    .map((chaincode) => ({
      intervalSeconds: topology.clock.intervalSeconds,
      administrators: administratorsOf(topology, directory, chaincode),
    }));
}
