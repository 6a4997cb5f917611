import { readFileSync } from 'node:fs';

/** Linux reports CPU time in ticks of 10 ms, whatever the kernel's own timer does. */
const MICROSECONDS_PER_TICK = 10_000;

/** CPU time that a process has used, microseconds; 0 where there is no `/proc`, or when it has ended. */
export function processCpu(pid: number): number {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return 0;
    throw error;
  }
  // The second field is the program's name in brackets, which may hold spaces; user and system time are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}
