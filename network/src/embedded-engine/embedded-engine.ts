import type { Engine } from '../engine/engine.js';
export function embeddedEngine(_options: { readonly ordering: 'instant' | 'fabric' }): Engine {
  throw new Error('not yet');
}
