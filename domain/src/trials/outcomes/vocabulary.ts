/*
 * What outcome measures call one thing, as data: the field's usual abbreviations, spellings and synonyms. The first name of a line stands
 * for all of them. Write names in lower case, as words: `normalizedWords` has taken signs apart and made spellings American by then.
 */

/** Concepts: what is measured; after an arrow, the wider concept that it shares with others. */
export const CONCEPTS: readonly string[] = [
  // death, survival, cancer
  'death = all cause mortality = all cause death = death from any cause = death due to any cause = death of any cause = overall mortality = mortality = deaths = died',
  'cv death = cardiovascular death = cardiovascular mortality = death from cardiovascular causes = cardiac death',
  'overall survival = os',
  'progression free survival = pfs',
  'disease free survival = dfs',
  'event free survival = efs',
  'relapse free survival = recurrence free survival = rfs',
  'metastasis free survival = mfs',
  'objective response = overall response = orr = objective tumor response = complete or partial response -> tumor response',
  'complete response = cr -> tumor response',
  'partial response = pr -> tumor response',
  'pathological complete response = pathologic complete response = pcr',
  'duration of response = dor = response duration',
  'disease control = dcr = clinical benefit',
  'time to progression = ttp',
  'dose limiting toxicity = dose limiting toxicities = dlt = dlts',
  'maximum tolerated dose = mtd',
  'minimal residual disease = mrd',
  // heart, vessels
  'sbp = systolic blood pressure',
  'dbp = diastolic blood pressure',
  'mace = major adverse cardiovascular events = major adverse cardiac events = major adverse cardiovascular event',
  'myocardial infarction = mi = heart attack',
  'heart failure = hf',
  'lvef = left ventricular ejection fraction = ejection fraction',
  'ldl = ldl c = ldl cholesterol = low density lipoprotein cholesterol = low density lipoprotein',
  'hdl = hdl c = hdl cholesterol = high density lipoprotein cholesterol = high density lipoprotein',
  'atrial fibrillation = af = afib',
  'vte = venous thromboembolism = venous thromboembolic events',
  'dvt = deep vein thrombosis = deep venous thrombosis',
  'nt probnp = n terminal pro b type natriuretic peptide',
  'heart rate = pulse rate',
  // metabolism
  'hba1c = glycated hemoglobin = glycosylated hemoglobin = hemoglobin a1c = a1c',
  'fasting glucose = fpg = fasting plasma glucose = fasting blood glucose',
  'postprandial glucose = ppg',
  'bmi = body mass index',
  'body weight',
  'bmd = bone mineral density',
  'hypoglycemia = hypoglycemic events = hypoglycemic episodes',
  'time in range = tir',
  'egfr = estimated glomerular filtration rate = glomerular filtration rate = gfr',
  'uacr = urinary albumin to creatinine ratio = urine albumin creatinine ratio = albumin to creatinine ratio',
  'end stage kidney disease = eskd = esrd = end stage renal disease',
  // lungs
  'fev1 = forced expiratory volume in one second = forced expiratory volume in 1 second = forced expiratory volume',
  'fvc = forced vital capacity',
  'dlco = diffusing capacity for carbon monoxide = diffusion capacity for carbon monoxide',
  'copd = chronic obstructive pulmonary disease',
  '6 minute walk = 6 minute walk distance = 6 minute walk test = distance walked in 6 minutes = 6mwd = 6mwt',
  // nerves and mind
  'edss = expanded disability status scale',
  'rankin = modified rankin scale = mrs',
  'hippocampal volume',
  'suicidal ideation = suicidality = suicidal thoughts',
  // infection
  'hiv rna = hiv 1 rna = hiv viral load = hiv rna viral load',
  'svr = sustained virologic response = sustained virological response',
  'surgical site infection = ssi = wound infection = surgical wound infection',
  'reactogenicity = solicited local and systemic adverse reactions = solicited adverse reactions = solicited local and systemic reactions = solicited local or systemic reactions = solicited reactions',
  // surgery, intensive care
  'ponv = postoperative nausea and vomiting = nausea and vomiting',
  'hospital stay = length of stay = length of hospital stay = los = duration of hospitalization = duration of hospital stay = hospital length of stay',
  'icu stay = length of icu stay = length of intensive care stay = icu length of stay = length of intensive care unit stay',
  'opioid consumption = opioid use = opioid requirement = morphine consumption = morphine equivalents consumed = morphine equivalents = morphine equivalent dose',
  'mechanical ventilation = invasive ventilation',
  'ventilator free days = vfd = days alive and free of mechanical ventilation = days free of mechanical ventilation',
  'vasopressor free days = days free of vasopressors = days alive and free of vasopressors',
  'revision = revision surgery = reoperation = reoperations',
  // mothers, children, eye, skin
  'postpartum hemorrhage = pph',
  'preterm birth = preterm delivery = premature birth',
  'birth weight = birthweight = weight at birth = weight of the newborn = neonatal weight',
  'bpd = bronchopulmonary dysplasia',
  'bcva = best corrected visual acuity = corrected visual acuity',
  'visual acuity = va',
  'iop = intraocular pressure',
  'retinal thickness = crt = central retinal thickness = central subfield thickness = cst = central macular thickness',
  'itch = pruritus',
  'scarring = scar formation',
  // in general
  'serious adverse event = serious adverse events = sae = saes',
  'adverse event = adverse events = ae = aes = teae = teaes = side effects = side effect = treatment emergent adverse events = treatment emergent adverse event = adverse reactions = adverse drug reactions',
  'quality of life = qol = hrqol = health related quality of life',
  'adherence = compliance = medication adherence',
  'hospitalization = hospitalizations = hospital admission = hospital admissions = hospitalized',
  'auc = area under the curve = area under the concentration time curve = area under the plasma concentration time curve',
  'cmax = maximum plasma concentration = maximum observed plasma concentration = peak plasma concentration = maximum concentration',
  'tmax = time to maximum concentration',
  'half life = terminal elimination half life = elimination half life',
  'qaly = quality adjusted life year = quality adjusted life years',
  'smoking abstinence = abstinence from smoking = smoking cessation = quit rate',
  'physical activity',
  'functional independence = functionally independent',
  'blood transfusion = transfusion of red cells = red cell transfusion',
  'pain = pain intensity = pain severity = pain score',
  'pain at rest = rest pain = pain intensity at rest',
  'pain on movement = pain during movement = pain with movement = dynamic pain = pain intensity on movement',
  'analgesic use = pain medication = analgesic consumption = use of analgesics = use of pain medication = rescue analgesia',
  'physical function = physical functioning = function score = function subscale = physical function subscale',
  'bleeding = bleeds = hemorrhage = bleeding events',
  'fracture = fractures',
  'stroke = cerebrovascular accident',
  'kidney = renal',
  'graft = transplant = allograft',
  'child = children',
  'uptake = attendance',
];

