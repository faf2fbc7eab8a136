/**
 * How work to come is claimed in one language. Phrases are looked for as whole words in folded text (see `fold`). In
 * them `…` stands for up to five words, none of which denies; they are regular expressions otherwise.
 */
export interface ClaimPhrases {
  /** Claims, wherever they stand: a report to come, work that is under way, a request to wait. */
  readonly always: readonly string[];
  /** Work that is announced: a claim unless a colon shows that it follows at once. */
  readonly work: readonly string[];
  /** What many answers begin with and then do: a claim only where nothing follows. */
  readonly last: readonly string[];
  /** Turns a sentence into an offer, a condition, a rule, or somebody else's words. */
  readonly unless: readonly string[];
  /** Names for a promise, before its number. */
  readonly promise: string;
  /** Names for a schedule, before its number. */
  readonly schedule: string;
  /** Where a sentence with a promise's number says that there is none, or that it has ended. */
  readonly denial: string;
  readonly ended: string;
  /** What is said in place of a false claim. `#n` is put in. */
  readonly nothingStarted: string;
  readonly noSuchPromise: string;
  readonly noSuchSchedule: string;
}

const I_WILL = "(?:(?:i|we)(?:'ll| will| shall|(?:'m| am|'re| are) (?:going to|gonna))|(?<=^|, )will)";
const DONE = '(?:done|finished|ready|complete|completed|available|over|through|in)';
const SOON =
  '(?:later(?: today| on)?|tomorrow|tonight|soon|shortly|asap|as soon as (?:possible|i)|right away|overnight|in the background|over the weekend' +
  '|in (?:a|an|one|the next|about|a few|a couple of|two|five|ten|thirty|\\d{1,3}) ?(?:few |couple of )?(?:moment|second|minute|min|hour|bit|while|day|week)s?' +
  '|by (?:tomorrow|tonight|noon|this evening|monday|tuesday|wednesday|thursday|friday|saturday|sunday|the end of|end of|next)' +
  `|(?:once|when|as soon as|after) (?:it|that|this|they|everything|the [a-z]+)(?:'s| is| are| has| have)(?: been)? ${DONE})`;

