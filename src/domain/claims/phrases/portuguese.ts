import type { DeedPhrases } from '../deed-phrases.ts';

const ADVERBS =
  '(?:ja|tambem|agora|acabei de|corretamente|finalmente|logo|entao|imediatamente|rapidamente|bem|todos|todas|de novo|novamente|mesmo)';
/** A verb in `-ar`: `enviei`, `enviado`, `enviar`. */
const ar = (stems: string, before = stems): string =>
  `(?:${stems})(?:ad[oa]s?|ar|ar-(?:lhe|te|o|a)|amos)|(?:${before})ei(?:-(?:lhe|te|o|a|os|as))?`;
const ir = (stems: string): string => `(?:${stems})(?:i|id[oa]s?|ir)`;
const PAYMENT = '(?:transferencia|pagamento|compra|pedido|encomenda|reserva|reembolso|doacao|deposito)';
const WEB = '(?:na (?:internet|web|rede)|no google|no bing|online|pela internet)';
const NEAR = "(?:(?!nao |nunca )[a-z0-9'-]{1,30} ){0,6}";
const LOOKED =
  '(?:pesquisei|procurei|encontrei|consultei|verifiquei|revi|revisei|olhei|li|vi|busquei|achei|explorei|acabei de (?:pesquisar|consultar|verificar|procurar))';
const CODE = '(?:arquivos|ficheiros|repositorio|codigo(?:-fonte)?|pastas?|diretorio)';