/**
 * Instruments, and after the arrow what they measure: a rating of depression on one scale and on another speak of one thing, measured
 * otherwise.
 */
export const INSTRUMENTS: readonly string[] = [
  'hamd = ham d 17 = ham d = hamd 17 = hdrs = hdrs 17 = hamilton depression rating scale = hamilton rating scale for depression -> depression',
  'madrs = montgomery asberg depression rating scale -> depression',
  'phq 9 = phq9 = patient health questionnaire 9 -> depression',
  'bdi = beck depression inventory = bdi ii -> depression',
  'gad 7 = generalized anxiety disorder 7 item scale = generalized anxiety disorder 7 -> anxiety',
  'hama = ham a = hamilton anxiety rating scale -> anxiety',
  'panss = positive and negative syndrome scale -> psychosis',
  'insomnia severity index = isi -> sleep',
  'polysomnography -> sleep',
  'psqi = pittsburgh sleep quality index -> sleep',
  'vas = visual analog scale = 100 mm visual analog scale = 10 cm visual analog scale = vas mm ->',
  'nrs = numeric rating scale = numerical rating scale = 11 point numeric rating scale = 11 point numerical rating scale ->',
  'womac = western ontario and mcmaster universities osteoarthritis index = western ontario and mcmaster universities -> osteoarthritis function',
  'roland morris = roland morris questionnaire = roland morris disability questionnaire = rmdq -> disability',
  'oswestry = oswestry index = oswestry disability index = odi -> disability',
  'harris hip score = hhs -> hip function',
  'oxford hip score = ohs -> hip function',
  'das28 = das 28 = disease activity score 28 ->',
  'acr = american college of rheumatology ->',
  'recist = response evaluation criteria in solid tumors ->',
  'irecist ->',
  'ctcae = common terminology criteria for adverse events = nci ctcae ->',
  'qlq c30 = eortc qlq c30 = european organisation for research and treatment of cancer qlq c30 -> quality of life',
  'fact g = functional assessment of cancer therapy general -> quality of life',
  'sf 36 = short form 36 = sf36 -> quality of life',
  'eq 5d = eq 5d 5l = eq 5d 3l = euroqol 5d -> quality of life',
  'sgrq = st george s respiratory questionnaire = st george respiratory questionnaire -> quality of life',
  'acq = asthma control questionnaire -> asthma control',
  'act = asthma control test -> asthma control',
  'mayo = mayo score = total mayo score -> ulcerative colitis',
  'cdai = crohn s disease activity index -> crohn disease',
  'pasi = psoriasis area and severity index -> psoriasis',
  'easi = eczema area and severity index -> eczema',
  'scorad = scoring atopic dermatitis -> eczema',
  'updrs = mds updrs = unified parkinson s disease rating scale -> parkinson',
  'adas cog = alzheimer s disease assessment scale cognitive subscale -> cognition',
  'cdr = cdr sum of boxes = clinical dementia rating -> cognition',
  'mmse = mini mental state examination -> cognition',
  'moca = montreal cognitive assessment -> cognition',
  'bayley = bayley scales = bayley scales of infant development -> neurodevelopment',
  'cam = confusion assessment method ->',
  'cpc = cerebral performance category ->',
  'barc = bleeding academic research consortium ->',
  'etdrs = early treatment diabetic retinopathy study ->',
  'oct = optical coherence tomography ->',
  'dxa = dexa = dual energy x ray absorptiometry ->',
  'mri = magnetic resonance imaging = cardiac magnetic resonance = magnetic resonance ->',
  'echocardiography = echocardiogram = echocardiographic ->',
  'cgm = continuous glucose monitoring ->',
];

