import type { OutcomeComparison } from './compare-outcomes.js';
import type { OutcomeChange } from './compare-pair.js';
import { measureTerms } from './measure-terms.js';
import { normalizedWords } from './normalized-words.js';

/**
 * Whether the reason of an amendment tells of a change: `declared` names the outcome (or "the primary outcome") and what is done to it,
 * `vague` speaks of outcomes without saying which or what, `silent` does neither.
 */
export type Disclosure = 'declared' | 'vague' | 'silent';

const OUTCOMES = /\b(?:outcomes?|end ?points?|measures?|time ?frames?|time ?points?)\b/u;
/** A reason that says that nothing of the kind happened declares nothing. */
const DENIAL =
  /\b(?:outcomes?|end ?points?|measures?)\b[^.;]*\b(?:unchanged|not (?:changed|affected|modified)|remain(?:s|ed)?(?: the)? same)\b|\b(?:no|without) (?:changes?|effect|impact|modifications?)\b[^.;]*\b(?:outcomes?|end ?points?|measures?)\b/u;

const WORDS_OF: Readonly<Partial<Record<OutcomeChange, RegExp>>> = {
  dropped: /\b(?:remov|drop|delet|omit|replac|withdr[ae]w|abandon|no longer|cut)/u,
  added: /\b(?:add|new|replac|introduc|includ)/u,
  promoted:
    /\b(?:promot|upgrad|swap|switch|exchang|becom|mov|chang|replac|mad[ea]|mak)|\b(?:now|to|as)(?: the| a)? (?:co )?primary\b/u,
  demoted:
    /\b(?:demot|downgrad|swap|switch|exchang|becom|mov|chang|replac|mad[ea]|mak|no longer)|\b(?:now|to|as)(?: a| the)? (?:secondary|exploratory|other)\b/u,
  'time-frame-changed':
    /\b(?:time ?frames?|time ?points?|timing|follow ups?|extend|shorten|earlier|later|prolong|days?|weeks?|months?|years?)/u,
  'measure-changed':
    /\b(?:measur|instrument|scale|threshold|defin|criteri|method|chang|replac|assess|modif|revis|cut ?off|specif)/u,
};

const RANK: Readonly<Record<string, RegExp>> = {
  primary:
    /\bprimary (?:and secondary )?(?:outcomes?|end ?points?|efficacy|measures?|analysis)\b|\bprimary\b/u,
  secondary: /\bsecondary (?:outcomes?|end ?points?|measures?)\b/u,
};
/** The part of an outcome's terms that a reason must share to name it. */
const NAMED = 0.6;

/**
 * What the reason of an amendment says of one change of an outcome.
 *
 * @param reason as the sponsor gave it.
 */
export function disclosureOf(
  reason: string,
  change: OutcomeChange,
  { before, after }: OutcomeComparison,
): Disclosure {
  const text = normalizedWords(reason).join(' ');
  if (DENIAL.test(text)) return 'silent';
  const outcomes = [before, after].filter((outcome) => outcome !== undefined);
  const isByName = outcomes.some(({ measure }) => isNamed(measure, reason));
  if (!isByName && !OUTCOMES.test(text)) return 'silent';
  const isMeant = isByName || outcomes.some(({ rank }) => RANK[rank]?.test(text));
  return isMeant && WORDS_OF[change]?.test(text) ? 'declared' : 'vague';
}

function isNamed(measure: string, reason: string): boolean {
  const [wanted, said] = [measureTerms(measure).terms, measureTerms(reason).terms];
  const all = [...wanted.values()].reduce((sum, weight) => sum + weight, 0);
  const found = [...wanted].reduce((sum, [term, weight]) => sum + (said.has(term) ? weight : 0), 0);
  return all > 0 && found / all >= NAMED;
}
