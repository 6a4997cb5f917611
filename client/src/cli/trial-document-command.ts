import { TRIAL_DOCUMENT_KINDS, VitaledgerError } from '@vitaledger/domain';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { TrialDocumentDraft, TrialDocumentKind } from '../trial-documents/trial-documents.js';
import { withExamples } from './examples.js';
import { contentOf } from './file-content.js';
import { writeNewFile } from './json-file.js';
import { print, withLedger, withLedgerOptions } from './ledger-options.js';

interface DescriptionOptions {
  readonly kind: TrialDocumentKind;
  readonly title: string;
  readonly language: string;
  readonly mediaType: string;
  readonly date?: string;
  readonly keep?: true;
}

/** Documents of trials: registered by their digest, and files held against what was registered. */
export function trialDocumentCommand(): Command {
  const group = new Command('document')
    .description('documents of a trial, by their digests')
    .addCommand(registerCommand())
    .addCommand(reviseCommand())
    .addCommand(listCommand())
    .addCommand(historyCommand())
    .addCommand(verifyCommand())
    .addCommand(contentCommand());
  return withExamples(group, EXAMPLES);
}

const EXAMPLES = [
  'trial document register NCT01234567 plan.pdf --kind statistical-analysis-plan --title "Analysis plan" --keep',
  'trial document revise NCT01234567 VD-0123456789abcdef plan2.pdf --version 1 --reason "A second interim analysis"',
  'trial document list NCT01234567',
  'trial document history NCT01234567 VD-0123456789abcdef',
  'trial document verify NCT01234567 plan.pdf',
  'trial document content 9f86d081… --output plan.pdf',
];

function registerCommand(): Command {
  const command = new Command('register')
    .description('register a file as a document of a trial; the registry gets its digest only')
    .argument('<trial>')
    .argument('<file>')
    .addOption(new Option('--kind <kind>', 'what it is').choices(TRIAL_DOCUMENT_KINDS).makeOptionMandatory())
    .requiredOption('--title <text>', 'public for ever, without personal data')
    .action((trial: string, file: string, options: DescriptionOptions) =>
      withLedger(command, async ({ trialDocuments }) => {
        const draft = { ...described(options), kind: options.kind, title: options.title };
        const content = await contentOf(file);
        print(await trialDocuments.register(trial, { ...draft, content }, { keep: options.keep === true }));
      }),
    );
  return withLedgerOptions(withDescription(command));
}

function reviseCommand(): Command {
  const command = new Command('revise')
    .description('register a file as the next version of a document')
    .argument('<trial>')
    .argument('<document>')
    .argument('<file>')
    .requiredOption('--version <number>', 'the version that is revised', wholeNumber)
    .requiredOption('--reason <text>', 'why; public for ever')
    .option('--title <text>', 'if it has changed')
    .action(
      (
        trial: string,
        document: string,
        file: string,
        options: DescriptionOptions & { readonly version: number; readonly reason: string },
      ) =>
        withLedger(command, async ({ trialDocuments }) => {
          const before = (await trialDocuments.history(trial, document)).at(-1);
          if (!before) throw new VitaledgerError('NOT_FOUND', `The trial has no document ${document}`);
          const { kind } = before;
          const draft = { ...described(options), kind, title: options.title || before.title };
          const { version, reason } = options;
          const content = await contentOf(file);
          print(
            await trialDocuments.revise(
              trial,
              { document, version, reason },
              { ...draft, content },
              { keep: options.keep === true },
            ),
          );
        }),
    );
  return withLedgerOptions(withDescription(command));
}

function listCommand(): Command {
  const command = new Command('list')
    .description("the latest version of each of a trial's documents")
    .argument('<trial>')
    .action((trial: string) =>
      withLedger(command, async ({ trialDocuments }) => {
        print(await trialDocuments.list(trial));
      }),
    );
  return withLedgerOptions(command);
}

function historyCommand(): Command {
  const command = new Command('history')
    .description('all versions of a document')
    .argument('<trial>')
    .argument('<document>')
    .action((trial: string, document: string) =>
      withLedger(command, async ({ trialDocuments }) => {
        print(await trialDocuments.history(trial, document));
      }),
    );
  return withLedgerOptions(command);
}

function verifyCommand(): Command {
  const command = new Command('verify')
    .description('hold a file against what was registered; exit code 7 when it is something else')
    .argument('<trial>')
    .argument('<file>')
    .option('--document <number>', 'the document that it is said to be')
    .option('--version <number>', 'its version; the latest unless told', wholeNumber)
    .action(
      (trial: string, file: string, options: { readonly document?: string; readonly version?: number }) =>
        withLedger(command, async ({ trialDocuments }) => {
          const { document, version } = options;
          if (document === undefined && version !== undefined)
            throw new VitaledgerError('INVALID_ARGUMENT', 'A version needs its document: give --document');
          const expected = document === undefined ? undefined : { document, ...(version && { version }) };
          print(await trialDocuments.verify(trial, await contentOf(file), expected));
        }),
    );
  return withLedgerOptions(command);
}

function contentCommand(): Command {
  const command = new Command('content')
    .description("get back a document that was registered with --keep, from the own organization's vault")
    .argument('<digest>', 'of the version, as `list` and `history` show it')
    .requiredOption('--output <file>', 'where it goes; must not be there yet')
    .action((digest: string, { output }: { readonly output: string }) =>
      withLedger(command, ({ trialDocuments }) =>
        writeNewFile(output, async (file) => {
          for await (const part of trialDocuments.content(digest)) await file.write(part);
        }),
      ),
    );
  return withLedgerOptions(command);
}

function withDescription(command: Command): Command {
  return command
    .option('--language <tag>', 'BCP 47', 'en')
    .option('--media-type <type>', 'of the file', 'application/pdf')
    .option('--date <date>', 'the date on the document, such as 2026-03-01')
    .option('--keep', "also store it, encrypted, in the own organization's vault");
}

function described({
  language,
  mediaType,
  date,
}: DescriptionOptions): Pick<TrialDocumentDraft, 'language' | 'mediaType' | 'date'> {
  return { language, mediaType, ...(date === undefined ? {} : { date }) };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}
