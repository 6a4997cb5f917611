import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

/** Whether nothing listens on a loopback port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** Who listens on a port, as far as this user may see it: `peer node start (pid 4711)`. */
export function describeOwner(port: number): string {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return 'a program that this system does not name';
  for (const pid of processIds()) {
    if (ownsSocket(pid, inodes)) return `${commandOf(pid)} (pid ${pid})`;
  }
  return "another user's program, which this user may not see";
}

/** Socket inodes in state LISTEN, from /proc/net (Linux; proc_net(5)); none elsewhere. */
function listeningInodes(port: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOr(table, '').split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const localPort = Number.parseInt(local.split(':')[1] ?? '', 16);
      if (state === '0A' && localPort === port) inodes.add(inode);
    }
  }
  return inodes;
}

function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    // Not Linux: nobody to name.
    return [];
  }
}

function ownsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      const target = linkTarget(`/proc/${pid}/fd/${descriptor}`);
      return target.startsWith('socket:[') && inodes.has(target.slice('socket:['.length, -1));
    });
  } catch {
    // Another user's process, or one that has just ended.
    return false;
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function commandOf(pid: string): string {
  const command = readOr(`/proc/${pid}/cmdline`, '').split('\0').join(' ').trim();
  return command === '' ? 'a program' : command.slice(0, 160);
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
