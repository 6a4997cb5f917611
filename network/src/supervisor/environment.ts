/** What of the operator's environment reaches the network's processes: where programs are, and whose they are. */
const KEPT = ['PATH', 'HOME', 'TMPDIR'] as const;

export function minimalEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT) {
    const value = from[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
