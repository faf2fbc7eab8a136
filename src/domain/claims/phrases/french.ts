import type { DeedPhrases } from '../deed-phrases.ts';

const ADVERBS =
  '(?:bien|deja|egalement|aussi|tout juste|desormais|maintenant|ensuite|donc|correctement|immediatement|rapidement|enfin|tous|toutes|tous les deux|bel et bien|a nouveau|encore)';
const CLITICS = "(?:(?:vous|te|lui|leur|les|la|le|nous|me) |l'|t'|m'|s'|y |en )";
const JAI = `(?:j'ai |j'y ai |nous avons |je ${CLITICS}{1,3}ai |nous ${CLITICS}{1,3}avons |je viens (?:juste |tout juste )?(?:de ${CLITICS}{0,3}|d'(?:y )?))`;
/** A verb in `-er`, as participle or infinitive. */
const er = (stems: string): string => `(?:${stems})(?:e|ee|es|ees|er)`;
const PAYMENT = '(?:virement|paiement|achat|commande|reservation|remboursement|transfert|reglement|don)';
const WEB = "(?:sur|dans) (?:le |l')?(?:internet|web|net|google|bing)|en ligne";
const LOOKED =
  '(?:cherche|recherche|trouve|consulte|regarde|verifie|parcouru|examine|lu|vu|interroge|fouille|explore|explore|repere|fait|effectue|lance|mene)';
const CODE = '(?:fichiers|depot|code source|base de code|dossiers?|repertoire)';

