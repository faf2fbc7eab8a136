/** Files that hold secrets by custom, whichever directory they stand in. */
const FILE_SHAPES: readonly RegExp[] = [
  // Environment files.
  /^\.env/,
  /^(?:env|dotenv|\.flaskenv)$/,
  /\.env$/,
  /(?:^|\.)env\.(?:local|dev|development|test|ci|stage|staging|prod|production|live|secret|secrets|private|vault)(?:\.|$)/,
  /^\.?(?:dev|prod)\.vars$/,
  // Keys, key stores and keepers of passwords.
  /\.(?:pem|key|p12|pfx|p8|pkcs12|pvk|ppk|jks|jceks|bks|keystore|truststore|kdbx?|agekey|keytab|ovpn|mobileprovision|asc|gpg|pgp)$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?!.*\.pub$)/,
  /^(?:krb5cc_.*|shadow-?|gshadow-?|master\.passwd|\.htpasswd|\.htdigest|\.erlang\.cookie|\.xauthority)$/,
  // Package managers, version control and clouds.
  /^(?:\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmrc|\.pypirc|\.gemrc|\.dockercfg|\.dockerconfigjson|nuget\.config|settings-security\.xml)$/,
  /^(?:\.git-credentials|\.gitcookies|\.cvspass|[._]netrc|\.authinfo|\.wgetrc|\.curlrc|\.s3cfg|\.boto|\.?rclone\.conf)$/,
  /^(?:\.vault[-_](?:token|pass(?:word)?)(?:\.txt)?|\.terraformrc|terraform\.rc|\.?mcp\.json|claude_desktop_config\.json|\.claude\.json)$/,
  /\.(?:tfstate|tfvars)(?:\.json)?$|\.tfstate\./,
  /(?:^|\.)kubeconfig$|^kubelet\.conf$/,
  /^(?:accesstokens|azureprofile|auth|token)\.json$/,
  /credentials?(?:\.(?:json|ya?ml|toml|ini|cfg|conf|db|xml|csv|txt|properties|enc))?$/,
  /(?:service[-_]?account|firebase-adminsdk|client[-_]secrets?|gcp-key|google-services).*\.json$/,
  /^(?:\.?secrets?|.*[._-]secrets?)\.(?:ya?ml|json|toml|ini|txt|xml|properties|conf|cfg)$|^\.secrets?$/,
  // Databases, mail, and what shells remember.
  /^(?:\.pgpass|pgpass\.conf|\.pg_service\.conf|\.my\.cnf|\.mylogin\.cnf|\.mongorc\.js|\.dbshell)$/,
  /^(?:\.(?:msmtp|esmtp|mutt|fetchmail|getmail|offlineimap)rc|\.ftpconfig|sftp\.json|\.remote-sync\.json)$/,
  /^\.\w+_history$/,
  /^(?:wp-config\.php|localsettings\.php)$/,
  /\.session(?:-journal)?$/,
];

const FILE = new RegExp(FILE_SHAPES.map(({ source }) => source).join('|'));

/** Directories that hold little else. */
const DIRECTORIES = /^(?:\.ssh|\.gnupg|\.aws|\.azure|\.kube|\.oci|\.chef|\.password-store|\.1password|\.vault|\.terraform\.d|\.env.*)$/;
/** Files that are called so elsewhere, too. */
const PATHS =
  /(?:^|\/)(?:\.docker\/config\.json|\.config\/(?:gcloud|gh|glab-cli|hub|op|doctl|rclone|configstore)(?:\/|$)|\.bundle\/config$|\.m2\/settings\.xml$|\.gradle\/gradle\.properties$|\.composer\/auth\.json$)/;

/** An example holds no secrets, and is for reading: `.env.example`. */
const EXAMPLE = /\.(?:example|sample|template|tmpl|dist|defaults?|schema)(?:\.(?:json|ya?ml|toml|php|ini|txt|md))?$/;

/** What editors and people add to a copy: `.env~`, `#.env#`, `.env.bak`, `.env.swp`, `.env (1)`, `.env copy`. */
const COPY =
  /(?:~|#|,v|(?:[._-](?:bak\d*|backup|old|orig|save|saved|sw[a-p]|tmp|temp|copy|disabled|\d{1,14}))|[ ]copy(?: \d+)?| ?\(\d+\))$/;
const COPY_BEFORE = /^(?:#|\.#|~\$|copy of )/;

/** The name as it is meant: no case, no full-width letters, nothing invisible, no blanks or dots at its end. */
const folded = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Cc}\p{Mn}]/gu, '')
    .toLowerCase()
    .replace(/^\s+|[\s.]+$|::?\$data$/g, '');

/** The name, and the names that it may be a copy of. */
const meanings = (name: string): readonly string[] => {
  const names = [folded(name)];
  for (let whole = names[0] ?? '', rounds = 0; rounds < 6; rounds++) {
    const less = whole.replace(COPY, '').replace(COPY_BEFORE, '');
    if (less === whole || less === '') break;
    names.push(less);
    // An editor puts a dot before the name: `.prod.env.swp`.
    if (less.startsWith('.')) names.push(less.slice(1));
    whole = less;
  }
  return names;
};

const isSecretFile = (name: string): boolean => meanings(name).some((meant) => !EXAMPLE.test(meant) && FILE.test(meant));

/** Whether a directory of this name is kept from agents, with all that it holds. */
const isSecretDirectory = (name: string): boolean => DIRECTORIES.test(folded(name)) && !EXAMPLE.test(folded(name));

/** Whether a path below a root, by any of its parts, names a file of secrets by custom. `env` may well be a directory of code. */
export const isSecretPath = (path: string, isDirectory: boolean): boolean => {
  const parts = path.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
  const last = parts.at(-1) ?? '';
  return parts.some(isSecretDirectory) || (!isDirectory && isSecretFile(last)) || PATHS.test(parts.map(folded).join('/'));
};
