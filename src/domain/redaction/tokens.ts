const UUID = String.raw`[a-f\d]{8}-[a-f\d]{4}-[a-f\d]{4}-[a-f\d]{4}-[a-f\d]{12}`;

/**
 * Keys and tokens that their makers let begin with a word of their own. After the documentation of the makers, and the
 * rules of gitleaks (https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml, MIT), which watches over
 * the same forms. Each is a beginning and what follows it; every repetition is of one class, so a long text costs no
 * more than its length.
 */
const TOKENS: readonly (readonly [beginning: string, rest: string])[] = [
  // Language models and what serves them.
  ['(?:sk|pk|rk)-', String.raw`[\w-]{16,}`],
  [
    '(?:pplx-|xai-|nvapi-|tvly-|csk-|jina_|gsk_|fw_|r8_|tgp_v1_|pcsk_|lsv2_(?:pt|sk)_|secret_|api_org_)',
    String.raw`(?=[A-Za-z_-]{0,60}\d)[\w-]{16,}`,
  ],
  ['hf_', '[A-Za-z]{20,}'],
  ['hf_', String.raw`(?=[A-Za-z]{0,40}\d)[A-Za-z\d]{16,}`],
  ['ntn_', '[A-Za-z\\d]{16,}'],
  ['pa-', String.raw`(?=[A-Za-z_-]{0,60}\d)[\w-]{40,}`],
  ['BSA', String.raw`(?=[A-Za-z_]{0,30}\d)\w{26,30}(?![\w-])`],
  ['sk_', String.raw`(?=[A-Za-z]{0,60}\d)[A-Za-z\d]{32,}`],
  ['fc-', String.raw`[a-f\d]{32}(?![A-Za-z\d])`],
  ['(?:e2b_|napi_)', String.raw`[a-z\d]{36,}`],
  ['a[ks]-', String.raw`(?=[A-Za-z]{0,22}\d)[A-Za-z\d]{22}(?![A-Za-z\d])`],
  // Code and packages.
  ['(?:gh[opsur]_|github_pat_)', String.raw`[\w-]{16,}`],
  ['(?:glpat|glptt|gldt|glrt|glrtr|glcbt|glft|glsoat|glimt|glagent|gloas|glffct|glwt)-', String.raw`[\w.-]{16,}`],
  ['(?:oy2|cio)', String.raw`(?=[A-Za-z]{0,43}\d)(?:[a-z\d]{43}|[A-Za-z\d]{32})(?![A-Za-z\d])`],
  ['GR1348941', String.raw`[\w-]{20,}`],
  ['npm_', String.raw`[A-Za-z\d]{30,}`],
  ['pypi-', String.raw`(?=[A-Za-z_-]{0,60}\d)[\w-]{24,}`],
  ['(?:rubygems_|sntryu_|pul-)', String.raw`[a-f\d]{32,}`],
  ['CLOJARS_', String.raw`[A-Za-z\d]{40,}`],
  ['dckr_(?:pat|oat)_', String.raw`[\w-]{20,}`],
  ['vercel_blob_rw_', String.raw`\w{20,}`],
  [
    '(?:CCIPAT_|bkua_|snyk_uat\\.|nfp_|sgp_|figd_|rdme_|tfp_|pn[ub]_|ph[cx]_|apify_api_|vc[pkiar]_|bkct_|jsr[pd]_|cnvca)',
    String.raw`[\w.-]{20,}`,
  ],
  ['sq[upa]_', String.raw`[a-f\d]{32,}`],
  ['sntrys_', String.raw`[\w+/=-]{30,}`],
  // Work and talk.
  ['(?:xox[a-eoprs]|xapp|xoxe\\.xox[bp])-', String.raw`[\w-]{10,}`],
  ['(?:lin_api_|lin_oauth_)', String.raw`[A-Za-z\d]{20,}`],
  ['(?:ATATT3|ATCTT3|ATSTT3|ATBB|ATTA)', String.raw`(?=[A-Za-z_=-]{0,60}\d)[\w=-]{24,}`],
  ['pat[A-Za-z\\d]{14}\\.', String.raw`[a-f\d]{40,}`],
  ['(?:pat|sat)\\.[\\w-]{22}\\.', String.raw`[A-Za-z\d]{24}\.[A-Za-z\d]{20}`],
  ['[MNO][A-Za-z\\d_-]{23,27}\\.[\\w-]{6}\\.', String.raw`[\w-]{27,}`],
  ['[012]/\\d{13,17}(?:/\\d{13,17})?:', String.raw`[a-f\d]{32}(?![A-Za-z\d])`],
  ['(?:pat-(?:na|eu|ap)\\d|access-(?:sandbox|development|production)|sdk|mob|api)-', UUID],
  ['syt_', String.raw`\w{24,}`],
  ['PMAK-', String.raw`[a-f\d-]{40,}`],
  // Clouds and servers.
  ['(?:AKIA|ASIA|ABIA|ACCA|AROA|A3T[A-Z\\d])', String.raw`[A-Z\d]{16}(?![A-Za-z\d])`],
  ['amzn\\.mws\\.', UUID],
  ['amzn1\\.oa2-cs\\.v1\\.', String.raw`[a-f\d]{40,}`],
  ['DO00', String.raw`[A-Z\d]{16}(?![A-Za-z\d])`],
  ['SCW', String.raw`(?=[A-Z]{0,17}\d)[A-Z\d]{17}(?![A-Za-z\d])`],
  ['(?:AQVN|YC[A-Z])', String.raw`(?=[A-Za-z_-]{0,40}\d)[\w-]{34,40}(?![\w-])`],
  ['t1\\.', String.raw`[\w-]{20,}={0,2}\.[\w-]{80,}={0,2}`],
  ['rnd_', String.raw`(?=[A-Za-z]{0,40}\d)[A-Za-z\d]{20,}`],
  ['(?:aio_|ico-)', String.raw`(?=[A-Za-z]{0,32}\d)[A-Za-z\d]{28,32}(?![A-Za-z\d])`],
  ['s-s4t2(?:ud|af)-', String.raw`[a-f\d]{64}`],
  ['st\\.', String.raw`[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}`],
  ['ABSK', String.raw`[A-Za-z\d+/]{100,}={0,2}`],
  ['bedrock-api-key-', String.raw`[\w+/=-]{20,}`],
  ['AIza', String.raw`[\w-]{30,}`],
  ['ya29\\.', String.raw`[\w.-]{16,}`],
  ['1//0', String.raw`[\w-]{30,}`],
  ['GOCSPX-', String.raw`[\w-]{16,}`],
  ['AQ\\.Ab8', String.raw`[\w-]{30,}`],
  ['(?:dop|doo|dor)_v1_', String.raw`[a-f\d]{32,}`],
  ['(?:HRKU-|fo1_)', String.raw`[\w-]{24,}`],
  ['(?:fm1[ar]_|fm2_|glc_)', String.raw`[\w+/]{30,}={0,3}`],
  ['glsa_', String.raw`[A-Za-z\d]{24,}_[A-Fa-f\d]{8}`],
  ['eyJrIjoi', String.raw`[A-Za-z\d+/]{50,}={0,3}`],
  ['(?:sbp_|sb_secret_)', String.raw`[\w-]{20,}`],
  ['pscale_(?:tkn|oauth|pw)_', String.raw`[\w=.-]{20,}`],
  ['dapi', String.raw`[a-f\d]{32}(?:-\d)?`],
  ['dkea', String.raw`[a-f\d]{32}`],
  ['(?:hv[sbr]\\.)', String.raw`[\w-]{20,}`],
  ['s\\.', String.raw`(?=[A-Za-z]{0,24}\d)[A-Za-z\d]{24}(?![\w.])`],
  ['tskey-', String.raw`[\w-]{16,}`],
  ['v1\\.0-[a-f\\d]{24}-', String.raw`[a-f\d]{100,}`],
  ['cf(?:ut|at|k)_', String.raw`[\w-]{32,}`],
  ['sha256~', String.raw`[\w-]{40,}`],
  ['dp\\.(?:pt|st|sa|ct|scim|audit)\\.', String.raw`[\w.-]{30,}`],
  ['dt0[a-z]\\d\\d\\.', String.raw`[A-Za-z\d]{24}\.[A-Za-z\d]{40,}`],
  ['(?:NRAK|NRJS|NRII|NRRA)-', String.raw`[\w-]{18,}`],
  ['(?:LTAI)', String.raw`(?=[A-Za-z]{0,20}\d)[A-Za-z\d]{16,24}(?![A-Za-z\d])`],
  ['(?:AKCp|cmVmd)', String.raw`[A-Za-z\d]{59,}`],
  ['API-', String.raw`[A-Z\d]{26}(?![A-Za-z\d])`],
  ['ops_eyJ', String.raw`[\w+/]{100,}={0,3}`],
  ['A3-[A-Z\\d]{6}-', String.raw`[A-Z\d-]{23,}`],
  ['AGE-SECRET-KEY-1', String.raw`[A-Z\d]{40,}`],
  ['AGE-SECRET-KEY-PQ-1', String.raw`[A-Z\d]{40,}`],
  // Money and mail.
  ['(?:sk|rk|pk)_(?:live|test|prod)_', String.raw`[A-Za-z\d]{10,}`],
  ['whsec_', String.raw`[\w+/]{16,}={0,2}`],
  ['(?:EAAA|sq0(?:atp|csp|idp)-)', String.raw`(?=[A-Za-z_-]{0,60}\d)[\w-]{22,}`],
  ['A21AA', String.raw`[\w-]{40,}`],
  ['access_token\\$(?:production|sandbox)\\$', String.raw`[a-z\d]{16}\$[a-f\d]{32}`],
  ['EAA', String.raw`(?=[A-Za-z]{0,60}\d)[A-Za-z\d]{80,}`],
  ['shp(?:at|ca|pa|ss|ua|tka)_', String.raw`[a-fA-F\d]{32,}`],
  ['(?:rzp_(?:live|test)_|shippo_(?:live|test)_|duffel_(?:live|test)_|live_pub_|FLWSECK(?:_TEST)?-)', String.raw`[\w=-]{12,}`],
  ['(?:live|test)_', String.raw`(?=[A-Za-z]{0,40}\d)[A-Za-z\d]{30,}`],
  ['(?:EZAK|EZTK)', String.raw`[A-Za-z\d]{54}`],
  ['SG\\.[\\w-]{16,32}\\.', String.raw`[\w-]{16,}`],
  ['(?:pub)?key-', String.raw`[a-f\d]{32}(?![A-Za-z\d])`],
  ['(?:SK|AC)', String.raw`[a-f\d]{32}(?![A-Za-z\d])`],
  ['re_', String.raw`(?=[A-Za-z_]{0,40}\d)[A-Za-z\d]{6,12}_[A-Za-z\d]{20,}`],
  ['md-', String.raw`(?=[a-z\d_-]{0,22}[A-Z])(?=[A-Za-z_-]{0,22}\d)[\w-]{22}(?![\w-])`],
  ['KEY', String.raw`[A-F\dA-Z]{26,}_[\w-]{20,}`],
  ['A{22}', String.raw`(?!A)[A-Za-z\d%]{80,100}(?![A-Za-z\d%+/])`],
  ['xprv', String.raw`[A-Za-z\d]{100,}`],
  ['nsec1', String.raw`[a-z\d]{58}(?![A-Za-z\d])`],
  ['xkeysib-', String.raw`[a-f\d]{40,}(?:-[A-Za-z\d]{16})?`],
  ['(?:sm_(?:aat|pat|sat)_)', String.raw`[A-Za-z\d]{16}`],
  ['(?:CFPAT-|fio-u-|EDGEKEY-|sl\\.u?\\.?)', String.raw`[\w=-]{40,}`],
  ['[sp]k\\.eyJ', String.raw`[\w-]{20,}\.[\w-]{16,}`],
  // Passwords as servers keep them: short ones are found out from these.
  ['\\$(?:apr1|[1567y]|2[abxy]?|argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha\\d{1,3})?)\\$', String.raw`[\w./$=,+-]{20,}`],
];

