import {
  fillTemplate,
  TEMPLATE_CLASSES,
  TEMPLATE_LANGUAGES,
  TEMPLATE_NAMES,
  TEMPLATE_SENSITIVITIES,
  type TemplateLanguage,
  type TemplateName,
  type TemplateValues,
} from '@vitaledger/domain';
import { Command, Option } from 'commander';
import { show, withJson } from '../trials/trial-input.js';

/** What each template needs, as an example. */
const EXAMPLES: Readonly<Record<TemplateName, Omit<TemplateValues, 'language'>>> = {
  treatment: { organization: { mspId: 'ClinicMSP', name: 'City Clinic' } },
  'treatment-of-some': {
    organization: { mspId: 'ClinicMSP', name: 'City Clinic' },
    classes: ['Condition', 'Observation'],
  },
  'treatment-without-sensitive': {
    organization: { mspId: 'ClinicMSP', name: 'City Clinic' },
    sensitivities: ['MH', 'HIV'],
  },
  'treatment-by-team': { careTeam: { reference: `HospitalMSP/${'5f0e'.repeat(8)}`, name: 'Diabetes team' } },
  research: { organization: { mspId: 'ResearchMSP', name: 'Research Institute' } },
  'emergency-only': {},
  never: { organization: { mspId: 'PharmacyMSP', name: 'Old Pharmacy' } },
};

/** Shows the templates, so that nobody has to know FHIR to give a consent. */
export function templatesCommand(): Command {
  return withJson(
    new Command('templates')
      .description('the consents for the common cases, in plain words, each with an example')
      .addOption(new Option('--language <tag>', 'of the words').choices(TEMPLATE_LANGUAGES).default('en')),
  ).action((flags: { readonly language: TemplateLanguage; readonly json?: true }) => {
    const templates = TEMPLATE_NAMES.map((name) => {
      const values = { ...EXAMPLES[name], language: flags.language };
      const { provision, text } = fillTemplate(name, values);
      return { name, options: optionsOf(name), text: text.content, provision };
    });
    const texts = templates.map(
      ({ name, options, text }) => `--template ${name} ${options}`.trimEnd() + `\n    ${text}`,
    );
    show(
      flags,
      templates,
      [
        ...texts,
        `--class is one of: ${TEMPLATE_CLASSES.join(', ')}`,
        `--sensitivity is one of: ${TEMPLATE_SENSITIVITIES.join(', ')}`,
      ].join('\n\n'),
    );
  });
}

/** The example's values as they are given on the command line. */
function optionsOf(name: TemplateName): string {
  const { organization, careTeam, classes = [], sensitivities = [] } = EXAMPLES[name];
  return [
    ...(organization ? [`--organization ${organization.mspId} --name '${organization.name}'`] : []),
    ...(careTeam ? [`--care-team ${careTeam.reference} --name '${careTeam.name}'`] : []),
    ...classes.map((one) => `--class ${one}`),
    ...sensitivities.map((one) => `--sensitivity ${one}`),
  ].join(' ');
}
