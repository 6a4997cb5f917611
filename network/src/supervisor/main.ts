import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { NetworkDirectory } from '../engine/network-directory.js';
import { BoundedLog } from './bounded-log.js';
import { createControlServer } from './control-server.js';
import { minimalEnvironment } from './environment.js';
import { PidFiles } from './pid-file.js';
import { isSameProcess, processIdentity } from './process-identity.js';
import { ProcessSet } from './process-set.js';
import { SupervisedProcess } from './supervised-process.js';
import {
  removeSupervisorState,
  runFolder,
  writeSupervisorState,
  type SupervisorState,
} from './supervisor-state.js';

/** Seconds between looks at the sizes of logs. */
const LOG_INTERVAL_MS = 10_000;
const OWNER_INTERVAL_MS = 500;

/** `node main.js DIRECTORY OWNER_PID OWNER_IDENTITY`: everything ends when the owner does, until it disowns us. */
function main([root, ownerPid, ownerIdentity]: readonly string[]): void {
  if (root === undefined || ownerPid === undefined || ownerIdentity === undefined) {
    throw new TypeError('usage: main.js DIRECTORY OWNER_PID OWNER_IDENTITY');
  }
  const directory = new NetworkDirectory(root);
  const pidFiles = new PidFiles(runFolder(directory));
  const environment = minimalEnvironment();
  const processes = new ProcessSet(
    (spec) =>
      new SupervisedProcess(
        spec,
        environment,
        new BoundedLog(join(directory.logs, `${spec.name}.log`)),
        pidFiles,
      ),
  );
  const token = randomBytes(32).toString('hex');
  const finish = () => {
    removeSupervisorState(directory);
    process.exit(0);
  };
  const stopAndFinish = () => {
    void processes.stopAll().then(finish);
  };
  process.on('SIGTERM', stopAndFinish);
  process.on('SIGINT', stopAndFinish);

  const owner = { pid: Number(ownerPid), identity: ownerIdentity };
  const watch = setInterval(() => {
    if (isSameProcess(owner.pid, owner.identity)) return;
    clearInterval(watch);
    stopAndFinish();
  }, OWNER_INTERVAL_MS);
  const announce = (more: Partial<SupervisorState>) => {
    const identity = processIdentity(process.pid);
    if (identity === undefined) throw new Error('cannot tell when this process started');
    const { port } = server.address() as AddressInfo;
    writeSupervisorState(directory, { pid: process.pid, identity, port, token, ...more });
  };
  const disown = () => {
    clearInterval(watch);
    announce({});
  };
  const server = createControlServer(processes, token, { disown, shutdown: finish });
  server.listen(0, '127.0.0.1', () => {
    announce({ owner });
  });
  setInterval(() => {
    processes.boundLogs();
  }, LOG_INTERVAL_MS);
}

main(process.argv.slice(2));
