import { CA_ON_PHIPA } from './ca-on-phipa.js';
import { EU_EHDS } from './eu-ehds.js';
import { EU_GDPR } from './eu-gdpr.js';
import type { PolicyPack } from './pack.js';
import { US_42CFR2 } from './us-42cfr2.js';
import { US_HIPAA } from './us-hipaa.js';

/** The packs that come with Vitaledger; a consortium adopts those it wants, or writes its own. docs/policy-packs.md explains them. */
export const POLICY_PACKS: readonly PolicyPack[] = [US_HIPAA, US_42CFR2, EU_GDPR, EU_EHDS, CA_ON_PHIPA];
