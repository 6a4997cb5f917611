/**
 * The terms of the GA4GH Data Use Ontology (DUO) that the rules know, by their shorthand. `permission` terms say what data
 * may be used for, `modifier` terms under which conditions.
 */
export const DUO_TERMS = {
  NRES: { id: 'DUO:0000004', kind: 'permission', label: 'no restriction' },
  GRU: { id: 'DUO:0000042', kind: 'permission', label: 'general research use' },
  HMB: { id: 'DUO:0000006', kind: 'permission', label: 'health or medical or biomedical research' },
  DS: { id: 'DUO:0000007', kind: 'permission', label: 'disease specific research' },
  POA: { id: 'DUO:0000011', kind: 'permission', label: 'population origins or ancestry research only' },
  RS: { id: 'DUO:0000012', kind: 'modifier', label: 'research specific restrictions' },
  NMDS: { id: 'DUO:0000015', kind: 'modifier', label: 'no general methods research' },
  GSO: { id: 'DUO:0000016', kind: 'modifier', label: 'genetic studies only' },
  NPUNCU: { id: 'DUO:0000018', kind: 'modifier', label: 'not for profit, non commercial use only' },
  PUB: { id: 'DUO:0000019', kind: 'modifier', label: 'publication required' },
  COL: { id: 'DUO:0000020', kind: 'modifier', label: 'collaboration required' },
  IRB: { id: 'DUO:0000021', kind: 'modifier', label: 'ethics approval required' },
  GS: { id: 'DUO:0000022', kind: 'modifier', label: 'geographical restriction' },
  MOR: { id: 'DUO:0000024', kind: 'modifier', label: 'publication moratorium' },
  TS: { id: 'DUO:0000025', kind: 'modifier', label: 'time limit on use' },
  US: { id: 'DUO:0000026', kind: 'modifier', label: 'user specific restriction' },
  PS: { id: 'DUO:0000027', kind: 'modifier', label: 'project specific restriction' },
  IS: { id: 'DUO:0000028', kind: 'modifier', label: 'institution specific restriction' },
  RTN: { id: 'DUO:0000029', kind: 'modifier', label: 'return to database or resource' },
  CC: { id: 'DUO:0000043', kind: 'modifier', label: 'clinical care use' },
  NPOA: {
    id: 'DUO:0000044',
    kind: 'modifier',
    label: 'population origins or ancestry research prohibited',
  },
  NPU: { id: 'DUO:0000045', kind: 'modifier', label: 'not for profit organisation use only' },
  NCU: { id: 'DUO:0000046', kind: 'modifier', label: 'non-commercial use only' },
} as const;

/** Shorthand of a DUO term. */
export type DuoCode = keyof typeof DUO_TERMS;

/** The shorthand of a term's CURIE (`DUO:0000042` is `GRU`); undefined for a term that the rules do not know. */
export function duoCodeOf(id: string): DuoCode | undefined {
  return (Object.keys(DUO_TERMS) as DuoCode[]).find((code) => DUO_TERMS[code].id === id);
}
