import { join } from 'node:path';

const folder = join(__dirname, '..', '..', 'topologies');

/** Paths of the topologies that come with this package. */
export const topologies = {
  /** Five organizations, two channels: hospital, clinic, pharmacy, research institute, ethics board. */
  default: join(folder, 'default.yaml'),
  /** A hospital and a clinic which play all parts, for small machines. */
  small: join(folder, 'small.yaml'),
  /** A registry of trials alone: sponsor, ethics board, and an authority without a peer. */
  registry: join(folder, 'registry.yaml'),
} as const;
