import { inLatin } from '../shared/look-alike.ts';

/** Files that hold secrets by custom, whichever directory they stand in. */
const FILE_SHAPES: readonly RegExp[] = [
  // Environment files.
  /^\.env/,
  /^(?:env|\.?envfile|dotenv)\.(?:txt|sh|bash|json|ya?ml|toml|ini|ps1|bat|cmd)$|^\.?envfile$/,
  /^(?:env|dotenv|\.flaskenv)$/,
  /\.env$/,
  /(?:^|\.)env\.(?:local|dev|development|test|ci|stage|staging|prod|production|live|secret|secrets|private|vault)(?:\.|$)/,
  /^\.?(?:dev|prod)\.vars(?:\.|$)|^(?:local\.settings\.json|(?:local|keystore|key|signing)\.properties|googleservice-info\.plist)$/,
  // Keys, key stores and keepers of passwords.
  /\.(?:pem|key|p12|pfx|p8|pkcs12|pvk|ppk|jks|jceks|bks|keystore|truststore|kdbx?|agekey|keytab|ovpn|mobileprovision|asc|gpg|pgp)$/,
  /^(?:ssh_host_.*_key|.*[-_.]?private[-_]?key(?:\.(?:txt|json|der|bin|asc))?|(?:wallet|keystore)\.(?:dat|json)|utc--.*)$/,
  /\.(?:keychain(?:-db)?|keyring|opvault|agilekeychain|psafe3|enpassdb|wallet)$|^wg\d*\.conf$|^wpa_supplicant.*\.conf$/,
  /^(?:key[34]\.db|logins\.json|signons\.sqlite|login data.*|cookies(?:\.(?:txt|sqlite|json|db))?|local state|bitwarden.*\.json|1password.*\.(?:csv|1pux))$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?!.*\.pub$)/,
  /^(?:krb5cc_.*|shadow-?|gshadow-?|passwd-?|master\.passwd|\.?htpasswd|\.?htdigest|\.?passwd|\.erlang\.cookie|\.xauthority)$/,
  // Package managers, version control and clouds.
  /^(?:\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmrc|\.pypirc|\.gemrc|\.dockercfg|\.dockerconfigjson|nuget\.config|settings-security\.xml)$/,
  /^(?:pip\.conf|pip\.ini|\.?pydistutils\.cfg|\.sentryclirc|\.?databrickscfg|\.saml2aws|\.linode-cli|\.actrc|\.twurlrc|\.tugboat|ngrok\.ya?ml)$/,
  /^(?:kaggle\.json|oauth_creds\.json|gha-creds-.*\.json|profiles\.yml|(?:my_?)?(?:root|access)_?keys?\.csv|\.?talosconfig|k3s\.yaml|admin\.conf)$/,
  /^\.?(?:api[-_]?keys?|(?:auth|access|api|bot|refresh|bearer|github|gitlab|npm|slack|telegram|openai|anthropic|hf)?[-_]?tokens?|passw(?:ords?|d)|pass|passphrase|vault[-_]pass(?:word)?(?:[-_]file)?|seed[-_]?phrase|mnemonic|recovery[-_]codes?)(?:\.(?:txt|csv|pickle|key|dat|bin|cfg|ini))?$/,
  /^(?:\.git-credentials|\.gitcookies|\.cvspass|[._]?netrc|\.authinfo|\.wgetrc|\.curlrc|\.s3cfg|\.boto|\.?rclone\.conf)$/,
  /^(?:\.vault[-_](?:token|pass(?:word)?)(?:\.txt)?|\.terraformrc|terraform\.rc|\.?mcp\.json|claude_desktop_config\.json|\.claude\.json)$/,
  /\.(?:tfstate|tfvars)(?:\.json)?$|\.tfstate\./,
  /(?:^|\.|-)kubeconfig(?:\.ya?ml|\.conf)?$|^kubelet\.conf$/,
  /^(?:accesstokens|azureprofile|auth|token)\.json$/,
  /credentials?(?:\.(?:json|ya?ml|toml|ini|cfg|conf|db|xml|csv|txt|properties|sh|enc))?(?:\.enc)?$/,
  /(?:service[-_]?account|firebase-adminsdk|client[-_]secrets?|gcp-key|google-services).*\.json$/,
  /^(?:\.?secrets?|.*[._-]secrets?)\.(?:ya?ml|json|toml|ini|txt|xml|properties|conf|cfg)$|^\.secrets?$/,
  // Databases, mail, and what shells remember.
  /^(?:\.pgpass|pgpass\.conf|\.pg_service\.conf|\.my\.cnf|\.mylogin\.cnf|\.mongorc\.js|\.dbshell)$/,
  /^(?:\.(?:msmtp|esmtp|mutt|neomutt|mbsync|fetchmail|getmail|offlineimap|lftp)rc|\.rhosts|\.ftpconfig|sftp\.json|\.remote-sync\.json)$/,
  /^\.\w+_history$|^(?:fish|psreadline)_history$|^consolehost_history\.txt$|^\.(?:viminfo|lesshst)$/,
  /^(?:filezilla|sitemanager|recentservers)\.xml$|^winscp\.ini$|^proxychains\.conf$/,
  /^(?:wp-config\.php|localsettings\.php)$/,
  /\.session(?:-journal)?$/,
];

