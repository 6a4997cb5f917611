import type { ConsentProvision } from 'fhir/r4';
import { validateConsent } from '../decision/provision.js';
import {
  careTeamActor,
  classCoding,
  organizationActor,
  purposeCoding,
  roleActor,
  sensitivityCoding,
} from '../decision/terms.js';
import { invalid } from '../errors/vitaledger-error.js';
import { digestOf } from '../json/canonical.js';
import { isId, isMspId } from '../json/formats.js';
import { dayInWords, inWords, TEMPLATE_LANGUAGES, type TemplateLanguage } from './words.js';

/** The common cases. */
export type TemplateName =
  /** Everything for treatment, by one organization. */
  | 'treatment'
  /** Some kinds of records for treatment, by one organization. */
  | 'treatment-of-some'
  /** For treatment, by one organization, without sensitive topics. */
  | 'treatment-without-sensitive'
  /** Everything for treatment, by whoever is in a care team. */
  | 'treatment-by-team'
  /** For research, by one organization. */
  | 'research'
  /** For emergencies only, by emergency staff anywhere. */
  | 'emergency-only'
  /** Nothing, whatever else was permitted, to one organization. */
  | 'never';

/** What a template is filled in with. */
export interface TemplateValues {
  readonly language: TemplateLanguage;
  /** The organization's MSP id and the name that the patient knows it by; not for `emergency-only`. */
  readonly organization?: { readonly mspId: string; readonly name: string };
  /** The care team's reference (`<MSP>/<team>`) and the name that the patient knows it by, for `treatment-by-team`. */
  readonly careTeam?: { readonly reference: string; readonly name: string };
  /** FHIR resource types, for `treatment-of-some`; the other templates take none. */
  readonly classes?: readonly string[];
  /** Sensitivities (v3-ActCode), for `treatment-without-sensitive`. */
  readonly sensitivities?: readonly string[];
  /** The last day, such as `2027-12-31`; without an end when absent. */
  readonly until?: string;
}

/** A consent ready to be shown and signed. */
export interface FilledTemplate {
  readonly provision: ConsentProvision;
  readonly text: { readonly content: string; readonly language: TemplateLanguage };
  /** SHA-256 of the text: what the signed consent names. */
  readonly digest: string;
}

interface Template {
  /** Which values it needs, besides language and end. */
  readonly needs: readonly ('organization' | 'careTeam' | 'classes' | 'sensitivities')[];
  readonly provision: (values: Filled) => ConsentProvision;
  readonly text: Readonly<Record<TemplateLanguage, (values: Filled) => string>>;
}

/** Values with what a template needs in place, and codes in words. */
interface Filled {
  readonly mspId: string;
  readonly reference: string;
  /** Of the organization, or of the team. */
  readonly name: string;
  readonly classes: readonly string[];
  readonly classWords: string;
  readonly sensitivities: readonly string[];
  readonly topicWords: string;
}

const permit = (mspId: string, purpose: string): ConsentProvision => ({
  type: 'permit',
  actor: [organizationActor(mspId)],
  purpose: [purposeCoding(purpose)],
});

const TEMPLATES: Readonly<Record<TemplateName, Template>> = {
  treatment: {
    needs: ['organization'],
    provision: ({ mspId }) => permit(mspId, 'TREAT'),
    text: {
      en: ({ name }) => `${name} may read all my health records here, to treat me.`,
      de: ({ name }) => `${name} darf hier alle meine Gesundheitsdaten lesen, um mich zu behandeln.`,
    },
  },
  'treatment-of-some': {
    needs: ['organization', 'classes'],
    provision: ({ mspId, classes }) => ({ ...permit(mspId, 'TREAT'), class: classes.map(classCoding) }),
    text: {
      en: ({ name, classWords }) =>
        `${name} may read these of my health records here, to treat me: ${classWords}. Everything else stays closed to them.`,
      de: ({ name, classWords }) =>
        `${name} darf hier diese meiner Gesundheitsdaten lesen, um mich zu behandeln: ${classWords}. Alles andere bleibt dort verschlossen.`,
    },
  },
  'treatment-without-sensitive': {
    needs: ['organization', 'sensitivities'],
    provision: ({ mspId, sensitivities }) => ({
      ...permit(mspId, 'TREAT'),
      provision: [{ type: 'deny', securityLabel: sensitivities.map(sensitivityCoding) }],
    }),
    text: {
      en: ({ name, topicWords }) =>
        `${name} may read my health records here, to treat me, but none that are marked as being about: ${topicWords}.`,
      de: ({ name, topicWords }) =>
        `${name} darf hier meine Gesundheitsdaten lesen, um mich zu behandeln, aber keine, die so gekennzeichnet sind: ${topicWords}.`,
    },
  },
  'treatment-by-team': {
    needs: ['careTeam'],
    provision: ({ reference }) => {
      const [custodian = '', team = ''] = reference.split('/');
      return { type: 'permit', actor: [careTeamActor(custodian, team)], purpose: [purposeCoding('TREAT')] };
    },
    text: {
      en: ({ name }) =>
        `Whoever is in my care team “${name}” when they ask may read all my health records here, to treat me. Who is in it is said here, and I am told of every change.`,
      de: ({ name }) =>
        `Wer zu meinem Behandlungsteam „${name}“ gehört, wenn er fragt, darf hier alle meine Gesundheitsdaten lesen, um mich zu behandeln. Wer dazugehört, wird hier bestimmt, und jede Änderung wird mir mitgeteilt.`,
    },
  },
  research: {
    needs: ['organization'],
    provision: ({ mspId }) => permit(mspId, 'HRESCH'),
    text: {
      en: ({ name }) =>
        `${name} may read my health records here for health research. This is voluntary and changes nothing about my treatment.`,
      de: ({ name }) =>
        `${name} darf hier meine Gesundheitsdaten für die Gesundheitsforschung lesen. Das ist freiwillig und ändert nichts an meiner Behandlung.`,
    },
  },
  'emergency-only': {
    needs: [],
    provision: () => ({
      type: 'permit',
      actor: [roleActor('emergency')],
      purpose: [purposeCoding('ETREAT')],
    }),
    text: {
      en: () =>
        'In an emergency, emergency staff of any organization may read my health records here, to treat me.',
      de: () =>
        'Im Notfall darf Notfallpersonal, gleich von welcher Einrichtung, hier meine Gesundheitsdaten lesen, um mich zu behandeln.',
    },
  },
  never: {
    needs: ['organization'],
    provision: ({ mspId }) => ({ type: 'deny', actor: [organizationActor(mspId)] }),
    text: {
      en: ({ name }) => `${name} may read none of my health records here, whatever else I have permitted.`,
      de: ({ name }) =>
        `${name} darf hier keine meiner Gesundheitsdaten lesen, was immer ich sonst erlaubt habe.`,
    },
  },
};

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as readonly TemplateName[];

