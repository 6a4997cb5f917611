import type { ConsentProvision } from 'fhir/r4';
import type { RecordLimits, RuleType } from './decision.js';
import { DATA_ELEMENTS, dataElementMatch, dataMatch, requestMismatch } from './match.js';
import type { Situation } from './situation.js';
import { any, type Tri } from './tri.js';

/** Which answers a rule can give, as far as is known; `none` = it does not speak of this. */
export interface Possible {
  readonly permit: boolean;
  readonly deny: boolean;
  readonly none: boolean;
}

/** A provision whose own type can be the answer. */
export interface UsedRule {
  readonly path: string;
  readonly type: RuleType;
  readonly certain: boolean;
  /** The limits on its way from the root that only a record can tell. */
  readonly where: readonly RecordLimits[];
}

export interface Evaluation {
  readonly possible: Possible;
  readonly rules: readonly UsedRule[];
}

/**
 * What a provision says in a situation.
 *
 * 1. It speaks only if the request matches its period, actor, action and purpose.
 * 2. It covers the data that its own class, code, securityLabel, dataPeriod and data match, and what its exceptions of
 *    the same type add.
 * 3. Within what it covers, its exceptions speak first, deny before permit; where none speaks, its own type is the answer.
 *
 * What is not known of the data makes more than one answer possible.
 */
export function evaluate(
  provision: ConsentProvision,
  type: RuleType,
  situation: Situation,
  path = 'provision',
  above: readonly RecordLimits[] = [],
): Evaluation {
  if (requestMismatch(provision, type, situation)) return NOTHING_SAID;

  const own = dataMatch(provision, type, situation.data);
  const where = own === 'maybe' ? [...above, undecidedLimits(provision, type, situation, path)] : above;
  const exceptions = (provision.provision ?? []).map((exception, index): Exception => {
    const exceptionType = exception.type ?? type; // nested provisions have one: validateProvision sees to it
    // One of the same type adds data beyond its parent's limits; one of the other type cuts out of them.
    const inherited = exceptionType === type ? above : where;
    const nestedPath = `${path}.provision[${index}]`;
    return { type: exceptionType, ...evaluate(exception, exceptionType, situation, nestedPath, inherited) };
  });

  const covered = any([own, ...exceptions.filter((exception) => exception.type === type).map(speaks)]);
  if (covered === 'no') return NOTHING_SAID;

  const ownRule: UsedRule = { path, type, certain: where.length === 0, where };
  return within(exceptions, own === 'no' ? undefined : ownRule, covered);
}

type Exception = Evaluation & { readonly type: RuleType };

export const NOTHING_SAID: Evaluation = { possible: { permit: false, deny: false, none: true }, rules: [] };

/** The answer within what a provision covers: its exceptions', and its own where all of them can be silent. */
function within(exceptions: readonly Exception[], own: UsedRule | undefined, covered: Tri): Evaluation {
  const said = combine(exceptions.map(({ possible }) => possible));
  const ownType = said.none ? own?.type : undefined;
  return {
    possible: {
      permit: said.permit || ownType === 'permit',
      deny: said.deny || ownType === 'deny',
      none: covered === 'maybe',
    },
    rules: [...(own && ownType ? [own] : []), ...exceptions.flatMap(({ rules }) => rules)],
  };
}

/**
 * What several rules that stand side by side can say together: deny before permit, and none only if all are silent.
 * Used for the exceptions within a provision and for consents alike.
 */
export function combine(rules: readonly Possible[]): Possible {
  const deniesForSure = rules.some(({ permit, deny, none }) => deny && !permit && !none);
  return {
    deny: rules.some(({ deny }) => deny),
    permit: !deniesForSure && rules.some(({ permit }) => permit),
    none: rules.every(({ none }) => none),
  };
}

function speaks({ possible: { permit, deny, none } }: Evaluation): Tri {
  if (!none) return 'yes';
  return permit || deny ? 'maybe' : 'no';
}

function undecidedLimits(
  provision: ConsentProvision,
  type: RuleType,
  { data }: Situation,
  path: string,
): RecordLimits {
  const undecided = DATA_ELEMENTS.filter(
    (element) => dataElementMatch(element, provision, type, data) === 'maybe',
  );
  return { path, ...Object.fromEntries(undecided.map((element) => [element, provision[element]])) };
}
