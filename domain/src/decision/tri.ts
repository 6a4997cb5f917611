/** Whether something holds, as far as is known. */
export type Tri = 'yes' | 'no' | 'maybe';

export function tri(holds: boolean): Tri {
  return holds ? 'yes' : 'no';
}

export function not(value: Tri): Tri {
  if (value === 'maybe') return 'maybe';
  return tri(value === 'no');
}

/** All of them hold. Of none, yes. */
export function all(values: readonly Tri[]): Tri {
  if (values.includes('no')) return 'no';
  return values.includes('maybe') ? 'maybe' : 'yes';
}

/** Any of them holds. Of none, no. */
export function any(values: readonly Tri[]): Tri {
  if (values.includes('yes')) return 'yes';
  return values.includes('maybe') ? 'maybe' : 'no';
}