const ENGLISH: ClaimPhrases = {
  always: [
    "(?:i|we)(?:'ve| have)? (?:now |just |also )?(?:set(?: up)?|created|made|added|scheduled) (?:an?|the|your|that|this) …(?:reminder|alarm|schedule)",
    '(?:reminder|alarm)s? (?:is|are|was|has been|have been)(?: now)? (?:set|scheduled|created|in place)|^(?:ok, |done, )?reminder set',
    `${I_WILL} …(?:get back(?! to (?:the|your|our|work))|come back (?:to (?:you|this|it)|with)|circle back|report (?:back|to you|here|when|once|as soon|what|on|soon|how)|and report|follow up|(?:let|have) (?:you|everyone|the team|them) know|keep (?:you|everyone|the team) (?:posted|updated|informed|in the loop)|update (?:you|this thread|the thread)|(?:give|send|post) (?:you )?(?:an update|updates)|notify you|ping you|message you|be (?:right )?back|be in touch|remind you|(?:tell|show|send) you (?:what i find|if anything|when (?:it|that|this|they)|once|as soon)|have (?:it|this|that|an? [a-z]+|the [a-z]+|your [a-z]+) (?:ready|done|finished|for you))`,
    `${I_WILL} (?!need|want|see you|wait|assume|stop|leave|explain|come to|return to|cover|show how|describe|discuss|mention|get to|be (?:here|around|available|glad|happy))…(?:[a-z'-]+ ){0,6}${SOON}`,
    "(?:i|we)(?:'m|'re| am| are) (?:still |already |now |currently |just |actively )*(?:working on(?! the (?:assumption|premise|basis))|looking into (?:it|this|that|your|the|why|what|how)|on it|investigating)",
    '^(?:(?:ok|okay|sure|got it|alright|right|yes|great|thanks)[,!.]? )?(?:already |still |currently )*(?:working on|looking into) (?:it|this|that)(?: now| right now| already| as we speak)?(?=$|[.,;!–-]| –)',
    '^(?:(?:ok|okay|sure|got it|alright|yes|great)[,!.]? )?on it(?=$|[.!])',
    "(?:i|we)(?:'ve| have) (?:now |just |already )?(?:queued|kicked off|scheduled) (?:it|this|that|the|a|an|your)",
    "(?:i|we)(?:'ve| have) (?:now |just |already )?(?:started|begun|launched|initiated) …(?:in the background|analysis|search|research|investigation|task|job|work|working|looking|digging)",
    '(?:give|allow) me (?:just |about )?(?:a|an|one|two|three|five|ten|some|\\d{1,3}) ?(?:few |couple of |little )?(?:moment|second|sec|minute|min|hour|bit|while|day|time)s?',
    "leave it (?:with|to) me|expect (?:an update|an answer|a report|the results?|results|my (?:report|answer))|(?:i|we)(?:'ll)? need (?:just |about )?(?:a few|a couple of|some|five|ten|\\d{1,3}) (?:more )?(?:moments?|minutes?|hours?|days?|time)",
    "(?:once|when|as soon as) (?:i'm|i am|it's|it is|that's|this is) (?:done|finished|ready|through), (?:i|we)(?:'ll| will)",
    'bear with me|hang tight|sit tight|check back (?:in|later|soon|with me)',
    "you(?:'ll| will) hear (?:back )?from (?:me|us)",
    `you(?:'ll| will) (?:get|receive|have) (?:the|a|an|my|your) …(?:results?|report|answer|summary|update|analysis|overview|list) …${SOON}`,
    `(?:results?|report|updates?|summary|analysis|details) (?:will|to) follow|(?:results?|report|update|summary|analysis) will be (?:posted |sent |ready |here |to you )*${SOON}`,
    'your request is (?:now |already |currently )?(?:being (?:processed|worked on|looked into)|under ?way)|the (?:task|analysis|search|research|job|count|review) is (?:now |already |currently )?(?:under ?way|running(?= in the background| now|[.!]))',
    'let me (?:get back to you|(?:look into|check|dig into) …(?:and|then) …(?:get back|report|let you know|follow up|come back))',
  ],
  work: [
    `${I_WILL} …(?:look into|take a (?:closer |quick |deeper |good |proper )?look|investigate|dig into|dig deeper|take care of|handle (?:it|this|that)(?= for you|$|[.!])|get (?:right )?on (?:it|that|this)|get (?:started|to work)|work on(?! the (?:assumption|premise|basis))|start (?:working|looking|on|now)|keep (?:an eye|working|looking|digging|trying)|monitor|carry on working|continue (?:working|later)|finish (?:it|this|that)(?= for you|$|[.!])|try again|find out|figure (?:it|this|that) out|see what i can (?:do|find)|see to it|set (?:up )?a reminder)`,
  ],
  last: [
    `${I_WILL} …(?:check|search|look (?:up|for|at|through|over)|analy[sz]e|run|find|read|compare|review|fix|prepare|test|verify|examine|research|gather|collect|compile|count|implement|build|draft|proceed|scan|inspect|fetch|process|go through|start|begin)`,
    "(?:i|we)(?:'m|'re| am| are) (?:still |now |currently |just )+(?:analy[sz]ing|searching|checking|reviewing|compiling|gathering|going through|preparing|running the (?:full |whole |entire )?(?:tests?|suite|test suite|analysis|build|search))",
    'let me (?:just |quickly |first |now )*(?:check|look|search|find|see|verify|investigate|dig|take a|run|read|analy[sz]e|review|pull|fetch)',
    '^(?:ok|okay|sure|just|yes|,| )*(?:a|one) (?:moment|second|sec|minute)(?:,? please)?(?=$|[.!])',
    'please (?:wait|stand by|hold on)|^(?:ok, |sure, )?(?:hold on|hang on|stand by|stay tuned)(?! to)',
  ],
  unless: [
    "(?:if|should|unless|once|whenever|as soon as|after|until|before) you|if (?:so|needed|necessary|desired|not|yes|that|wanted)|^(?:and |but |so )?if |when you(?:'re|'ve| (?:are|have|send|share|give|tell|ask|say|want|need|confirm|paste|provide|run|open|approve|reply|decide))|just (?:say|ask|tell)|say the word|you (?:can|could|might|should|may) (?:say|write|reply|answer|tell)|(?:he|she|they) (?:said|says|wrote|told|promised)",
    'next time|in (?:the )?future|from now on|going forward|always|every time|each time|whenever',
  ],
  promise: '(?:promises?|background tasks?)(?: number)?',
  schedule: '(?:schedules?|recurring tasks?)(?: number)?',
  denial: "no|not|none|nothing|never|unknown|[a-z]+n't|cannot",
  ended: 'cancel[a-z]*|withdr[a-z]+|dropped|stopped|taken back|never ?mind',
  nothingStarted: 'I have not started any background work for this.',
  noSuchPromise: 'There is no promise #n that stands here.',
  noSuchSchedule: 'There is no schedule #n here.',
};

