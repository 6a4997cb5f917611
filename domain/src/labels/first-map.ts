import { ICD_10, ICD_10_CM, LOINC, RXNORM, SNOMED_CT } from './code-systems.js';
import type { SensitivityMap, SensitivityRule } from './sensitivity-map.js';

/** What HL7 v3-Confidentiality calls R: "potentially stigmatizing information". */
const RESTRICTED = 'R';

const ICD_SOURCE = 'WHO ICD-10 (2019), chapter';

const icd = (labels: readonly string[], chapter: string, ...beginning: string[]): SensitivityRule => ({
  systems: ICD_10,
  beginning,
  labels,
  confidentiality: RESTRICTED,
  source: `${ICD_SOURCE} ${chapter}`,
});

const diagnoses: readonly SensitivityRule[] = [
  icd(
    ['HIV'],
    'I B20-B24, XXI Z21, XVIII R75: human immunodeficiency virus',
    'B20',
    'B21',
    'B22',
    'B23',
    'B24',
    'Z21',
    'R75',
    'O987',
    'F024',
  ),
  icd(
    ['STD'],
    'I A50-A64: infections with a predominantly sexual mode of transmission',
    ...range('A', 50, 64),
  ),
  icd(['ETHUD'], 'V F10: mental and behavioural disorders due to use of alcohol', 'F10'),
  icd(
    ['ETH'],
    'IV, VI, IX, XI: organ disease caused by alcohol; XXI Z72.1',
    'E244',
    'G312',
    'G621',
    'G721',
    'I426',
    'K292',
    'K70',
    'K860',
    'Z714',
    'Z721',
  ),
  icd(['OPIOIDUD'], 'V F11: mental and behavioural disorders due to use of opioids', 'F11'),
  icd(
    ['SUD'],
    'V F12-F16, F18, F19: due to psychoactive substance use; XXI Z71.5, Z72.2',
    'F12',
    'F13',
    'F14',
    'F15',
    'F16',
    'F18',
    'F19',
    'Z715',
    'Z722',
  ),
  icd(
    ['PSY'],
    'V F20-F69: schizophrenia, mood, neurotic, behavioural and personality disorders',
    ...range('F', 20, 69),
  ),
  icd(
    ['DVD'],
    'V F70-F79, F84: intellectual disability, pervasive developmental disorders',
    ...range('F', 70, 79),
    'F84',
  ),
  icd(
    ['SDV'],
    'XIX T74, XX Y05-Y07, XXI Z04.4: maltreatment, sexual assault and its examination',
    'T74',
    'Y05',
    'Y06',
    'Y07',
    'Z044',
  ),
  icd(
    ['SEX'],
    'V F52, F64-F66, XV O04, XXI Z30: sexual health, contraception, medical abortion',
    'F52',
    'F64',
    'F65',
    'F66',
    'O04',
    'Z30',
  ),
  icd(
    ['GDIS'],
    'III D56, D57, IV E70-E72, E84, VI G10, XVII Q90-Q99: hereditary disease',
    'D56',
    'D57',
    'E70',
    'E71',
    'E72',
    'E84',
    'G10',
    ...range('Q', 90, 99),
  ),
  icd(['SCA'], 'III D57: sickle-cell disorders', 'D57'),
  {
    systems: ICD_10_CM,
    beginning: ['T76', 'Z0441', 'Z0442'],
    labels: ['SDV'],
    confidentiality: RESTRICTED,
    source: 'ICD-10-CM (FY 2026) T76, Z04.41, Z04.42: suspected abuse, examination after alleged rape',
  },
  {
    systems: ICD_10_CM,
    beginning: ['Z14', 'Z15'],
    labels: ['GDIS'],
    confidentiality: RESTRICTED,
    source: 'ICD-10-CM (FY 2026) Z14, Z15: genetic carrier, genetic susceptibility to disease',
  },
];

const snomed = (labels: readonly string[], meaning: string, ...codes: string[]): SensitivityRule => ({
  systems: SNOMED_CT,
  codes,
  labels,
  confidentiality: RESTRICTED,
  source: `SNOMED CT International: ${meaning}`,
});