/** Plain words for one thing. */
export const SYNONYMS: readonly string[] = [
  'seated = sitting',
  'drug = medication = medicine = medicines',
  'physician = doctor',
];

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Words that say nothing about what is measured. */
export const FILLERS = words(
  'a an and as at be both by for from had has have in into is it its no not of on or per than that the their them they this those to using via was were which who whose will with within without vs versus ' +
    'according about after achieve achieved achieving all any approximately assessed assessment average baseline based before between calculated compared comparison confirmed criteria defined definition describe described determined during each end ' +
    'evaluate evaluated evaluation experience experienced experiencing first following given including initial measure measured measurement measurements measuring method observed obtained occurrence occurring outcome outcomes overall ' +
    'endpoint primary secondary rated rating recorded related report reported reporting respect results safety since statistical study subject subjects participant participants patient patients people person persons individuals adults treated treatment trial up use used value values version v visit year years month months week weeks day days hour hours time times point points over post ' +
    'frequency incidence number count percent percentage proportion prevalence probability rate rates ratio level levels concentration concentrations score scores scale scales subscore subscale total type mean median annual annualized monthly weekly daily change changes changed from difference reduction reduced reduce decrease decreased increase increased improvement improved ' +
    'improve decline declined rise event events episode episodes occur presence present severity symptom symptoms test tests questionnaire index less more greater higher lower below above under least most at or equal least only same unit units mg ml dl mm hg mmhg mmol l c ng plasma serum umol kg g cm m points point copies letter letters chart item items',
);

/** Words that tell two measures of one thing apart, and are too light to tell two things apart. */
export const QUALIFIERS = words(
  'absolute active acute blinded central clinical cumulative deep independent investigator central review local major minor mild moderate new objective office ambulatory response reviewed seated sitting self severe standing subjective solicited systemic unsolicited verified',
);