const GLEICH =
  '(?:gleich|spater|nachher|morgen|heute abend|bald|demnachst|sofort|umgehend|in kurze|im hintergrund|in (?:ein paar|einigen|wenigen|einer|einem|zwei|funf|zehn|\\d{1,3}) (?:minuten?|stunden?|tagen?|moment|augenblick)|sobald (?:es|das|ich|sie|die|der|alles))';
const GERMAN: ClaimPhrases = {
  always: [
    `ich melde mich(?! nicht| ab| an(?![\\p{L}])|$| bei [a-z]+ an)|melde ich mich|ich werde mich …melden|^melde mich …${GLEICH}`,
    'ich (?:geb|gebe|sag|sage) (?:dir|ihnen|euch) …bescheid|gebe ich (?:dir|ihnen|euch) …bescheid|ich werde (?:dir|ihnen|euch) …(?:bescheid (?:geben|sagen)|berichten|schreiben|mitteilen)',
    'ich komme …(?:darauf|auf dich|auf sie|auf euch) zuruck|ich halte (?:dich|sie|euch) auf dem laufenden|ich bin gleich (?:zuruck|wieder da)',
    `ich (?:berichte|informiere|schicke|sende|schreibe|liefere|antworte|erledige|mache|prufe|untersuche|analysiere|starte) (?:[a-z'-]+ ){0,8}${GLEICH}`,
    '(?:ich )?bin (?:schon |gerade |bereits )*(?:dran|dabei, )(?! gelegen)|ich arbeite (?:gerade |schon |jetzt |bereits )*(?:daran|an (?:der|deiner|ihrer|dem))|ich kummere mich …(?:darum|drum|um)|ich mache mich …an die (?:arbeit|analyse|sache)|ich erinnere (?:dich|sie|euch) (?!daran, dass)',
    '(?:du horst|sie horen|ihr hort) …von mir|(?:gib|geben sie|gebt) mir …(?:minuten?|moment|augenblick|stunden?|zeit)|(?:das ergebnis|die ergebnisse|der bericht|ein bericht|die analyse) (?:folgt|folgen|kommt (?:gleich|spater|bald)|lauft (?:im hintergrund|bereits|schon|jetzt))',
  ],
  work: [
    'ich (?:werde|schaue|sehe|schau|gehe) …(?:mir …an(?![\\p{L}])|mir …ansehen|mir …anschauen|nachsehen|nachschauen|nachgehen|dem …nach|der sache nach|recherchieren|untersuchen|nachforschen|erledigen|darum kummern)',
    'ich (?:recherchiere|untersuche) (?:das|es|dies|die|den)|ich gehe der sache nach|ich finde …heraus|ich behalte …im auge',
  ],
  last: [
    'ich (?:prufe|uberprufe|checke|suche|schaue|sehe|lese|vergleiche|teste) …(?:das|es|dies|die|den|nach|jetzt)|ich werde …(?:prufen|uberprufen|suchen|analysieren|testen|lesen|vergleichen)',
    '^(?:einen |nur einen |ok, )?(?:moment|augenblick)(?:,? bitte)?(?=$|[.!])|lass(?:en sie)? mich …(?:nachsehen|prufen|schauen|suchen|nachschauen)|bitte warten',
  ],
  unless: [
    '(?:wenn|falls|sofern) (?:du|ihr|gewunscht|notig|gewollt)|(?:wenn|falls|sofern) sie (?:mochten|wollen|mir|wunschen|mogen)|(?:mochtest|willst|magst) du|auf wunsch|sobald (?:du|ihr)|sobald sie mir|bevor (?:du|ihr)',
    'nachstes mal|in zukunft|kunftig|ab jetzt|ab sofort|immer|jedes mal|du kannst (?:schreiben|sagen|antworten)',
  ],
  promise: '(?:versprechen|hintergrundaufgaben?)(?: nummer)?',
  schedule: '(?:zeitplane?|planung(?:en)?|terminplane?)(?: nummer)?',
  denial: 'kein|keine|keinen|nicht|nichts|nie|unbekannt',
  ended: 'abgebrochen|storniert|gestrichen|zuruckgenommen|aufgehoben|gestoppt',
  nothingStarted: 'Ich habe dafür keine Hintergrundarbeit begonnen.',
  noSuchPromise: 'Ein Versprechen #n, das noch gilt, gibt es hier nicht.',
  noSuchSchedule: 'Einen Zeitplan #n gibt es hier nicht.',
};

