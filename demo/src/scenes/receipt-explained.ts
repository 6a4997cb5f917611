import type { ClassDecision, Decision, ReceiptDocument } from '@vitaledger/domain';
import { listed, short } from '../narrator/layout.js';
import type { Narrator } from '../narrator/narrator.js';

/** The receipt: what was asked, what was answered, and by which rules of which consents. */
export function explainReceipt(narrator: Narrator, receipt: ReceiptDocument): void {
  const { actor, via, request, instant, expires, decision } = receipt;
  const service = via === undefined ? '' : `, through the service ${short(via)}`;
  narrator.quote('the receipt, as the clinic has it', [
    ['receipt', receipt.receipt],
    ['asked by', `${actor.mspId}, ${actor.role} ${short(actor.subject)}${service}`],
    ['for', `${request.purpose}: ${request.scope} of patient ${short(request.patient)}`],
    ['decided', `${instant} by ${decision.engine}; it opens until ${expires.slice(11, 19)}`],
    ['answer', decision.outcome],
    ...decision.rules.map(({ consent, version, path, type, certain }, index) => [
      `rule [${index}]`,
      `${type}: consent ${short(consent)}, version ${version}, at ${path}${certain ? '' : ', where a record matches it'}`,
    ]),
    ...answers(decision),
  ]);
  narrator.remark(
    'Whoever has the same consents computes the same answer: a rule is a place in a FHIR consent that the patient signed, the instant is the ledger’s.',
  );
}

/** Classes with the same answer share a line. */
function answers({ classes }: Decision): string[][] {
  const byAnswer = new Map<string, string[]>();
  for (const [name, answer] of Object.entries(classes)) {
    const text = answerText(answer);
    byAnswer.set(text, [...(byAnswer.get(text) ?? []), name === '*' ? 'all other types' : name]);
  }
  return [...byAnswer].map(([text, names], index) => [
    index === 0 ? 'therefore' : '',
    `${listed(names)}: ${text}`,
  ]);
}

function answerText({ outcome, rules, obligations, reason }: ClassDecision): string {
  if (rules.length === 0) return `${outcome}, ${reasons[reason]}`;
  const by = `by ${rules.map((rule) => `[${rule}]`).join(' ')}`;
  return obligations.length === 0
    ? `${outcome} ${by}`
    : `permit ${by}, but ${obligations.map(obligationText).join(' and ')}`;
}

const reasons: Readonly<Record<ClassDecision['reason'], string>> = {
  NO_CONSENT: 'since there is no consent',
  NO_CONSENT_APPLIES: 'since no consent speaks of them',
  RULES: 'by the rules',
  RESTRICTION: 'since the patient restricted it',
  OBJECTION: 'since the patient objected',
  OPT_OUT: 'since the patient opted out',
  POLICY: 'by law',
};

function obligationText({ effect, where }: ClassDecision['obligations'][number]): string {
  const limits = where.flatMap(({ code, securityLabel, dataPeriod, data }) => [
    ...(code ? [code.length === 1 ? 'with that code' : `with any of ${code.length} codes`] : []),
    ...(securityLabel ? ['with such a label'] : []),
    ...(dataPeriod ? ['dated within the period'] : []),
    ...(data ? ['that is named'] : []),
  ]);
  return `${effect === 'withhold' ? 'withhold' : 'release only'} each record ${limits.join(' and ')}`;
}
