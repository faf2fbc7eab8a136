import type { DeedPhrases } from '../deed-phrases.ts';

const ADVERBS = '(?:gia|anche|ora|adesso|appena|correttamente|infine|subito|immediatamente|rapidamente|tutti|tutte|di nuovo|pure)';
const CLITICS = "(?:(?:ti|le|gli|vi|lo|la|li|mi|ci|te lo|te la|ve lo|glielo|gliela) |l'|gliel'|te l'|ve l')";
const HO = `(?:${CLITICS}{0,2}(?:ho|abbiamo) )`;
const are = (stems: string): string => `(?:${stems})at[oaie]`;
const PAYMENT = '(?:bonifico|pagamento|acquisto|ordine|prenotazione|rimborso|donazione|versamento)';
const WEB = '(?:su (?:internet|google|bing)|sul web|in rete|online|nel web)';
const NEAR = "(?:(?!non |mai )[a-z0-9'-]{1,30} ){0,6}";
const LOOKED = '(?:cercato|trovato|consultato|controllato|guardato|letto|visto|verificato|esplorato|ricercato|esaminato)';
const CODE = '(?:file|repository|codice(?: sorgente)?|cartelle?|directory)';
const IO = `${HO}(?:${ADVERBS} )*`;

export const ITALIAN: DeedPhrases = {
  signs: "ho|abbiamo|l'ho|gliel'ho|[tv]e l'ho|stat[oaie]|sono|e|notion|ricerca|gia|appena",
  verbs: {
    send: `${are('invi|mand|notific|inform|pubblic|inoltr|invit|contatt|segnal|avvis|avvert|comunic|postat')}|spedit[oaie]|avvertit[oaie]|trasmess[oaie]|scritto (?:a|al|ai|alla)`,
    send_create_change: are('caric'),
    change: `${are('archivi|rinomin|pushat|committ')}|fatto (?:il )?(?:commit|push|merge)`,
    delete: `${are('elimin|cancell|annull|revoc|disinstall')}|disdett[oaie]`,
    save: '(?:annotato|segnato|preso nota|memorizzato) (?:che (?:ti|preferisci|tu)|questo|per|di)|memorizzato',
    schedule_pay: are('prenot|programm|pianific|riserv|fiss'),
    pay: `${are('pag|acquist|compr|ordin|rimbors|bonific|accredit')}|trasferit[oaie]|(?:fatto|effettuato|eseguito) (?:il |l'|la |un |una |un')(?:[a-z]+ )?${PAYMENT}`,
    run: `${are('riavvi|install|distribu')}|(?:eseguito|lanciato|avviato|fatto girare) (?:tutti )?(?:i |gli |il |lo |la )(?:[a-z]+ ){0,3}(?:test|suite|script|build|server|comando|migrazioni)|testato (?:il codice|la funzione|lo script)`,
    delegate: are('deleg'),
  },
  weakVerbs: {
    create: `${are('cre|gener|duplic|copi')}|apert[oaie]`,
    create_change: `${are('registr|alleg|aggiunt')}|aggiunt[oaie]|inserit[oaie]|scritt[oaie]|mess[oaie]`,
    change: `${are('aggiorn|modific|cambi|assegn|marc|segn|sostitu|attiv|disattiv|blocc|configur|complet|spost|ripristin')}|chius[oaie]|riapert[oaie]|corrett[oaie]|risolt[oaie]|sostituit[oaie]`,
    change_delete: `${are('svuot')}|rimoss[oaie]|tolt[oaie]|chius[oaie]`,
    save: are('salv|memorizz'),
    send: 'condivis[oaie]',
    approve: `${are('approv|rifiut|accett|firm|autorizz|conferm')}|respint[oaie]`,
    pay: are('effettu'),
  },
  doer: `(?:^|[^a-z'])${HO}`,
  passive: `(?:e|sono) stat[oaie] (?:${ADVERBS} ){0,2}`,
  state: `(?:e|sono) (?:${ADVERBS} ){1,2}`,
  yours: '(?!)',
  indefinite: "un|uno|una|un'|ogni|qualsiasi|alcuni|alcune",
  now: 'gia|ora|adesso',
  adverbs: ADVERBS,
  and: '(?:,|e|ed|poi)',
  shortly: '(?:(?:fatto|ecco|certo|si|ok)[,.:!]* )?(?:gia|appena)',
  things:
    'tickets?|ticket|attivita|compiti|segnalazion[ei]|voc[ei]|righ[ae]|record|pagin[ae]|database|fogli[oi]?|documenti?|documento|file|cartell[ae]|directory|repository|branch|ram[oi]|pull request|commit|canal[ei]|grupp[oi]|event[oi]|riunion[ei]|appuntament[oi]|calendari[o]?|agenda|inviti?|invito|promemoria|svegli[ae]|account|utent[ei]|profil[oi]|permess[oi]|accesso|password|chiav[ei]|token|impostazion[ei]|configurazione|server|serviz[io]+|abbonament[oi]|ordin[ei]|prenotazion[ei]|fattur[ae]|pagament[oi]|spes[ae]|contatt[oi]|client[ei]|cas[oi]|progett[oi]|etichett[ae]|stat[oi]|scadenz[ae]|priorita|mailing list|lista (?:della spesa|di distribuzione)|sit[oi]|blog|not[ae]|link|foto|immagin[ei]|allegat[oi]|notion|jira|github|slack|crm|wiki|richiest[ae]|ferie|contratt[oi]|modifich[ea]|tavol[oi]|rimbors[oi]|bonific[oi]|[a-z0-9_-]+\\.(?:md|txt|ts|js|py|json|ya?ml|csv|pdf|docx?|xlsx?)|[a-z]{2,6}-\\d+',
  ideas:
    'fras[ei]|paragraf[oi]|parol[ae]|virgol[ae]|test[oi]|sezion[ei]|punt[oi]|error[ei]|ortografia|grammatica|codice|funzion[ei]|class[ei]|variabil[ei]|esemp[io]+|passi|passaggi|list[ae]|tabell[ae]|formul[ae]|traduzion[ei]|riassunt[oi]|bozz[ae]|rispost[ae]|pian[oi]|struttur[ae]|modell[oi]|version[ei]|confront[oi]|spiegazion[ei]|titol[oi]|tono|stile|calcol[oi]|poesi[ae]|stori[ae]|ricett[ae]|diagramm[ai]|ide[ae]|nom[ei]|tem[ai]|comment[oi]|descrizion[ei]|legge',
  pronouns: 'tutto|cio|questo|entrambi',
  prepositions: 'a|al|alla|ai|in|nel|nella|nei|di|del|della|dei|per|con|da|su|sul|sulla|e|ma|perche|che|come|qui',
  places: 'a|al|alla|ai|in|nel|nella|nei|di|del|della|dal|dalla|su|sul|sulla',
  inAnswer: 'sotto|sopra|qui di seguito|seguente',
  isOut: '(?:e-?mail|mail|messaggio|invito) (?:e )?(?:gia )?(?:partit[oa]|in viaggio)',
  unless:
    'se|quando|una volta|che (?:e|sono) stat[oaie]|(?:dice|credo|vedo|penso|so|spero|vuoi|indica|sembra) che|verifica|controlla che|assicurati|(?:lui|lei) (?:dice|ha detto)|sembra|a quanto pare|forse|probabilmente|secondo(?! la mia)|come se|avrei|avrebbe|potrei|prima di',
  denial: 'non|mai|nessuno?|nessuna|niente|nulla|senza|ne|sara|saranno',
  byOthers:
    "da(?! parte)|dal|dalla|ieri|nel (?:gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre|\\d{4})|la settimana scorsa|l'anno scorso|\\d{4}(?![\\d-])|quando|se|secondo",
  retold: "ieri|gia|prima|in precedenza|la settimana scorsa|stamattina|fa|come (?:detto|ho detto)|l'ultima volta",
  asksWhether: '(?:hai|avete|ha|hanno|e stat[oa]|sono stat[ei]) ?',
  looks: {
    web: [
      `${IO}${LOOKED} ${NEAR}${WEB}`,
      `${IO}(?:fatto|effettuato) una (?:[a-z]+ )?ricerca (?:[a-z]+ )?(?:su|sul|in) (?:internet|web|google|rete)`,
      '(?:secondo|in base a) la mia ricerca',
      `${IO}(?:aperto|visitato|consultato) ${NEAR}(?:pagina|sito|link|url|articolo)`,
    ],
    notion: [`${IO}${LOOKED} ${NEAR}(?:su |in |nel |il |database )*notion`, 'su notion,? (?:ho|ci sono|vedo|risulta)', 'secondo notion'],
    files: [`${IO}(?:cercato|letto|esaminato|esplorato|analizzato|controllato) ${NEAR}(?:nei |tutti |i |il |nel )*${CODE}`],
  },
  notDone: "Non l'ho fatto: nessuno dei miei strumenti l'ha fatto.",
  notAllDone: 'Non tutto è fatto: per una parte non ha lavorato nessuno dei miei strumenti.',
  notLooked: "Non l'ho consultato.",
};