const ENDINGS: Readonly<
  Record<TemplateLanguage, readonly [withEnd: (day: string) => string, without: string]>
> = {
  en: [
    (day) => `This holds until the end of ${day} (UTC), or until I revoke it, which I can do at any time.`,
    'This holds until I revoke it, which I can do at any time.',
  ],
  de: [
    (day) => `Das gilt bis zum Ende des ${day} (UTC) oder bis ich es widerrufe; das kann ich jederzeit.`,
    'Das gilt, bis ich es widerrufe; das kann ich jederzeit.',
  ],
};

/**
 * Fills in a template: the provision, and the same in plain words. Every value has its place in both.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the value that is missing, wrong, or not for this template.
 */
export function fillTemplate(name: TemplateName, values: TemplateValues): FilledTemplate {
  if (!Object.hasOwn(TEMPLATES, name))
    throw invalid('template', `must be one of ${TEMPLATE_NAMES.join(', ')}`);
  const { language, until } = values;
  if (!TEMPLATE_LANGUAGES.includes(language)) {
    throw invalid('language', `must be one of ${TEMPLATE_LANGUAGES.join(', ')}`);
  }
  const { needs, provision, text } = TEMPLATES[name];
  const filled = fill(needs, values);
  const [withEnd, without] = ENDINGS[language];
  const ending = until === undefined ? without : withEnd(dayInWords(until, language));
  const content = `${text[language](filled)} ${ending}`;
  const terms = { ...provision(filled), ...(until === undefined ? {} : { period: { end: until } }) };
  validateConsent({ provision: terms });
  return { provision: terms, text: { content, language }, digest: digestOf(content) };
}

function fill(needs: Template['needs'], values: TemplateValues): Filled {
  for (const need of ['organization', 'careTeam', 'classes', 'sensitivities'] as const) {
    const isGiven = values[need] !== undefined;
    if (isGiven !== needs.includes(need)) {
      throw invalid(need, isGiven ? 'has no place in this template' : 'is required in this template');
    }
  }
  const { classes, sensitivities, language } = values;
  const inPlainWords = (kind: 'classes' | 'sensitivities'): string => {
    const codes = values[kind];
    return codes ? inWords(kind, codes, language) : '';
  };
  return {
    ...recipientOf(values),
    classes: classes ?? [],
    classWords: inPlainWords('classes'),
    sensitivities: sensitivities ?? [],
    topicWords: inPlainWords('sensitivities'),
  };
}

/** Whom a template is about; nobody by name, for those that name none. */
function recipientOf({
  organization,
  careTeam,
}: TemplateValues): Pick<Filled, 'mspId' | 'reference' | 'name'> {
  if (organization) {
    if (!isMspId(organization.mspId)) throw invalid('organization.mspId', 'must be an MSP id');
    checkName(organization.name, 'organization.name');
    return { ...organization, reference: '' };
  }
  if (careTeam) {
    const [custodian, team, ...rest] = careTeam.reference.split('/');
    if (!isMspId(custodian) || !isId(team) || rest.length > 0) {
      throw invalid('careTeam.reference', 'must be <MSP>/<team>, as the custodian tells it');
    }
    checkName(careTeam.name, 'careTeam.name');
    return { ...careTeam, mspId: '' };
  }
  return { mspId: '', reference: '', name: '' };
}

/** The name stands in the text that is signed: one line, so that it cannot pass for more of the text. */
function checkName(name: string, path: string): void {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}\p{M} .,'’&()/-]{0,119}$/u.test(name)) {
    throw invalid(
      path,
      "must be the name on one line, at most 120 letters, digits, spaces and . , ' & ( ) / -",
    );
  }
}
