import type { Tri } from '../decision/tri.js';
import { coverageOf, isBelowAny, type Ancestors } from './coverage.js';
import type { DataUse, DataUsePermission } from './data-use.js';
import { findingOf, type Finding, type TermFinding } from './findings.js';
import type { ResearchAim, ResearchPurpose } from './research-purpose.js';

/** Whether the permission includes each aim of the study. */
export function permissionFindings(
  { permission, modifiers }: DataUse,
  purpose: ResearchPurpose,
  ancestors: Ancestors,
): readonly TermFinding[] {
  const permitsCare = permission.code === 'NRES' || modifiers.some(({ code }) => code === 'CC');
  return purpose.aims.map((aim) => {
    const finding =
      aim === 'care' ? careFinding(permitsCare) : aimFinding(permission, aim, purpose, ancestors);
    return findingOf(permission.code, finding, aim);
  });
}

function careFinding(isPermitted: boolean): Finding {
  return isPermitted ? { holds: 'yes', reason: 'AIM_PERMITTED' } : { holds: 'no', reason: 'CARE_NEEDS_CC' };
}

/** What each permission says of the aims that it can judge without looking further. */
const AIMS: Readonly<Record<DataUsePermission['code'], readonly ResearchAim[]>> = {
  NRES: ['health', 'ancestry', 'methods', 'other'],
  GRU: ['health', 'ancestry', 'methods', 'other'],
  HMB: ['health'],
  DS: [],
  POA: ['ancestry'],
};

function aimFinding(
  permission: DataUsePermission,
  aim: ResearchAim,
  purpose: ResearchPurpose,
  ancestors: Ancestors,
): Finding {
  if (AIMS[permission.code].includes(aim)) return { holds: 'yes', reason: 'AIM_PERMITTED' };
  if (aim === 'methods') return methodsFinding(purpose);
  if (permission.code === 'DS' && aim === 'health') {
    return diseaseFinding(permission.diseases, purpose.diseases, ancestors);
  }
  return { holds: 'no', reason: 'AIM_NOT_PERMITTED' };
}

function methodsFinding({ aims }: ResearchPurpose): Finding {
  const serveOthers = aims.some((aim) => aim !== 'methods' && aim !== 'care');
  return serveOthers
    ? { holds: 'yes', reason: 'METHODS_WITH_PERMITTED_AIM' }
    : { holds: 'maybe', reason: 'METHODS_ALONE' };
}

const DISEASE_REASONS = {
  all: ['yes', 'DISEASE_WITHIN'],
  some: ['maybe', 'DISEASE_PARTLY_WITHIN'],
  none: ['no', 'DISEASE_OUTSIDE'],
  unknown: ['maybe', 'ANCESTORS_UNKNOWN'],
} as const satisfies Record<string, readonly [Tri, Finding['reason']]>;

function diseaseFinding(
  allowed: readonly string[],
  diseases: readonly string[] | undefined,
  ancestors: Ancestors,
): Finding {
  if (!diseases) return { holds: 'maybe', reason: 'DISEASE_UNKNOWN' };
  const { within, outside } = coverageOf(diseases, (one) => isBelowAny(allowed, one, ancestors));
  const [holds, reason] = DISEASE_REASONS[within];
  return { holds, reason, ...(outside.length > 0 ? { values: outside } : {}) };
}
