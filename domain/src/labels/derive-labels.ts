import { type Coding, SYSTEMS } from '../records/coding.js';
import type { SensitivityMap, SensitivityRule } from './sensitivity-map.js';

/** What labelling looks at. */
export interface LabelledContent {
  readonly category: readonly Coding[];
  readonly codes: readonly Coding[];
  readonly labels: readonly Coding[];
}

/**
 * The labels of a record: its author's, and those that a sensitivity map derives from its codes and categories. The map
 * only adds, so it wins over an author who says normal: a record counts by its highest confidentiality. Author's labels
 * come first, derived ones sorted behind them, each once.
 */
export type Labelling = (content: LabelledContent) => readonly Coding[];

/** Prepares a map for labelling many records. */
export function labelling({ rules }: SensitivityMap): Labelling {
  const byCode = new Map<string, readonly SensitivityRule[]>();
  const bySystem = new Map<string, readonly SensitivityRule[]>();
  for (const rule of rules) {
    for (const system of rule.systems) {
      if (rule.beginning) append(bySystem, system, rule);
      for (const code of rule.codes ?? []) append(byCode, keyOf({ system, code }), rule);
    }
  }
  const rulesFor = (coding: Coding): readonly SensitivityRule[] => [
    ...(byCode.get(keyOf(coding)) ?? []),
    ...(bySystem.get(coding.system) ?? []).filter((rule) => beginsAs(coding.code, rule)),
  ];
  return ({ category, codes, labels }) => {
    const derived = [...codes, ...category].flatMap(rulesFor).flatMap(labelsOf);
    const sorted = derived.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    return unique([...labels, ...sorted]);
  };
}

function append<K, V>(map: Map<K, readonly V[]>, key: K, value: V): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

function beginsAs(code: string, { beginning = [] }: SensitivityRule): boolean {
  const plain = code.replaceAll('.', '').toUpperCase();
  return beginning.some((start) => plain.startsWith(start));
}

function labelsOf({ labels, confidentiality }: SensitivityRule): readonly Coding[] {
  const sensitivities = labels.map((code) => ({ system: SYSTEMS.sensitivity, code }));
  if (confidentiality === undefined) return sensitivities;
  return [...sensitivities, { system: SYSTEMS.confidentiality, code: confidentiality }];
}

function keyOf({ system, code }: Coding): string {
  return `${system}|${code}`;
}

function unique(codings: readonly Coding[]): readonly Coding[] {
  return [...new Map(codings.map((coding) => [keyOf(coding), coding])).values()];
}