const FILE = new RegExp(FILE_SHAPES.map(({ source }) => source).join('|'));

/** Directories that hold little else. */
const DIRECTORIES =
  /^(?:\.ssh|\.gnupg|\.aws|\.azure|\.kube|\.oci|\.chef|\.password-store|\.1password|\.vault|\.terraform\.d|\.secrets?|\.age|\.sops|\.vnc|\.okta|\.cloudflared|\.ngrok2|\.snowsql|\.snowflake|\.databricks|\.kaggle|\.fly|\.doctl|\.hcloud|\.bluemix|\.aws-vault|\.minikube|\.gcloud|keyrings|\.mozilla|\.thunderbird|.*\.(?:opvault|agilekeychain)|\.direnv|\.env.*)$/;
/** Files that are called so elsewhere, too. */
const PATHS =
  /(?:^|\/)(?:\.docker\/config\.json|\.config\/(?:gcloud|gh|glab-cli|hub|op|doctl|rclone|configstore|ngrok|netlify|linode-cli|hcloud|heroku|git\/credentials|\.jira|fly)(?:\/|$)|\.bundle\/config$|\.m2\/settings\.xml$|\.gradle\/gradle\.properties$|\.composer\/auth\.json$|\.pip\/pip\.conf$|\.subversion\/auth\/|\.circleci\/cli\.yml$|\.netlify\/config\.json$|\.continue\/config\.json$|\.sentry\/)/;

/**
 * A file in a directory `secrets` is a secret, as Docker and Kubernetes mount them. Code and texts about secrets are
 * not.
 */
const SECRETS = /^secrets?$/;
const CODE =
  /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|swift|c|h|cpp|vue|svelte|tf|sql|proto|mdx?|rst|adoc|html?|css|scss|svg|png)$|^(?:readme|license|makefile|dockerfile|\.gitignore|\.gitkeep)$/;

/** An example holds no secrets, and is for reading: `.env.example`. */
const EXAMPLE = /\.(?:example|sample|template|tmpl|dist|defaults?|schema)(?:\.(?:json|ya?ml|toml|php|ini|txt|md))?$/;

/**
 * Endings that editors and people add to a copy: `.env~`, `#.env#`, `.env.bak`, `.env.swp`, `.env (1)`, `.env copy`.
 */
const COPY =
  /(?:~|#|,v|(?:[._-](?:bak\d*|backup|old|orig|save|saved|sw[a-p]|tmp|temp|copy|disabled|\d{1,14}))|[ ]copy(?: \d+)?| ?\(\d+\))$/;
/** Files that people send are kept behind the number of their message: `7-.env`. */
const COPY_BEFORE = /^(?:#|\.#|~\$|copy of |\d{1,20}-)/;

const isAscii = (name: string): boolean => /^[ -~]*$/.test(name);

/**
 * The name as it is meant: no case, no letters of other scripts that look like Latin ones, no full-width letters,
 * nothing invisible, no blanks or dots at its end.
 */
const folded = (name: string): string =>
  (isAscii(name) ? name : inLatin(name))
    .replace(/\p{Cc}/gu, '')
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

/** Whether a directory with this name is hidden from agents, with all its content. */
const isSecretDirectory = (name: string): boolean => DIRECTORIES.test(folded(name)) && !EXAMPLE.test(folded(name));

/**
 * Whether any part of a path below a root is a customary name for files of secrets. `env` may well be a directory of
 * code.
 */
export const isSecretPath = (path: string, isDirectory: boolean): boolean => {
  const parts = path.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
  const last = parts.at(-1) ?? '';
  if (
    !isDirectory &&
    parts.slice(0, -1).some((part) => SECRETS.test(folded(part))) &&
    !CODE.test(folded(last)) &&
    !EXAMPLE.test(folded(last))
  )
    return true;
  return parts.some(isSecretDirectory) || (!isDirectory && isSecretFile(last)) || PATHS.test(parts.map(folded).join('/'));
};
