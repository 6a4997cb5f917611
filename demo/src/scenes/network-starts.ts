import { readTopology, topologies } from '@vitaledger/network';
import type { Narrator } from '../narrator/narrator.js';
import { duration } from '../narrator/layout.js';
import type { DemoOptions } from '../options.js';
import { Stage } from '../stage/stage.js';
import type { StageFolder } from '../stage/stage-folder.js';

export async function networkStarts(
  narrator: Narrator,
  folder: StageFolder,
  options: DemoOptions,
  signal: AbortSignal,
): Promise<Stage> {
  narrator.scene('The network starts');
  narrator.tell(
    'Five organizations share medical data. Each keeps its own patients’ records; what they hold together are two chains of ' +
      'blocks: "care" for consent and access, "registry" for clinical trials.',
  );
  narrator.table(organizations(), {
    head: ['organization', 'on the ledger', 'what it is', 'its peers hold'],
  });
  narrator.blank();
  narrator.remark(engines[options.engine]);
  narrator.blank();
  const began = narrator.clock;
  const stage = await Stage.start(
    folder,
    options,
    (line) => {
      narrator.progress(began, line);
    },
    signal,
  );
  narrator.progress(began, 'the network is up');
  const { processes } = await stage.network.status();
  narrator.blank();
  narrator.remark(
    `${processes.length} processes on this machine, TLS between all of them, ready in ${duration(narrator.clock - began)}.`,
  );
  return stage;
}

const engines = {
  embedded:
    'The embedded ledger is a development tool: one process, no consensus, never for production data. It speaks Fabric’s ' +
    'protocols, so that the same programs run on Hyperledger Fabric: --engine fabric.',
  fabric: 'This is Hyperledger Fabric: its own peers and orderer, as processes on this machine.',
} as const;

function organizations(): string[][] {
  const { organizations: members, channels } = readTopology(topologies.default);
  return members.map(({ name, mspId, displayName, kinds }) => [
    displayName,
    mspId,
    kinds.join(', '),
    channels
      .filter((channel) => channel.members.some((member) => member.organization === name && member.peers))
      .map((channel) => channel.name)
      .join(', '),
  ]);
}