const FRENCH: ClaimPhrases = {
  always: [
    'je (?:reviens|reviendrai) …(?:vers (?:vous|toi)|avec|des que|bientot|tout de suite|plus tard|demain)|je (?:te|vous) (?:reviens|reviendrai|tiens (?:au courant|informe)|tiendrai|previens(?! que)|previendrai|recontacte|recontacterai|dirai (?:ce|quand|des|demain)|enverrai|(?:dis|reponds|ecris) …(?:des que|demain|plus tard|bientot)|ferai (?:signe|un|part)|tiens au courant|rappelle (?:demain|plus tard|dans))',
    "je (?:m'en (?:occupe|charge)|m'y mets)|je suis (?:deja )?dessus|j'y travaille|je travaille (?:deja |actuellement )?(?:dessus|sur (?:ca|cela|votre|ta))|(?:donnez|donne|laissez|laisse)[- ]moi (?:quelques|cinq|deux|dix|un|une|\\d{1,3}) (?:peu de )?(?:minutes?|instants?|moments?|secondes?|heures?|temps)",
    "(?:vous aurez|tu auras) …(?:reponse|resultats?|rapport|retour) …(?:bientot|demain|plus tard|dans|des que|d'ici)|je …(?:enverrai|repondrai|ferai|lancerai|terminerai) (?:[a-z'-]+ ){0,6}(?:plus tard|demain|bientot|dans (?:quelques|une|\\d)|des que (?:possible|c'est)|en arriere-plan)|(?:le resultat|les resultats|le rapport) (?:suivra|suivront|arrive bientot)|l'analyse (?:est en cours|tourne en arriere-plan)",
  ],
  work: [
    "je vais …(?:m'en (?:occuper|charger)|enqueter|me renseigner|creuser|me pencher|y jeter un (?:oeil|œil)|jeter un (?:oeil|œil)|examiner (?:ca|cela|votre|ta)|investiguer)|je me (?:renseigne|penche)|je (?:vais|voulais) me mettre au travail",
  ],
  last: [
    'je vais …(?:regarder|verifier|chercher|analyser|examiner|lire|comparer|tester|lancer|voir)|je (?:regarde|verifie|cherche) (?:ca|cela|tout de suite|maintenant)|laissez?[- ]moi …(?:verifier|regarder|chercher)',
    "^(?:ok, )?(?:un|juste un) (?:instant|moment)(?:,? s'il (?:vous|te) plait)?(?=$|[.!])|veuillez patienter",
  ],
  unless: [
    "si (?:vous|tu|besoin|necessaire)|des que (?:vous|tu)|quand (?:vous|tu)|la prochaine fois|a l'avenir|desormais|toujours|chaque fois|(?:vous pouvez|tu peux) (?:dire|ecrire|repondre)",
  ],
  promise: 'promesses?(?: numero)?',
  schedule: '(?:planifications?|programmations?|taches? recurrentes?)(?: numero)?',
  denial: "ne|n'[a-z]+|pas|aucune?|jamais|inconnue?",
  ended: 'annul[a-z]+|retiree?|arretee?',
  nothingStarted: "Je n'ai lancé aucun travail en arrière-plan pour cela.",
  noSuchPromise: "Il n'y a ici aucune promesse #n en cours.",
  noSuchSchedule: 'Il n’y a pas de planification #n ici.',
};