export const FRENCH: DeedPhrases = {
  signs: "ma|selon|d'apres|j'ai|j'y|je|nous|ete|est|sont|recherches?|notion|deja|bien|tout juste",
  verbs: {
    send: `${er('envoy|retransf|renvoy|notifi|inform|publi|post|invit|contact|signal|alert|relay|diffus|expedi|remont')}|transmis(?:e|es)?|transmettre|prevenu(?:e|s|es)?|prevenir|avert(?:i|ie|is|ir)|fait suivre|soumis(?:e|es)?|(?:ecrit|repondu|dit) (?:a|au|aux)(?! (?:la main|propos))|(?:ai|avons) demande a (?!vous)|partie?s`,
    send_create_change: `${er('televers|upload')}|mise?s? en ligne`,
    send_create_change_delete_save_schedule_approve_pay_run_delegate: '(?<=je )(?:l.ai fait)',
    change: `donne (?:a [a-z]+ |au [a-z]+ )?(?:l'|un )?acces|${er('archiv|epingl|pouss|committ?|renomm')}`,
    change_approve: er('fusionn|merg'),
    delete: er('supprim|effac|annul|revoqu|resili|desinstall|desabonn'),
    save: `(?:note|noter) (?:cela|ca|cette information|ce point|votre|ta|ton|vos|tes|que (?:vous|tu)|tout ca)|${er('memoris')}|retenu (?:cela|ca|cette|que (?:vous|tu))|pris (?:bonne )?note|note (?:[a-z'] ?){0,20}dans ma memoire|garde en memoire|mis en favori`,
    schedule_pay: er('programm|planifi|reserv|reprogramm'),
    pay: `${er('pay|rembours|achet|command|credit|vir')}(?! (?:la cuti|au))|transfere(?:e|s|es|r)?|(?:effectue|fait|passe|realise|lance|procede|execute|emis)(?:e|s|es|r)? (?:le |la |un |une |votre |ta |au |a la )?(?:[a-z]+ )?${PAYMENT}`,
    run: `${er('telecharg|sauvegard')}|${er('redemarr|deploy|redeploy|install|relanc')}|(?:lance|execute|fait tourner|demarre)r? (?:les |la |le |tous les |toute la |votre |un |une |vos )(?:[a-z]+ ){0,3}(?:tests?|suite|build|script|serveur|commande|migrations?|compilation)|${er('test')} (?:l'api|le point d'acces|l'application|le site|le formulaire|le code|la fonction|le script|la correction|ca|cela)`,
    delegate: `${er('delegu')}`,
  },
  weakVerbs: {
    create: `${er('cre|gener|dupliqu|copi|redig')}|ouvert(?:e|s|es)?|ouvrir`,
    create_change: `fait (?:une|des) (?:copies?|sauvegardes?)|${er('ajout|inser|enregistr|consign')}|laisse (?:un|une|mon) (?:commentaire|note|message|avis)|inscrit(?:e|s|es)?|inscrire|ecrit(?:e|s|es)?|saisi(?:e|s|es|r)?|joint(?:e|s|es)?|mis(?:e|es)?(?! (?:a jour|en (?:gras|forme|evidence|italique)|l'accent))`,
    change: `${er('modifi|chang|edit|deplac|attribu|assign|ferm|clotur|marqu|pass|corrig|remplac|reinitialis|activ|desactiv|verrouill|configur|repouss|decal|prolong|affect|regl|actualis|bloqu|augment')}|signale|mis(?:e|es)? a jour|mettre a jour|rouvert(?:e|s|es)?|resolu(?:e|s|es)?`,
    change_delete: er('retir|enlev|vid|ferm'),
    save: er('enregistr|sauvegard|stock'),
    send: er('partag'),
    schedule: `fix(?:e|ee|ees|er)|${er('cal')}`,
    approve: `${er('approuv|valid|accept|declin|refus|rejet|sign|autoris|confirm')}`,
    pay: er('regl|effectu|execut'),
  },
  doer: `(?:^|[^a-z'])${JAI}`,
  passive: `(?:a|ont) (?:${ADVERBS} ){0,2}ete (?:${ADVERBS} ){0,2}`,
  state: `(?:est|sont) (?:${ADVERBS} ){0,2}`,
  yours: 'votre|vos|ton|ta|tes',
  indefinite: 'une?|chaque|des|certains|certaines',
  now: 'maintenant|desormais|deja|bien',
  adverbs: ADVERBS,
  and: '(?:,|et|puis|et ensuite)',
  shortly: "(?:(?:ok|c'est fait|voila|d'accord|oui)[,.:!]* )?(?:deja|bien|tout juste)",
  things:
    'tickets?|taches?|rapports? de bug|bugs?|entrees?|lignes?|enregistrements?|pages?|bases?(?: de donnees)?|feuilles?|tableurs?|documents?|fichiers?|dossiers?|repertoires?|depots?|branches?|pull requests?|commits?|canal|canaux|groupes?|evenements?|reunions?|rendez-vous|agendas?|calendriers?|invitations?|rappels?|alarmes?|minuteurs?|comptes?|utilisateurs?|profils?|droits|acces|mots? de passe|cles?|jetons?|parametres|configuration|serveurs?|services?|abonnements?|commandes?|reservations?|factures?|remboursements?|virements?|montants?|paiements?|depenses?|contacts?|clients?|cartes?|projets?|espaces? de travail|etiquettes?|statuts?|dates? limites?|echeances?|priorites?|listes? de (?:diffusion|courses|taches)|sites?|blog|articles?|notes?|liens?|favoris|photos?|images?|pieces? jointes?|notion|jira|github|slack|crm|archives?|wiki|problemes?|formulaires?|copies?|sauvegardes?|commentaires?|notes? de frais|demandes?|conges?|contrats?|modifications?|changements?|tables? (?:pour|au|a)|[a-z0-9_-]+\\.(?:md|txt|ts|js|py|json|ya?ml|csv|pdf|docx?|xlsx?)|[a-z]{2,6}-\\d+',
  ideas:
    'phrases?|paragraphes?|mots?|virgules?|formulations?|textes?|sections?|points?|fautes?|orthographe|grammaire|code|fonctions?|classes?|variables?|exemples?|etapes?|listes?|tableaux?|formules?|traductions?|resumes?|brouillons?|reponses?|plans?|structures?|modeles?|versions?|apercus?|comparaisons?|explications?|titres?|style|calculs?|scripts?|poemes?|histoires?|recettes?|schemas?|hypotheses?|avis|erreurs?|propositions?|idees?|noms?|sujets?|descriptions?',
  pronouns: 'tout|cela|ca|les deux',
  prepositions: "a|au|aux|en|dans|sur|de|du|des|d'|pour|avec|par|et|mais|car|qui|que|comme|ici",
  places: 'dans|sur|a|au|aux|en|du|de la|de',
  inAnswer: 'ci-dessous|ci-dessus|voici|plus (?:bas|haut)',
  isOut: '(?:e-?mail|mail|courriel|message|invitation|facture)s? (?:est|sont) (?:bien |deja )?(?:parti|en route)(?:e|s|es)?',
  unless:
    "j'ai vu que|qui|si|s'il|quand|lorsque|des que|une fois|que (?:je|j')|verifi(?:ez|e) que|assure[a-z-]* que|(?:il|elle|on|tom) (?:dit|ecrit|affirme|pense)|(?:dit|ecrit|indique|signale|affirme) (?:que|qu')|il semble|apparemment|peut-etre|probablement|sans doute|selon(?! (?:ma|ce que j'ai))|d'apres(?! (?:ma|ce que j'ai))|sans doute|comme si|aurais|aurait|avais|pourrais|avant (?:que|de)",
  denial: "n'[a-z]+|ne|pas|jamais|aucune?|rien|personne|sans|ni|serai|sera|seront",
  byOthers:
    "par(?! (?:e-?mail|mail|courriel|courrier|sms|message|defaut|erreur)(?![a-z]))|hier|avant-hier|en (?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|\\d{4})|la semaine derniere|le mois dernier|il y a|lundi dernier|\\d{4}(?![\\d-])|quand|lorsque|si|depuis|selon|d'apres",
  retold:
    "hier|deja|tout a l'heure|plus tot|precedemment|auparavant|la semaine derniere|ce matin|il y a|comme (?:dit|je l'ai dit|indique)|la derniere fois",
  asksWhether: "(?:as-tu|avez-vous|a-t-|ont-|est-ce que (?:tu as|vous avez|c'est)|tu as|vous avez|est-il|est-elle)",
  looks: {
    web: [
      `${JAI}(?:${ADVERBS} )*${LOOKED} …(?:${WEB})`,
      `${JAI}(?:${ADVERBS} )*(?:fait|effectue|lance|mene) (?:une |des |ma |quelques )(?:[a-z]+ )?recherches?(?! (?:dans|parmi))`,
      "(?:d'apres|selon) ce que j'ai (?:trouve|lu|vu) (?:en ligne|sur (?:le web|internet))",
      "(?:d'apres|selon|apres) (?:ma|mes|une|notre|quelques) (?:[a-z]+ )?(?:recherches?)(?: [a-z]+)? (?:sur|en ligne|google|web|internet|,)",
      `${JAI}(?:${ADVERBS} )*(?:ouvert|visite|consulte|charge|clique sur|regarde|verifie) …(?:sur )?(?:page|site|lien|url|article)s?`,
      `${JAI}(?:${ADVERBS} )*lu …(?:lien|site|page web)`,
      "(?:sur (?:le web|internet)|en ligne),? j'ai (?:trouve|lu|vu)",
      `${JAI}(?:${ADVERBS} )*(?:google|googlise)`,
      `(?:ma|une) recherche (?:web|google|internet|en ligne|sur (?:internet|le web|google)) (?:montre|indique|donne|a|n'a)`,
    ],
    notion: [
      `${JAI}(?:${ADVERBS} )*${LOOKED} …(?:dans |sur |la base |votre |le |de )*notion`,
      "(?:d'apres|selon) (?:la base |la page |votre |ton )*notion",
      `(?:dans|sur) (?:votre |ton |le )?notion,? (?:j'ai|il y a|je (?:vois|trouve))`,
    ],
    data: [`${JAI}(?:${ADVERBS} )*${LOOKED} …(?:agenda|calendrier|boite (?:de reception|mail)|e-?mails|base de donnees|crm|jira|slack)`],
    files: [
      `${JAI}(?:${ADVERBS} )*(?:cherche|fouille|parcouru|lu|examine|explore|analyse|verifie) …(?:dans |tous |toute |les |le |la |vos |votre |l')*${CODE}`,
    ],
  },
  notDone: "Je ne l'ai pas fait : aucun de mes outils ne l'a fait.",
  notAllDone: "Tout cela n'est pas fait : pour une partie, aucun de mes outils n'a travaillé.",
  notLooked: "Je n'ai pas regardé cela.",
};
