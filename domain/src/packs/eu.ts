/** The member states of the European Union, ISO 3166-1. */
export const EU_MEMBERS = [
  'AT',
  'BE',
  'BG',
  'CY',
  'CZ',
  'DE',
  'DK',
  'EE',
  'ES',
  'FI',
  'FR',
  'GR',
  'HR',
  'HU',
  'IE',
  'IT',
  'LT',
  'LU',
  'LV',
  'MT',
  'NL',
  'PL',
  'PT',
  'RO',
  'SE',
  'SI',
  'SK',
] as const;

/** The other states of the European Economic Area, where the GDPR applies too (EEA Joint Committee decision 154/2018). */
export const EEA_ONLY = ['IS', 'LI', 'NO'] as const;