const LUEGO =
  '(?:luego|mas tarde|pronto|manana|enseguida|en seguida|cuando (?:este|termine|acabe|lo tenga|tenga)|en cuanto|en (?:unos|un|cinco|diez|\\d{1,3}) (?:minutos?|momento|rato|horas?)|en segundo plano)';
const SPANISH: ClaimPhrases = {
  always: [
    `(?:te|le|os|les) (?:aviso|avisare|avisaremos)(?! de que| que)|(?:te|le|os) (?:informare|mantengo …(?:al tanto|informad[oa]s?|al corriente)|mantendre|recordare|contare)|(?:te|le|os) (?:respondo|escribo|cuento|digo|informo|mando|envio|enviare|respondere|confirmo) …${LUEGO}`,
    `vuelvo …(?:a escribirte|contigo|con (?:la|el|una|un|los)|enseguida|en (?:un|unos))|volvere …(?:contigo|con (?:la|el|una|los)|pronto|manana)|(?:lo|la|los|las) (?:hare|hago|revisare|reviso|terminare|miro|mirare) (?:[a-z'-]+ ){0,5}${LUEGO}`,
    '(?:ya )?estoy (?:en ello|trabajando en (?:ello|eso|esto|tu|su)|investigando|en eso)|me pongo (?:con (?:ello|eso|esto)|a ello|en ello|manos a la obra|a trabajar)|ya me pongo|me encargo(?: de (?:ello|eso|esto|tu)|$|[.!,])|me encargare|me ocupo|me ocupare',
    `(?:dame|deme|dadme) (?:unos|un|unas|cinco|dos|diez|\\d{1,3}) (?:minutos?|momento|momentito|segundos?|rato|horas?)|(?:tendras|recibiras|tendra|recibira) …(?:respuesta|resultados?|informe) …${LUEGO}|el analisis (?:esta en marcha|se esta ejecutando)`,
  ],
  work: [
    '(?:voy|vamos) a …(?:investigar|averiguar|encargarme|ocuparme|echar(?:le)? un vistazo|ponerme|indagar|estudiarlo)|(?:lo|la) (?:investigare|averiguare|investigo|averiguo)|investigare',
  ],
  last: [
    '(?:voy|vamos) a …(?:revisar|mirar|comprobar|buscar|analizar|verificar|leer|comparar|probar|ver|revisarlo|mirarlo)|(?:lo|la) (?:revisare|mirare|comprobare|verificare|reviso|compruebo)|(?:dejame|dejeme|permiteme) …(?:revisar|mirar|comprobar|buscar|ver|verificar)',
    '^(?:ok, |vale, )?(?:un|solo un) (?:momento|momentito|segundo)(?:,? por favor)?(?=$|[.!])|espera(?: un momento)?, por favor',
  ],
  unless: [
    'si (?:quieres|quiere|queres|lo deseas|lo desea|deseas|te parece|le parece|prefieres|necesitas|necesita|me |hace falta|gustas|quereis)|cuando (?:quieras|me|puedas)|en cuanto (?:me|puedas)|la proxima vez|en el futuro|a partir de ahora|siempre|cada vez|puedes (?:decir|escribir|responder)',
  ],
  promise: 'promesas?(?: numero)?',
  schedule: '(?:programacion(?:es)?|tareas? programadas?|horarios?)(?: numero)?',
  denial: 'no|ninguna?|ningun|nunca|desconocida',
  ended: 'cancel[a-z]+|anulad[a-z]+|retirada|detenida',
  nothingStarted: 'No he puesto en marcha ningún trabajo en segundo plano para esto.',
  noSuchPromise: 'Aquí no hay ninguna promesa #n en pie.',
  noSuchSchedule: 'Aquí no hay ninguna programación #n.',
};

