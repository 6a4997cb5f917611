import {
  fillTemplate,
  TEMPLATE_LANGUAGES,
  TEMPLATE_NAMES,
  VitaledgerError,
  type ConsentProvision,
  type TemplateLanguage,
  type TemplateName,
} from '@vitaledger/domain';
import { Option, type Command } from 'commander';
import { collected } from './care-options.js';
import { readJsonFile, readTextFile } from '../json-file.js';

export interface TermsFlags {
  readonly template?: TemplateName;
  readonly organization?: string;
  readonly careTeam?: string;
  readonly name?: string;
  readonly class?: readonly string[];
  readonly sensitivity?: readonly string[];
  readonly until?: string;
  readonly language: string;
  readonly provision?: string;
  readonly text?: string;
}

/** What a consent permits, and the text that the patient agrees to. */
export interface Terms {
  readonly provision: ConsentProvision;
  readonly text: { readonly content: string; readonly language: string };
}

/** Adds the options that say what a consent permits: a template and its values, or a provision with its text. */
export function withTermsOptions(command: Command): Command {
  return command
    .addOption(new Option('--template <name>', 'one of the common cases').choices(TEMPLATE_NAMES))
    .option('--organization <MSP id>', 'template: who may')
    .option('--care-team <reference>', 'template: who may, MSP id/team')
    .option('--name <name>', 'template: the name by which the patient knows them')
    .option('--class <type>', 'template: a FHIR resource type; may be given again', collected)
    .option('--sensitivity <code>', 'template: what stays closed, such as HIV; may be given again', collected)
    .option('--until <day>', 'template: the last day')
    .option('--language <tag>', `of the text; templates know ${TEMPLATE_LANGUAGES.join(' and ')}`, 'en')
    .option('--provision <file>', 'instead of a template: a FHIR R4 Consent.provision')
    .option('--text <file>', 'with --provision: what the patient was shown; only its digest is signed');
}

/** @throws VitaledgerError `INVALID_ARGUMENT` when they say nothing, or two things at once */
export async function readTerms(flags: TermsFlags): Promise<Terms> {
  const { template, provision, text, language } = flags;
  if (template !== undefined && provision === undefined && text === undefined) return fill(template, flags);
  if (template === undefined && provision !== undefined && text !== undefined) {
    return {
      provision: (await readJsonFile(provision)) as ConsentProvision,
      text: { content: await readTextFile(text), language },
    };
  }
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    'Say what is permitted: --template with its values, or --provision and --text; "vitaledger consent templates" shows the templates',
  );
}

function fill(template: TemplateName, flags: TermsFlags): Terms {
  const {
    organization: mspId,
    careTeam: reference,
    name = mspId ?? reference,
    class: classes,
    sensitivity: sensitivities,
    until,
    language,
  } = flags;
  return fillTemplate(template, {
    language: language as TemplateLanguage,
    ...(mspId === undefined || name === undefined ? {} : { organization: { mspId, name } }),
    ...(reference === undefined || name === undefined ? {} : { careTeam: { reference, name } }),
    ...(classes === undefined ? {} : { classes }),
    ...(sensitivities === undefined ? {} : { sensitivities }),
    ...(until === undefined ? {} : { until }),
  });
}
