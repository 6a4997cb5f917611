import type { OrganizationKind, Role } from '../consortium/roles.js';
import type { ConsentTerms, DecisionInput, DecisionRequest, RecordFacets } from '../decision/decision.js';
import { organizationActor, purposeCoding } from '../decision/terms.js';
import type { LegalClass } from '../records/origin.js';
import { decisionPack } from './applicable.js';
import type { Evidence, OptOut, PolicyPack } from './pack.js';

/** A request as the tests of packs make it; what is left out is a practitioner of another clinic who treats and names a class. */
export interface Asked {
  readonly purpose?: string;
  readonly role?: Role;
  readonly kinds?: readonly OrganizationKind[];
  /** Of the custodian's own organization. */
  readonly own?: boolean;
  readonly evidence?: Evidence;
  readonly filter?: DecisionRequest['filter'];
  readonly at?: string;
  /** Where custodian, recipient and patient are. */
  readonly in?: string | { readonly custodian: string; readonly recipient: string; readonly patient: string };
  readonly optOuts?: readonly OptOut[];
  readonly consents?: readonly ConsentTerms[];
}

export const CUSTODIAN = 'HospitalMSP';
export const RECIPIENT = 'ClinicMSP';

const isIn = ({ in: place = 'US-CA' }: Asked) =>
  typeof place === 'string' ? { custodian: place, recipient: place, patient: place } : place;

const TREATING = {
  purpose: 'TREAT',
  role: 'practitioner',
  kinds: ['clinic'],
  own: false,
  filter: { classes: ['Observation'] },
  at: '2026-03-01T12:00:00.000Z',
  consents: [],
} as const;

/** What is decided, under these packs. */
export function asked(packs: readonly PolicyPack[], question: Asked = {}): DecisionInput {
  const { purpose, role, kinds, own, filter, at, consents, evidence, optOuts } = { ...TREATING, ...question };
  const places = isIn(question);
  return {
    consents,
    instant: at,
    request: {
      custodian: CUSTODIAN,
      actor: { mspId: own ? CUSTODIAN : RECIPIENT, subject: 'p-1', role },
      scope: 'content',
      purpose,
      filter,
      ...(evidence ? { evidence } : {}),
    },
    policy: {
      packs: packs.map((pack) => decisionPack(pack)),
      parties: {
        custodian: { jurisdiction: places.custodian },
        recipient: { jurisdiction: places.recipient, kinds: own ? ['hospital'] : kinds },
        patient: { jurisdiction: places.patient, ...(optOuts ? { optOuts } : {}) },
      },
    },
  };
}

/** A record, of the custodian unless another organization made it. */
export function record(classes: readonly LegalClass[] = [], organization = CUSTODIAN): RecordFacets {
  return {
    id: '1'.repeat(32),
    class: 'Observation',
    category: [],
    codes: [],
    labels: [],
    mediaType: 'application/fhir+json',
    ...(classes.length > 0 ? { origin: { organization, classes } } : {}),
  };
}

/** A consent that lets the recipient do something, or forbids it. */
export function consent(
  type: 'permit' | 'deny',
  purposes: readonly string[],
  more: Partial<ConsentTerms['provision']> = {},
): ConsentTerms {
  return {
    consent: (type === 'permit' ? 'a' : 'b').repeat(32),
    version: 1,
    provision: { type, actor: [organizationActor(RECIPIENT)], purpose: purposes.map(purposeCoding), ...more },
  };
}

/** The rules that an answer rests on: `us-hipaa treatment`. */
export function rulesOf(
  policies: readonly { readonly pack: string; readonly rule: string }[] | undefined,
): readonly string[] {
  return (policies ?? []).map(({ pack, rule }) => `${pack} ${rule}`);
}

/** Rules on which no example's answer rests under a title that names their section, such as `art. 9(2)`, `s. 43(1)(h)` or `164.506(c)`. */
export function rulesWithoutExample(
  packs: readonly PolicyPack[],
  examples: readonly { readonly title: string; readonly answer: string }[],
): readonly string[] {
  const sectionsIn = (text: string): readonly string[] => text.match(/(?<![\d.(])\d+(?:\.\d+)?/g) ?? [];
  return packs.flatMap((pack) =>
    pack.rules
      .filter(
        ({ id, citation }) =>
          !examples.some(
            ({ title, answer }) =>
              `${answer} `.includes(` ${pack.id} ${id} `) &&
              sectionsIn(title.split(/: /)[0] ?? '').some((section) =>
                sectionsIn(citation).includes(section),
              ),
          ),
      )
      .map(({ id }) => `${pack.id} ${id}`),
  );
}