const LOGO =
  '(?:logo|mais tarde|em breve|amanha|daqui a pouco|ja ja|assim que (?:estiver|terminar|tiver|possivel|acabar)|quando (?:terminar|estiver|tiver|acabar)|em (?:alguns|uns|cinco|dez|\\d{1,3}) (?:minutos?|instantes?|horas?)|em segundo plano)';
const PORTUGUESE: ClaimPhrases = {
  always: [
    `(?:te|lhe|vos) (?:aviso|avisarei|avisamos)(?! que| de que)|aviso-(?:te|o|a|vos)|(?:avisarei|aviso) (?:voce|quando|assim que)|vou (?:te |lhe )?(?:avisar|manter|retornar)|(?:te|lhe|o|a) (?:mantenho|manterei) …(?:informad[oa]s?|a par)|mante(?:nho|rei)[- ][a-z-]* ?…informad[oa]s?|(?:dou|darei|te dou) (?:um )?retorno|te retorno|retorno …${LOGO}`,
    `volto …(?:a (?:falar|escrever|contactar)|com (?:a|o|uma|um|os|as|mais)|em breve|logo|ja|daqui)|ja volto|voltarei …(?:a|com|em breve)|(?:respondo|escrevo|envio|mando|faco|farei|enviarei|respondo-te|verifico) (?:[a-z'-]+ ){0,6}${LOGO}`,
    '(?:ja )?estou (?:a trabalhar|trabalhando) (?:nisso|nisto|no|na)|estou (?:nisso|verificando|analisando|investigando|a (?:verificar|analisar|investigar))|(?:eu )?(?:cuido|trato|cuidarei|tratarei) (?:disso|disto)|me (?:da|de|deem) (?:uns|alguns|um|cinco|dois|\\d{1,3}) (?:minutos?|minutinhos?|momento|instantes?|segundos?|horas?)|(?:da|de|deem)-me (?:uns|alguns|um|cinco|dois|\\d{1,3}) (?:minutos?|momento|instantes?)',
  ],
  work: [
    'vou …(?:investigar|cuidar (?:disso|disto)|tratar (?:disso|disto)|dar uma (?:olhada|vista de olhos)|descobrir|averiguar|apurar|me informar)',
  ],
  last: [
    'vou …(?:verificar|analisar|checar|olhar|procurar|pesquisar|ver|conferir|rever|ler|comparar|testar)|(?:deixa|deixe)(?:-me| eu) …(?:ver|verificar|olhar|checar)',
    '^(?:ok, )?(?:so )?um (?:momento|minuto|instante|segundo)(?:,? por favor)?(?=$|[.!])|aguarde',
  ],
  unless: [
    'se (?:quiser|quiseres|voce|preferir|preferires|desejar|precisar|for preciso|me )|quando (?:quiser|voce|me )|assim que (?:voce|me )|da proxima vez|no futuro|a partir de agora|sempre|pode (?:dizer|escrever|responder)',
  ],
  promise: 'promessas?(?: numero)?',
  schedule: '(?:agendamentos?|programacao|programacoes|tarefas? agendadas?)(?: numero)?',
  denial: 'nao|nenhuma?|nunca|desconhecida',
  ended: 'cancelad[a-z]+|anulad[a-z]+|retirada',
  nothingStarted: 'Não comecei nenhum trabalho em segundo plano para isto.',
  noSuchPromise: 'Não há aqui nenhuma promessa #n em vigor.',
  noSuchSchedule: 'Não há nenhum agendamento #n aqui.',
};