/** Signed tokens (JWT, JWE), and the sessions of Telegram's accounts. */
const SIGNED = String.raw`(?<![\w-])(?:eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}|eyJ[\w-]{8,}\.[\w-]{0,1024}\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})`;
const SESSION = String.raw`(?<![\w+/-])(?:1|[AB][A-Z])[\w+/-]{300,420}={0,2}(?![\w+/=-])`;

/** One search for all of them, each at the beginning of a word, and where a word is long enough. */
export const TOKEN = new RegExp(
  String.raw`(?<![A-Za-z\d])(?=[\w+/=.~$-]{16})(?:${[...TOKENS.map(([beginning, rest]) => beginning + rest), SIGNED, SESSION].join('|')})`,
  'g',
);

/** Telegram's bots, behind `bot` in addresses as well. */
export const BOT_TOKEN = /(?<!\d)\d{5,16}:[\w-]{35}(?![\w-])/g;

/** Those that begin with nothing of their own: looked for only where a text holds the sign that stands within them. */
export const SIGNED_WITHIN: readonly (readonly [sign: string, shape: RegExp])[] = [
  ['.atlasv1.', /(?<![A-Za-z\d])[A-Za-z\d]{14}\.atlasv1\.[\w=-]{40,}/g],
  [':APA91b', /(?<=[\w-]{6}):APA91b[\w-]{80,}/g],
  ['|', /(?<![\w|])\d{13,17}\|(?=[A-Za-z_-]{0,30}\d)[\w-]{24,32}(?![\w-])/g],
  [':', /(?<=[a-f\d]{24}):[a-f\d]{64}(?![\w-])/g],
  ['-us', /(?<![A-Za-z\d])[a-f\d]{32}-us\d{1,2}(?![A-Za-z\d])/g],
  ['Q~', /(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}/g],
];

/** Webhooks: who knows such an address can post to it. */
export const WEBHOOK =
  /(?:hooks\.slack\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api(?:\/v\d+)?\/webhooks|webhook\.office\.com\/webhookb2|hooks\.zapier\.com\/hooks\/catch|outlook\.office(?:365)?\.com\/webhook)\/([\w+/@-]{16,})/g;
