import type { DeedPhrases } from '../deed-phrases.ts';

const WORDS = '(?:(?!kein|nicht|nie|nichts)[^ ,;:]{1,30} ){0,10}';
const HABE = '(?:(?:ich|wir) (?:habe|hab|haben)|(?:habe|hab|haben) (?:ich|wir))';
const LOOKED =
  '(?:gefunden|gesucht|nachgesehen|nachgeschaut|durchgesehen|durchsucht|angesehen|angeschaut|geschaut|gepruft|uberpruft|gelesen|durchgelesen|abgefragt|recherchiert|nachgeschlagen|gesehen|gestoßen)';
const WEB = '(?:im (?:inter)?net(?:z)?|im internet|im web|online|bei google|auf google|ubers internet|per websuche)';
const CODE = '(?:projekt|dateien|codebasis|repository|repo|quellcode|quelltext|projektordner|ordner|verzeichnis)';

export const GERMAN: DeedPhrases = {
  signs:
    'meiner?|unserer?|online|ich|wir|wurden?|ist|sind|habe?|laut|gegoogelt|notion|kurz|gerade|soeben|eben|schnell|bereits|schon|nach|gemaß',
  verbs: {
    send: 'geschickt|abgeschickt|gesendet|verschickt|versendet|versandt|gemailt|zugeschickt|zugesandt|weitergeleitet|weitergegeben|benachrichtigt|informiert|verstandigt|gepostet|veroffentlicht|publiziert|eingeladen|eingereicht|gemeldet|kontaktiert|angeschrieben|angerufen|bescheid (?:gegeben|gesagt)|mitgeteilt|ausgerichtet|ubermittelt|(?<=(?:mail|nachricht|sms|brief) (?:[^ ]{1,20} ){0,5})geschrieben|(?<=(?:dem|ihm|ihnen|an (?:den|die|das)) (?:[^ ]{1,20} ){0,2})geschrieben',
    send_create_change: 'hochgeladen',
    send_create_change_delete_save_schedule_approve_pay_run_delegate:
      '(?<=(?:ich habe|habe ich) (?:das|es|alles) (?:[^ ]{1,20} ){0,2})(?:erledigt|gemacht)',
    change:
      'angepinnt|angeheftet|(?<=(?:zugriff|freigabe|zugang|rechte) (?:[^ ]{1,20} ){0,6})(?:gegeben|erteilt|gewahrt|verschafft)|archiviert|gepusht|committe?t|stummgeschaltet|umbenannt',
    change_approve: 'gemergt|gemerged',
    delete: 'geloscht|storniert|gekundigt|abbestellt|widerrufen|abgesagt|deinstalliert',
    save: '(?<=(?:mir|uns) (?:[^ ]{1,30} ){0,10})(?:gemerkt|notiert|aufgeschrieben|vermerkt)',
    schedule_pay: 'gebucht|umgebucht|reserviert|terminiert|eingeplant',
    pay: 'eingecheckt|bezahlt|uberwiesen|gezahlt|beglichen|erstattet|zuruckerstattet|gutgeschrieben|gekauft|(?<!zweite )bestellt|gespendet|(?<=(?:uberweisung|zahlung|bestellung|buchung|erstattung)(?: [^ ]{1,20}){0,6} )(?:erfolgt|ausgefuhrt|getatigt|veranlasst|vorgenommen|aufgegeben|durchgefuhrt)',
    run: 'neu ?gestartet|heruntergeladen|deploye?[td]|ausgerollt|eingespielt|installiert|laufen (?:ge)?lassen|(?<=(?:test|tests|testsuite|skript|build|migration|migrationen)(?: [^ ]{1,20}){0,6} )(?:ausgefuhrt|durchgefuhrt|gestartet)|(?<=(?:das|es|den code|die anderung|den fix|den endpunkt|die api|die app|das formular) )getestet',
    delegate: 'delegiert|beauftragt',
  },
  weakVerbs: {
    create: 'erstellt|angelegt|erzeugt|eroffnet|aufgemacht|kopiert|dupliziert',
    create_change:
      '(?<=(?:ich habe|habe ich) (?!das |es )[^ ]{1,20} (?:zur gruppe )?)hinzugefugt|eingerichtet|eingetragen|hinzugefugt|erganzt|eingefugt|aufgenommen|erfasst|geschrieben|angehangt|verlinkt|hinterlassen',
    change:
      'geandert|aktualisiert|bearbeitet|angepasst|verschoben|zugewiesen|ubertragen|ubergeben|zugeteilt|geschlossen|wieder ?geoffnet|markiert|gesetzt|gestellt|umgestellt|korrigiert|behoben|gelost|abgeschlossen|ersetzt|zuruckgesetzt|aktiviert|deaktiviert|gesperrt|entsperrt|zusammengefuhrt|konfiguriert|erneuert|verlangert|uberschrieben|wiederhergestellt',
    change_delete: 'entfernt|geleert|ausgetragen|gestrichen|geschlossen',
    save: 'gespeichert|abgespeichert|abgelegt|hinterlegt|gesichert',
    send: 'geteilt|freigegeben',
    schedule: 'geplant|vereinbart|angesetzt|verlegt|gestellt',
    approve: 'genehmigt|freigegeben|abgelehnt|angenommen|bestatigt|unterschrieben|unterzeichnet|bewilligt|zugestimmt|erteilt',
    run: 'ausgefuhrt|durchgefuhrt|gestartet|getestet|gesichert',
  },
  doer: `(?:^|[^a-z])(?:${HABE}|^habe|^hab) `,
  passive: '(?:wurde|wurden|ist|sind) ',
  state: '(?!)',
  yours: 'dein[a-z]{0,2}|ihr[a-z]{0,2}|eure?[a-z]{0,2}',
  indefinite: 'ein|eine|einem|einer|jede[rsnm]?|manche|solche',
  now: 'jetzt|bereits|nun|schon',
  adverbs: 'jetzt|gerade|soeben|eben|bereits|schon|auch|noch|schnell|kurz|erfolgreich|gleich|direkt|nun|dann',
  and: '(?:,|und|sowie)',
  verbLast: true,
  shortly: '(?:(?:ok|okay|erledigt|fertig|klar|ja|gerne)[,.:!]* )?(?:kurz|gerade|soeben|eben|schnell|bereits|schon)',
  things:
    'tickets?|aufgaben?|vorgang|vorgange|fehlerbericht|bugs?|eintrag|eintrage|zeilen?|datensatz|datensatze|datenbank|preise?|backups?|sicherung(?:en)?|builds?|formular(?:e)?|probleme?|freigaben?|unterlagen|mitglied(?:er)?|alles|telefon|handy|dokumente?|datei|dateien|ordner|verzeichnis|repos?|repository|branch(?:es)?|prs?|pull requests?|commits?|releases?|kanal|kanale|gruppen?|termine?|besprechung(?:en)?|kalender[a-z]*|einladung(?:en)?|erinnerung(?:en)?|wecker|timer|konto|konten|benutzer|nutzer|profil|rechte|zugriff|zugang|passwort|schlussel|token|einstellung(?:en)?|konfiguration|server|dienst|dienste|abo|abonnement|bestellung(?:en)?|buchung(?:en)?|reservierung(?:en)?|rechnung(?:en)?|zahlung(?:en)?|kontakte?|kunden?|fall|falle|board|karten?|projekte?|arbeitsbereich|labels?|status|frist|fristen|falligkeit|prioritat|verteiler|newsletter|einkaufsliste|to-?do-?liste|webhook|jobs?|pipeline|webseite|website|blog|beitrag|beitrage|notiz|notizen|links?|lesezeichen|fotos?|bilder|anhang|anhange|reisekosten|spesen|ausgaben|meetings?|notion|jira|github|slack|crm|archiv|wiki|kommentare?|antrag|antrage|anfragen?|urlaub|vertrag|vertrage|anderung(?:en)?|tisch|tische|seiten?|[a-z0-9_-]+\\.(?:md|txt|ts|js|py|json|ya?ml|csv|pdf|docx?|xlsx?)|[a-z]{2,6}-\\d+',
  ideas:
    'satze?|satz|absatz|absatze|wort|worter|komma|formulierung(?:en)?|text|texte|abschnitt|punkte?|tippfehler|rechtschreibung|grammatik|code|funktion(?:en)?|klassen?|variablen?|beispiele?|schritte?|listen?|ubersicht|tabellen?|spalten?|formel|ubersetzung|zusammenfassung|entwurf|antwort|gliederung|plan|struktur|vorlage|fassung|version|vergleich|erklarung|titel|uberschrift|ton|stil|rechnung unten|skript|schnipsel|gedicht|geschichte|witz|rezept|diagramm|annahme|meinung|fehler|vorschlag|idee|namen?|thema|beschreibung(?:en)?|vor- und nachteile',
  pronouns: 'es|das|sie|ihn|dies|alles|beides?|alle',
  prepositions: '(?!)',
  places: 'in|im|ins|auf|aus|unter|zu|zum|zur|von|vom|an|am',
  inAnswer: 'unten|oben|hier (?:ist|sind)|folgend[a-z]*|im folgenden|siehe',
  isOut:
    '(?:e-?mail|mail|nachricht|einladung|rechnung|brief|newsletter|uberweisung|zahlung|bestellung) (?:ist|sind) (?:jetzt |schon |bereits )?(?:raus|unterwegs|rausgegangen)',
  unless:
    'wenn|falls|sobald|sofern|ob|dass|bevor|bis|nachdem du|angenommen|(?:er|tom|man) (?:sagt|schreibt|meint)|anscheinend|scheinbar|offenbar|wohl|vielleicht|vermutlich|wahrscheinlich|sicherlich|moglicherweise|laut(?! (?:meiner|unserer))|als ob|hatte|hatten|wurde ich',
  denial: 'nicht|nie|niemals|kein[a-z]{0,2}|nichts|niemand[a-z]{0,2}|ohne|weder|kaum|konnte|konnten|sollte|musste|darf|kann',
  byOthers:
    'von(?! (?:hand|dir|ihnen|euch)(?![a-z]))|durch|gestern|vorgestern|letzte[a-z]?|vor (?:[a-z0-9]+ )?(?:tag|tagen|woche|wochen|monat|monaten|jahr|jahren|stunden)|im (?:januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember)|\\d{4}(?![\\d-])|wenn|sobald|falls|weil|damit|standardmaßig|laut',
  retold:
    'gestern|vorhin|schon|bereits|fruher|vorher|letzte[a-z]? (?:woche|nacht|monat)|heute (?:morgen|fruh)|vor (?:[a-z0-9]+ )?(?:tagen|stunden|minuten)|wie (?:gesagt|erwahnt)|damals',
  asksWhether: '(?:hast|habt|haben|hat|wurde|wurden|ist|sind|war) ',
  looks: {
    web: [
      `${HABE} ${WORDS}${WEB}`,
      `${WEB} ${HABE}`,
      `${HABE} ${WORDS}(?:gegoogelt|gegoogled)|^(?:kurz |schnell |eben )?gegoogelt`,
      `${HABE} ${WORDS}(?:websuche|internetsuche|internetrecherche|google-suche|online-recherche|webrecherche)`,
      '(?:meine|unsere) (?:suche im (?:inter)?netz|suche im web|suche im internet|internetrecherche|internetsuche|websuche|webrecherche|google-suche) (?:hat|ergab|zeigt|ergibt|sagt|liefert)',
      '(?:laut|nach|gemaß) (?:meiner|unserer|einer) (?:kurzen |schnellen )?(?:web|internet|online|google)?-?(?:suche|recherche)',
      `${HABE} ${WORDS}(?:seite|website|webseite|link|url|artikel|links|seiten) ${WORDS}(?:geoffnet|aufgerufen|besucht|abgerufen|angeklickt|nachgesehen|nachgeschaut|nachgelesen|gepruft|gecheckt|gelesen)`,
      `(?:seite|website|webseite|link|url|artikel|links|seiten) ${HABE} ${WORDS}(?:geoffnet|aufgerufen|besucht|abgerufen|angeklickt|gelesen|gepruft)`,
    ],
    notion: [
      `${HABE} ${WORDS}(?:in |auf |aus |die |das |der |eure |deine )*notion[a-z-]* ${WORDS}${LOOKED}`,
      `(?:in|aus|auf) (?:eurem |deinem |der |dem |eurer )?notion[a-z-]* (?:${HABE} ${WORDS}(?:${LOOKED}|[a-z])|steht|stehen|gibt es|finden sich)`,
      `notion[a-z-]* ${HABE} ${WORDS}${LOOKED}`,
      'laut (?:der |eurer |deiner )?notion',
    ],
    data: [
      `${HABE} ${WORDS}(?:kalender|postfach|posteingang|datenbank|e-?mails|crm|jira|slack|tracker) ${WORDS}(?:nachgesehen|nachgeschaut|geschaut|gepruft|gecheckt|durchsucht|gelesen|abgefragt|durchgesehen|gefunden)`,
    ],
    files: [
      `${HABE} ${WORDS}${CODE} ${WORDS}(?:durchsucht|durchgesehen|gelesen|angesehen|gepruft|durchforstet|untersucht)`,
      `${CODE} ${HABE} ${WORDS}(?:durchsucht|durchgesehen|gelesen|angesehen|gepruft)`,
    ],
  },
  notDone: 'Das habe ich nicht getan: Keines meiner Werkzeuge hat es getan.',
  notAllDone: 'Nicht alles davon ist getan: Für einen Teil lief keines meiner Werkzeuge.',
  notLooked: 'Das habe ich nicht nachgesehen.',
};
