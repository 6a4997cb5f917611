import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awaitEndorsement } from '../endorsement/await-endorsement.js';
import type { DeployedChaincode, Engine, EngineContext, ProcessSpec } from '../engine/engine.js';
import { NetworkError } from '../errors/network-error.js';
import { peersOf } from '../fabric/members.js';
import { ledgerConfiguration } from './configuration.js';
import { Control } from './control.js';
import { nextDefinition } from './definition.js';

const START_MS = 30_000;

export interface EmbeddedEngineOptions {
  /** `instant` cuts a block at once; `fabric` follows the channel's batch settings, so that conflicts show. */
  readonly ordering: 'instant' | 'fabric';
}

/** The engine that runs all peers, channels and the orderer in one development process. */
export function embeddedEngine({ ordering }: EmbeddedEngineOptions): Engine {
  return {
    name: 'embedded',
    prepare: (context) => {
      const folder = context.directory.engine('embedded');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const configuration = ledgerConfiguration(context, join(folder, 'ledger'), ordering);
      writeFileSync(configurationFile(context), `${JSON.stringify(configuration, null, 2)}\n`);
      return Promise.resolve();
    },
    ledgerProcesses: (context) => [ledgerProcess(context)],
    join: async (context) => {
      await controlOf(context).awaitAnswer(START_MS, context.signal);
      await controlOf(context).startPeers();
      context.progress(
        `the embedded ledger holds ${context.topology.channels.map(({ name }) => name).join(', ')}`,
      );
    },
    deploy,
    ready,
    stopPeer: (context, peer) => controlOf(context).switchPeer(peer, 'stop'),
    startPeer: (context, peer) => controlOf(context).switchPeer(peer, 'start'),
    snapshot: (context, action, file) => controlOf(context).snapshot(action, file),
    clean: ({ directory }) => {
      rmSync(directory.engine('embedded'), { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

function configurationFile({ directory }: EngineContext): string {
  return join(directory.engine('embedded'), 'ledger.json');
}

function controlOf({ directory }: EngineContext): Control {
  return new Control(join(directory.engine('embedded'), 'ledger', 'control.json'));
}

function ledgerProcess(context: EngineContext): ProcessSpec {
  return {
    name: 'ledger',
    kind: 'ledger',
    command: process.execPath,
    args: [
      require.resolve('@vitaledger/embedded-ledger/dist/main.js'),
      '--config',
      configurationFile(context),
    ],
    cwd: context.directory.engine('embedded'),
    env: {},
    restart: true,
  };
}

async function deploy(context: EngineContext, name: string): Promise<DeployedChaincode> {
  const chaincode = context.topology.chaincodes.find((candidate) => candidate.name === name);
  if (!chaincode) throw new NetworkError('DEPLOY_FAILED', `The topology has no chaincode ${name}.`);
  const control = controlOf(context);
  const known = (await control.chaincodes()).find(
    (definition) => definition.name === name && definition.channel === chaincode.channel,
  );
  const definition = nextDefinition(context, chaincode, known);
  await control.define(definition);
  const { channel, version, sequence, connections } = definition;
  context.progress(`chaincode ${name} ${version} on ${channel}: sequence ${sequence}`);
  return {
    name,
    channel,
    version,
    sequence,
    packageIds: Object.fromEntries(
      Object.entries(connections).map(([peer, { packageId }]) => [peer, packageId]),
    ),
  };
}

/** Chaincode processes take a moment to listen; whoever endorses once endorses for every gateway, so each is asked at its own. */
async function ready(context: EngineContext, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  await Promise.all(
    context.topology.organizations.flatMap((organization) =>
      peersOf(organization).map((peer) =>
        awaitEndorsement(context, peer, deadline, { endorsers: [organization], byPolicy: true }),
      ),
    ),
  );
  context.progress('every organization endorses');
}
