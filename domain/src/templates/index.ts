/** Consents for the common cases: what is signed, and the same in plain words. */
export * from './templates.js';
export {
  TEMPLATE_CLASSES,
  TEMPLATE_LANGUAGES,
  TEMPLATE_SENSITIVITIES,
  type TemplateLanguage,
} from './words.js';