export const PORTUGUESE: DeedPhrases = {
  signs:
    '[a-z]+ei(?:-[a-z]+)?|fiz|acabei|acabamos|tenho|ja|foi|foram|ficou|ficaram|esta|estao|notion|(?:transmit|transfer|exclu|inser|inclu|corrig|resolv|mov|escrev|abr|reabr|remov|atribu|substitu|conclu)i|pesquisa|li|vi|revi',
  verbs: {
    send: `${ar('envi|reenvi|mand|avis|inform|notific|public|report|encaminh|convid|contact|post|alert|comunic', 'envi|reenvi|mand|avis|inform|notifiqu|publiqu|report|encaminh|convid|contact|post|alert|comuniqu')}|${ir('transmit')}`,
    send_create_change: `${ar('carreg', 'carregu')}|fiz (?:o )?upload`,
    change: `${ar('arquiv|renome')}|fiz (?:o )?(?:commit|push|merge)`,
    delete: `${ar('elimin|apag|cancel|anul|revog|desinstal|exclu', 'elimin|apagu|cancel|anul|revogu|desinstal|exclu')}|exclui|excluid[oa]s?`,
    save: '(?:anotei|tomei nota|guardei|memorizei|registei|registrei) (?:que (?:voce|tu|prefere)|isso|isto|para)|memorizei',
    schedule_pay: ar('agend|reserv|program|reagend|marqu'),
    pay: `${ar('pag|compr|transfer|encomend|reembols', 'pagu|compr|transfer|encomend|reembols')}|transferi(?:d[oa]s?)?|(?:fiz|realizei|efetuei|efectuei|processei|realizad[oa]|efetuad[oa]) (?:a |o |uma |um )(?:[a-z]+ )?${PAYMENT}`,
    run: `${ar('reinici|instal|implant|executei os')}|(?:executei|rodei|corri|lancei|iniciei) (?:todos |todas )?(?:os |as |o |a )(?:[a-z]+ ){0,3}(?:testes?|suite|script|build|servidor|comando|migracoes|migracao)|testei (?:o codigo|a funcao|o script|isso|isto)`,
    delegate: ar('deleg', 'delegu'),
  },
  weakVerbs: {
    create: `${ar('cri|ger|duplic|copi', 'cri|ger|dupliqu|copi')}|abri|abert[oa]s?`,
    create_change: `${ar('adicion|acrescent|anex|regist|registr|coloc', 'adicion|acrescent|anex|regist|registr|coloqu')}|inseri(?:d[oa]s?)?|inclui|escrevi|escrit[oa]s?`,
    change: `${ar('atualiz|alter|mud|edit|atribu|marc|ajust|substitu|ativ|desativ|bloque|configur|complet|finaliz|conclu', 'atualiz|alter|mud|edit|marqu|ajust|ativ|desativ|bloque|configur|complet|finaliz')}|movi(?:d[oa]s?)?|corrigi(?:d[oa]s?)?|resolvi(?:d[oa]s?)?|fechei|fechad[oa]s?|reabri|atribui|substitui|conclui`,
    change_delete: `${ar('retir|esvazi|fech', 'retir|esvazi|fech')}|removi|removid[oa]s?`,
    save: ar('guard|salv|armazen'),
    send: ar('compartilh|partilh'),
    approve: ar('aprov|rejeit|aceit|assin|autoriz|confirm|recus'),
  },
  doer: `(?:^|[^a-z])(?:acabei de |acabamos de |tenho |ja )`,
  ownForms:
    '[a-z]+ei(?:-[a-z]+)?(?: .*)?|fiz .*|(?:transmit|transfer|exclu|inser|inclu|corrig|resolv|mov|escrev|abr|reabr|remov|atribu|substitu|conclu)i',
  otherLanguage: 'ich|die|der|das|und|the|and|je|vous',
  passive: `(?:foi|foram|foi ja) (?:${ADVERBS} ){0,2}|(?:ficou|ficaram) (?:${ADVERBS} ){0,2}`,
  state: `(?:esta|estao) (?:${ADVERBS} ){0,2}`,
  yours: 'seu|sua|seus|suas|teu|tua',
  indefinite: 'uma?|uns|umas|cada|qualquer|alguns|algumas',
  now: 'ja|agora',
  adverbs: ADVERBS,
  and: '(?:,|e)',
  shortly: '(?:(?:pronto|feito|certo|sim|ok)[,.:!]* )?ja',
  things:
    'tickets?|tarefas?|chamados?|entradas?|linhas?|registros?|registos?|paginas?|bases? de dados|banco de dados|planilhas?|folhas?|documentos?|arquivos?|ficheiros?|pastas?|diretorios?|repositorios?|branches?|ramos?|pull requests?|commits?|canal|canais|grupos?|eventos?|reuniao|reunioes|compromissos?|calendarios?|agendas?|convites?|lembretes?|alarmes?|contas?|usuarios?|utilizadores?|perfil|permissoes|acesso|senhas?|chaves?|tokens?|configuracao|configuracoes|servidor|servidores|servicos?|assinaturas?|pedidos?|encomendas?|reservas?|faturas?|pagamentos?|despesas?|contatos?|contactos?|clientes?|casos?|projetos?|etiquetas?|status|estado|prazos?|datas? limite|prioridade|listas? de (?:e-?mails?|distribuicao|compras|tarefas)|sites?|blog|notas?|links?|fotos?|imagens?|imagem|anexos?|notion|jira|github|slack|crm|wiki|solicitacao|solicitacoes|ferias|contratos?|alteracoes|mesas?|reembolsos?|[a-z0-9_-]+\\.(?:md|txt|ts|js|py|json|ya?ml|csv|pdf|docx?|xlsx?)|[a-z]{2,6}-\\d+',
  ideas:
    'frases?|paragrafos?|palavras?|virgulas?|textos?|secao|secoes|pontos?|erros?|ortografia|gramatica|codigo|funcao|funcoes|classes?|variaveis|variavel|exemplos?|passos?|etapas?|listas?|tabelas?|formulas?|traducao|traducoes|resumos?|rascunhos?|respostas?|planos?|estruturas?|modelos?|versao|versoes|comparacao|explicacao|titulos?|tom|estilo|calculos?|poemas?|historias?|receitas?|diagramas?|ideias?|nomes?|temas?|comentarios?|descricao|lei',
  pronouns: 'tudo|isso|isto|ambos',
  prepositions: 'a|ao|aos|em|na|no|nas|nos|de|do|da|para|com|por|sobre|e|mas|porque|que|como|aqui',
  places: 'a|ao|aos|em|na|no|nas|nos|de|do|da|para',
  inAnswer: 'abaixo|acima|a seguir|seguinte',
  isOut: '(?:e-?mail|mensagem|convite) (?:ja )?(?:saiu|esta a caminho)',
  unless:
    'se|quando|assim que|uma vez que|que (?:foi|foram|esta)|(?:diz|disse|acho|vejo|vi|entendo|sei|espero|quer|indica|parece) que|verifique|confirme|certifique-se|(?:ele|ela) (?:diz|disse)|parece|aparentemente|talvez|provavelmente|segundo|de acordo com|como se|teria|poderia|antes de',
  denial: 'nao|nunca|jamais|nenhum|nenhuma|nada|ninguem|sem|nem|sera|serao|consegui',
  byOthers:
    'por(?! (?:e-?mail|sms|mensagem|engano))|pel[oa]s?(?! e-?mail)|ontem|em (?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|\\d{4})|na semana passada|no ano passado|ha |\\d{4}(?![\\d-])|quando|se|desde|segundo',
  retold: 'ontem|ja|antes|anteriormente|na semana passada|esta manha|hoje de manha|ha |como (?:disse|eu disse)|da ultima vez',
  asksWhether: '(?:ja |foi |foram |voce |esta )?[a-z]+(?:aste|ou|iu)(?![a-z])',
  looks: {
    web: [
      `${LOOKED} ${NEAR}${WEB}`,
      'fiz uma (?:[a-z]+ )?(?:pesquisa|busca) (?:[a-z]+ )?(?:na|no|pela) (?:internet|web|google)',
      '(?:segundo|de acordo com) (?:a )?minha (?:pesquisa|busca)',
      `(?:abri|visitei|acessei|acedi a) ${NEAR}(?:pagina|site|link|url|artigo)s?`,
    ],
    notion: [
      `${LOOKED} ${NEAR}(?:no |do |na base (?:de dados )?do )?notion`,
      'no notion,? (?:encontrei|ha|vejo|consta)',
      'segundo o notion',
    ],
    files: [`(?:pesquisei|procurei|li|revisei|explorei|analisei|verifiquei) ${NEAR}${CODE}`],
  },
  notDone: 'Não fiz isso: nenhuma das minhas ferramentas o fez.',
  notAllDone: 'Nem tudo está feito: para uma parte não funcionou nenhuma ferramenta minha.',
  notLooked: 'Não consultei isso.',
};