const POI =
  '(?:dopo|piu tardi|presto|domani|subito|a breve|tra poco|fra poco|appena|quando (?:ho|avro|e pronto|e finito)|(?:tra|fra) (?:qualche|un|cinque|dieci|\\d{1,3}) (?:minut[oi]|or[ae]|attimo|momento)|in background)';
const ITALIAN: ClaimPhrases = {
  always: [
    `(?:ti|le|vi) (?:faccio|faro|faremo) sapere|(?:ti|la|vi) (?:aggiorno|aggiornero|tengo (?:aggiornat[aioe]|informat[aioe]|al corrente)|terro|avviso|avvisero|ricontatto|ricontattero|ricordero)|(?:torno|tornero) …(?:da (?:te|lei|voi)|con (?:la|il|una|un|i))|(?:ti|le|vi) (?:rispondo|scrivo|mando|invio|dico|mandero|scrivero) (?:[a-z'-]+ ){0,6}${POI}`,
    "me ne occupo|me ne occupero|ci penso io|ci sto (?:gia )?lavorando|sto (?:gia |ancora )?(?:lavorando (?:su|a)|indagando|controllando|verificando|analizzando)|mi metto (?:subito )?(?:al lavoro|all'opera)|(?:dammi|mi dia|datemi) (?:qualche|un|cinque|due|dieci|\\d{1,3}) (?:minut[oi]|attimo|momento|secondi|or[ae]|po')",
    `(?:riceverai|avrai|ricevera|avra) …(?:risposta|risultat[oi]|rapporto|riepilogo) …${POI}|l'analisi e (?:gia |ora )?in corso|(?:lo|la) (?:faro|faccio|controllero|esamino) (?:[a-z'-]+ ){0,4}${POI}`,
  ],
  work: [
    "(?:ci )?(?:do|daro) un'occhiata|(?:lo|la) (?:indaghero|approfondiro)|indaghero|approfondiro|vado a indagare|mi informo|mi informero|cerchero di (?:scoprire|capire)|scopriro",
  ],
  last: [
    'vado a (?:controllare|verificare|cercare|vedere|leggere)|(?:lo |la |li )?(?:controllero|verifichero|esaminero|analizzero|cerchero|leggero)|controllo (?:subito|ora|adesso)|(?:fammi|lascia(?:mi|temi)) (?:controllare|verificare|vedere|cercare)',
    '^(?:ok, )?(?:solo )?un (?:attimo|momento|secondo)(?:,? per favore)?(?=$|[.!])|attendere prego|attendi',
  ],
  unless: [
    "se (?:vuoi|vuole|volete|preferisci|preferisce|ti (?:va|serve|interessa)|serve|desideri|desidera|mi )|quando (?:vuoi|mi )|appena mi |la prossima volta|in futuro|d'ora in poi|sempre|ogni volta|puoi (?:dire|scrivere|rispondere)",
  ],
  promise: 'promess[ae](?: numero)?',
  schedule: '(?:pianificazion[ei]|programmazion[ei])(?: numero)?',
  denial: 'non|nessuna?|nessun|mai|sconosciuta',
  ended: 'annullat[a-z]+|cancellat[a-z]+|ritirata|fermata',
  nothingStarted: 'Non ho avviato alcun lavoro in background per questo.',
  noSuchPromise: 'Qui non c’è nessuna promessa #n in corso.',
  noSuchSchedule: 'Qui non c’è nessuna pianificazione #n.',
};

