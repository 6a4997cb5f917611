import type { OutcomesReport, Vitaledger } from '@vitaledger/client';
import type { FieldChange, OutcomeComparison } from '@vitaledger/domain';
import type { TrialFile } from '../input/trial-file.js';
import { counted, listed, short } from '../narrator/layout.js';
import type { Narrator } from '../narrator/narrator.js';
import { parties, type Cast } from '../stage/cast.js';

const FIELDS_SHOWN = 8;

export async function trialRegistry(narrator: Narrator, cast: Cast, file: TrialFile): Promise<void> {
  narrator.scene('A clinical trial is registered, approved and amended');
  narrator.tell(
    'Trials are public, and must stay as they were announced: whoever changes the question after seeing the answers can prove ' +
      'anything. Contacts are persons, so they stay with the sponsor, in a store that can erase them.',
  );
  const { sponsor, ethics } = cast;
  const { trial } = await narrator.does(
    parties.sponsor,
    (done) => `registers ${file.file} as ${done.trial}, version 1`,
    () => sponsor.trials.register(file.registered),
  );
  await showContacts(narrator, cast, trial);
  const submitted = await ethics.trials.get(trial);
  await narrator.does(
    parties.ethics,
    ({ status }) => `approves the version ${short(submitted.digest)}: the trial is ${status}`,
    () => ethics.trials.approve(trial, { approved: true, digest: submitted.digest }),
  );
  await amend(narrator, cast, file, trial);
  await showOutcomes(narrator, cast, trial);
}

async function showContacts(narrator: Narrator, { sponsor, hospital }: Cast, trial: string): Promise<void> {
  const module = (record: Awaited<ReturnType<Vitaledger['trials']['get']>>['record']): unknown =>
    (record.protocolSection.contactsLocationsModule as { centralContacts?: readonly unknown[] } | undefined)
      ?.centralContacts?.[0];
  const own = module((await sponsor.trials.get(trial)).record) as
    { name?: string; phone?: string } | undefined;
  const publicly = module((await hospital.trials.get(trial)).record) as { digest?: string } | undefined;
  if (own?.name === undefined || publicly?.digest === undefined) return;
  narrator.sees(parties.sponsor, `the contact: ${[own.name, own.phone ?? ''].join(' ').trim()}`);
  narrator.sees(
    parties.everybody,
    `the contact: ${short(publicly.digest, 16)}, a salted hash that no longer means anything once the sponsor erases the name`,
  );
}

async function amend(narrator: Narrator, { sponsor }: Cast, file: TrialFile, trial: string): Promise<void> {
  narrator.blank();
  if (file.madeUp) {
    narrator.remark(
      'The demonstration makes up an amendment of your trial, in which the first outcomes change places.',
    );
  }
  const { changes, version } = await narrator.does(
    parties.sponsor,
    (done) =>
      `amends it, “recruitment has begun”: version ${done.version}, ${counted(done.changes.length, 'field')} differ`,
    () => sponsor.trials.amend(trial, { version: 1, record: file.amended, reason: 'Recruitment has begun' }),
  );
  const told = [...changes].sort((one, other) => weight(one) - weight(other)).slice(0, FIELDS_SHOWN);
  narrator.table(told.map(changeRow), { head: ['', `fields of version ${version}`, 'before → after'] });
  if (changes.length > told.length) narrator.remark(`    … and ${changes.length - told.length} more`);
}

/** What trials are judged by first. */
const telling = ['outcomesModule', 'designModule', 'statusModule'];

function weight({ pointer }: FieldChange): number {
  const place = telling.indexOf(pointer.split('/')[2] ?? '');
  return place < 0 ? telling.length : place;
}

function changeRow({ op, pointer, before, after }: FieldChange): string[] {
  const sign = { added: '+', removed: '−', changed: '~' }[op];
  const path = pointer.split('/').slice(3).join('/');
  const values = [before, after].flatMap((value) => (value === undefined ? [] : [valueText(value)]));
  return [sign, path, values.join(' → ')];
}

function valueText(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? entryText(value) : String(value);
  if (/^[0-9a-f]{64}$/.test(text)) return short(text);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** What an entry of a list is called. */
function entryText({ measure, name, label }: { measure?: string; name?: string; label?: string }): string {
  return measure ?? name ?? label ?? 'an entry';
}

/** All ask their own peers, and are told the same. */
async function showOutcomes(
  narrator: Narrator,
  { hospital, ethics, sponsor }: Cast,
  trial: string,
): Promise<void> {
  narrator.blank();
  const reports = await narrator.does(
    'Three members',
    'each ask their own peer what became of the outcomes',
    () => Promise.all([hospital, ethics, sponsor].map((member) => member.trials.outcomes(trial))),
  );
  const [report] = reports;
  if (!report) return;
  if (new Set(reports.map((one) => JSON.stringify(one))).size !== 1) {
    throw new Error('The members’ peers tell different outcomes: please report this.');
  }
  const rows = report.outcomes.map(outcomeRow);
  narrator.table(rows, {
    head: [`version ${report.baseline.version} → ${report.latest.version}`, 'outcome'],
  });
  const verdict = verdictOn(report);
  if (verdict === undefined) narrator.allowed(parties.everybody, 'the primary outcome is what it was.');
  else narrator.refused(parties.everybody, verdict);
  const history = await hospital.trials.history(trial);
  narrator.sees(
    parties.everybody,
    `both versions: ${history.map(({ instant, reason }, index) => `${index + 1} of ${instant.slice(0, 19).replace('T', ' ')}${reason === undefined ? '' : ` (${reason})`}`).join(', ')}. None can be taken away.`,
  );
}

function outcomeRow({ changes, before, after }: OutcomeComparison): string[] {
  const ranks = [...new Set([before?.rank ?? 'none', after?.rank ?? 'none'])].join(' → ');
  const told = changes.map((change) =>
    change === 'time-frame-changed'
      ? `moved from “${before?.timeFrame ?? ''}” to “${after?.timeFrame ?? ''}”`
      : (words[change] ?? change),
  );
  return [ranks, `${(after ?? before)?.measure ?? ''}: ${listed(told)}`];
}

/** In words: what happened to the outcomes that the trial is judged by. */
function verdictOn(report: OutcomesReport): string | undefined {
  if (!report.primarySwitched) return undefined;
  const told = report.outcomes
    .filter(({ before, after }) => before?.rank === 'primary' || after?.rank === 'primary')
    .map(
      ({ changes, before, after }) =>
        `“${(before ?? after)?.measure ?? ''}” ${listed(changes.map((change) => words[change] ?? change))}`,
    );
  return `the primary outcome was switched: ${told.join('; ')}.`;
}

const words: Readonly<Record<string, string>> = {
  kept: 'kept',
  added: 'added',
  dropped: 'dropped',
  promoted: 'promoted',
  demoted: 'demoted',
  'time-frame-changed': 'moved in time',
  'measure-changed': 'measured otherwise',
  'description-changed': 'described otherwise',
  'wording-only': 'worded otherwise',
};