const findings: readonly SensitivityRule[] = [
  snomed(['HIV'], 'HIV infection, HIV positive, AIDS', '86406008', '165816005', '62479008'),
  snomed(['ETHUD'], 'alcoholism, alcohol abuse, alcohol dependence', '7200002', '15167005', '66590003'),
  snomed(['OPIOIDUD'], 'opioid abuse, opioid dependence', '5602001', '75544000'),
  snomed(
    ['SUD'],
    'drug abuse and dependence, cocaine abuse and dependence',
    '26416006',
    '6525002',
    '191816009',
    '78267003',
    '31956009',
  ),
  snomed(
    ['PSY'],
    'depressive, major depressive, bipolar, anxiety, post-traumatic stress disorder, schizophrenia, suicidal thoughts',
    '35489007',
    '370143000',
    '13746004',
    '197480006',
    '47505003',
    '58214004',
    '6471006',
  ),
  snomed(['SDV'], 'victim of intimate partner abuse', '706893006'),
  snomed(
    ['STD'],
    'syphilis, gonorrhea, chlamydia trachomatis infection',
    '76272004',
    '15628003',
    '240589008',
  ),
  snomed(['GDIS'], "Huntington's disease, cystic fibrosis", '58756001', '190905008'),
  snomed(
    ['GDIS', 'SCA'],
    'sickling disorder due to hemoglobin S, hemoglobin SS disease',
    '417357006',
    '127040003',
  ),
];

const loinc = (labels: readonly string[], meaning: string, ...codes: string[]): SensitivityRule => ({
  systems: LOINC,
  codes,
  labels,
  confidentiality: RESTRICTED,
  source: `LOINC: ${meaning}`,
});

const observations: readonly SensitivityRule[] = [
  loinc(
    ['HIV'],
    'HIV antibody, antigen and RNA tests',
    '7917-8',
    '7918-6',
    '56888-1',
    '48345-3',
    '29893-5',
    '20447-9',
    '25836-8',
    '75622-1',
  ),
  loinc(['ETH'], 'ethanol in blood and serum; AUDIT-C', '5640-8', '5643-2', '72109-2', '75626-2'),
  loinc(
    ['SUD'],
    'opiates, cocaine and cannabinoids in urine; DAST-10',
    '3879-4',
    '3397-7',
    '3426-4',
    '82667-7',
  ),
  loinc(['PSY'], 'PHQ-2, PHQ-9 and GAD-7', '55758-7', '44249-1', '44261-6', '69737-5', '70274-6'),
  loinc(['SDV'], 'HARK questionnaire on abuse by a partner', '76499-3', '76504-0'),
  loinc(['STD'], 'chlamydia and gonococcus DNA, reagin antibody', '21613-7', '24111-7', '20507-0'),
  loinc(['GDIS'], 'genetic variant reporting', '81247-9', '69548-6', '48018-6', '51968-6', '51969-4'),
];

const rxnorm = (labels: readonly string[], meaning: string, ...codes: string[]): SensitivityRule => ({
  systems: RXNORM,
  codes,
  labels,
  confidentiality: RESTRICTED,
  source: `RxNorm: ${meaning}`,
});

const drugs: readonly SensitivityRule[] = [
  rxnorm(
    ['OPIOIDUD'],
    'methadone, buprenorphine, buprenorphine with naloxone',
    '6813',
    '1819',
    '351266',
    '351267',
    '1010600',
    '1010604',
  ),
  rxnorm(['ETHUD'], 'disulfiram, acamprosate', '3554', '82819'),
  rxnorm(['SUD'], 'naltrexone (alcohol and opioid use disorder)', '7243'),
  rxnorm(
    ['HIV'],
    'antiretrovirals that treat nothing else: zidovudine, abacavir, efavirenz, raltegravir, dolutegravir',
    '11413',
    '190521',
    '195085',
    '719872',
    '1433868',
  ),
  rxnorm(
    ['PSY'],
    'clozapine, olanzapine, quetiapine, risperidone, aripiprazole, haloperidol, lithium',
    '2626',
    '61381',
    '51272',
    '35636',
    '89013',
    '5093',
    '6448',
  ),
];

/** Codes of a chapter's categories, `range('F', 20, 22)`: F20, F21, F22. */
function range(letter: string, first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, step) => `${letter}${first + step}`);
}

/**
 * The map that a new consortium adopts unless it brings its own. It errs on the side of protection (methadone is also
 * given for pain), and covers diagnoses by ICD-10 category, but LOINC, SNOMED CT and RxNorm only by the codes listed:
 * those systems' hierarchies are not in it.
 */
export const FIRST_SENSITIVITY_MAP: SensitivityMap = {
  id: 'vitaledger-sensitivity',
  version: 1,
  title: 'Sensitive codes of ICD-10, SNOMED CT, LOINC and RxNorm by HL7 v3 ActCode sensitivity',
  rules: [...diagnoses, ...findings, ...observations, ...drugs],
};
