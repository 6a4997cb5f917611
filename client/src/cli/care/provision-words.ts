import type { ConsentProvision } from '@vitaledger/domain';

/** A provision on one line, for a table: `permit OrganizationMSP for TREAT: Condition, Observation; 1 exception`. */
export function provisionLine(provision: ConsentProvision): string {
  const { type, actor = [], purpose = [], provision: exceptions = [] } = provision;
  const who = actor.map(({ reference }) => reference.identifier?.value ?? reference.reference ?? 'somebody');
  const parts = [
    type ?? 'permit',
    who.length === 0 ? 'anybody' : who.join(', '),
    ...(purpose.length === 0 ? [] : [`for ${codes(purpose)}`]),
    ...aboutOf(provision),
  ];
  const count = exceptions.length;
  return parts.join(' ') + (count === 0 ? '' : `; ${count} ${count === 1 ? 'exception' : 'exceptions'}`);
}

/** What it is about, where it is not about everything. */
function aboutOf({ class: classes = [], securityLabel = [], period }: ConsentProvision): readonly string[] {
  return [
    ...(classes.length === 0 ? [] : [`on ${codes(classes)}`]),
    ...(securityLabel.length === 0 ? [] : [`labelled ${codes(securityLabel)}`]),
    ...(period?.end === undefined ? [] : [`until ${period.end}`]),
  ];
}

function codes(codings: readonly { readonly code?: string }[]): string {
  return codings.map(({ code }) => code ?? '?').join(', ');
}