const SKORO =
  '(?:позже|потом|завтра|скоро|вечером|сразу|как только|когда (?:закончу|будет|все|получу)|через (?:пару|несколько|час|минуту|полчаса|пять|десять|\\d{1,3})|в фоне|в фоновом)';
const RUSSIAN: ClaimPhrases = {
  always: [
    `(?<!мне )(?:сообщу|напишу|отвечу|отпишусь|доложу|расскажу|пришлю|сделаю|проверю|закончу|запущу|вернусь) (?:[\\p{L}-]+ ){0,5}${SKORO}|${SKORO} (?:[\\p{L}-]+ ){0,3}(?:сообщу|напишу|отвечу|отпишусь|доложу|пришлю|сделаю|проверю)|(?:сообщу|напишу) (?:вам|тебе|о результат\\p{L}*)|(?:как только|когда) (?:я )?(?:закончу|будет готово|все будет)[^.]{0,40}, (?:сообщу|напишу|отвечу|пришлю)|отпишусь|дам (?:вам |тебе )?знать|вернусь (?:к вам|к тебе|к этому|с (?:ответом|результат\\p{L}*))|буду держать (?:вас|тебя)|напомню (?:вам|тебе) (?!, )`,
    '(?:я )?займусь|возьмусь за|приступаю|(?:уже |сеичас )?работаю над|уже (?:работаю|занимаюсь|делаю)|я (?:сеичас )?занимаюсь (?:этим|вашим|твоим)',
    'да(?:и|ите) мне (?:пару|несколько|пять|минут\\p{L}*|немного|час|\\d{1,3})|подожди(?:те)? (?:немного|минут\\p{L}*|пару|несколько|пожалуиста)|результат(?:ы)? (?:будет|будут|придет|придут) (?:[\\p{L}-]+ ){0,3}(?:позже|скоро|завтра|через)',
  ],
  work: [
    '(?:я )?(?:разберусь|выясню|изучу этот|изучу это|изучу вопрос|поищу информацию|узнаю)|буду следить|попробую (?:разобраться|выяснить|узнать)',
  ],
  last: [
    '(?:я |сеичас |сеичас я )(?:посмотрю|проверю|наиду|поищу|изучу|проанализирую|прочитаю)|^(?:посмотрю|проверю|поищу)|давайте я (?:проверю|посмотрю)',
    '^(?:одну )?(?:минутку|минуту|секунду|секундочку)(?=$|[.,!])|^одну (?:минуту|минутку)',
  ],
  unless: [
    'если (?:хотите|хочешь|вы|ты|нужно|надо|пожелаете|что)|когда (?:вы|ты)|как только (?:вы|ты)|в следующии раз|в будущем|впредь|всегда|каждыи раз|можете (?:написать|сказать|ответить)|(?:он|она|они)',
  ],
  promise: '(?:обещани[еяию]|обещании)(?: номер)?',
  schedule: '(?:расписани[еяию]|расписании)(?: номер)?',
  denial: 'нет|не|никогда|неизвестно',
  ended: 'отмен[\\p{L}]+|снят[\\p{L}]*|остановлен[\\p{L}]*',
  nothingStarted: 'Я не начал для этого никакой фоновой работы.',
  noSuchPromise: 'Действующего обещания #n здесь нет.',
  noSuchSchedule: 'Расписания #n здесь нет.',
};

export const LANGUAGES: readonly ClaimPhrases[] = [ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, RUSSIAN];
