import type { DeedPhrases } from '../deed-phrases.ts';

const ADVERBS =
  '(?:ya|también|ahora|recién|correctamente|finalmente|además|luego|entonces|inmediatamente|rápidamente|bien|todos|todas|de nuevo|otra vez)';
const CLITICS = '(?:(?:te|le|les|os|lo|la|los|las|se|me|nos) )';
const HE = `(?:${CLITICS}{0,3}(?:he|hemos) |acab(?:o|amos) de )`;
/** A verb in `-ar`: `envié`, `enviado`, `enviarle`, `envió`, `enviaron`; before `é` it may be spelled otherwise. */
const ar = (stems: string, before = stems): string => `(?:${stems})(?:ad[oa]s?|ar(?:le|les|te|lo|la|los|las|se)?|ó|aron)|(?:${before})é`;
const ir = (stems: string): string => `(?:${stems})(?:í|id[oa]s?|ir(?:le|les|te|lo|la)?|ió|ieron)`;
const OWN = '[a-záéíóúñ]+(?:é|í)(?: .*)?|hice .*|puse.*|dije .*|di .*|hecho .*|lo hice|hizo';
const PAYMENT = '(?:transferencia|pago|compra|pedido|reserva|reembolso|donación|depósito)';
const WEB = '(?:en (?:la )?(?:internet|web|red|google|bing)|por internet|en línea|online)';
const LOOKED =
  '(?:busqué|buscado|buscar|encontré|encontrado|consulté|consultado|consultar|revisé|revisado|revisar|miré|mirado|mirar|leí|leído|leer|vi|visto|verifiqué|verificado|comprobé|comprobado|exploré|explorado|hallé|investigué|investigado)';
const NEAR = '(?:(?!no |nunca )[a-záéíóúñ0-9-]{1,30} ){0,6}';
const CODE = '(?:archivos|ficheros|repositorio|código fuente|código base|carpetas?|directorio)';
const MINE = `(?:${HE}(?:${ADVERBS} )*)?`;

export const SPANISH: DeedPhrases = {
  signs:
    'mi|según|[a-záéíóúñ]+[éí]|he|hemos|hice|puse|di|acabo|acabamos|ha|han|fue|fueron|se|quedó|quedaron|queda|quedan|está|están|ya|recién|notion|búsqueda|tras|vi',
  keepsAccents: true,
  verbs: {
    send: `${ar('envi|reenvi|mand|avis|inform|report|invit|contact|poste|alert|envi')}|${ar('notific|public|comunic', 'notifiqu|publiqu|comuniqu')}|${ir('transmit|remit')}|(?:escrito|escribí|respondido|respondí|llamado|llamé|dicho|dije|pedido|pedí) al?|dado de (?:baja|alta)|di de (?:baja|alta)|hecho llegar|hice llegar`,
    send_create_change: `${ir('sub')}|${ar('carg', 'cargu')}`,
    send_create_change_delete_save_schedule_approve_pay_run_delegate:
      '(?:lo (?:he )?(?:hecho|hice))|(?:me (?:he )?(?:encargado|ocupado)|me (?:encargué|ocupé)) de',
    change: `(?:di|dado|dimos) (?:a [a-záéíóúñ]+ )?(?:acceso|permiso)|${ar('archiv|renombr|silenci')}|(?:fij(?:é|ado)) el mensaje|vuelto a abrir|terminado de migrar|(?:puesto|puse) [a-záéíóúñ ]{1,30} en silencio|(?:hice|hecho|hacer) (?:el |un )?(?:commit|push)`,
    change_approve: `${ar('fusion')}|(?:hice|hecho) (?:el )?merge`,
    delete: ar('elimin|borr|cancel|anul|revoc|desinstal', 'elimin|borr|cancel|anul|revoqu|desinstal'),
    save: `${ar('memoriz', 'memoric')}|(?:anotado|anoté|apuntado|apunté|tomado nota|tomé nota) (?:de )?(?:que (?:te|prefieres|quieres|eres|tu|usted)|eso|esto|tu|su|para)|(?:guardado|guardé|añadido|añadí|agregado|agregué) (?:[a-záéíóúñ]+ ){0,5}en (?:mi |la )?memoria|tomado nota|tomé nota|(?:apuntado|apunté|anotado|anoté) en mi memoria`,
    schedule_pay: `${ar('program|reserv|agend|reprogram')}`,
    pay: `${ar('pag|compr|abon|encarg', 'pagu|compr|abon|encargu')}|${ir('transfer|transfir')}|${ar('reembols')}|${ar('don')}|(?:pedido|pedí) (?:el|la|los|las|un|una)|(?:hecho|hice|realizado|realicé|realizó|efectuado|efectué|procesado|procesé|emitido|emití) (?:la |el |una |un |tu |su )(?:[a-záéíóúñ]+ )?${PAYMENT}`,
    run: `${ar('reinici|instal|despleg', 'reinici|instal|desplegu')}|(?:ejecutado|ejecuté|ejecutar|corrido|corrí|lanzado|lancé|iniciado|inicié|pasado|pasé) (?:todas? |todos )?(?:las |los |la |el |tus |tu |un |una )(?:[a-záéíóúñ]+ ){0,3}(?:pruebas?|tests?|suite|script|compilación|servidor|comando|migración|migraciones|build)|(?:hice|hecho) una copia de seguridad|${ar('descarg', 'descargu')}|(?:probado|probé) (?:el endpoint|la api|la app|el formulario|el código|la función|el script|el cambio|eso|esto)`,
    delegate: ar('deleg', 'delegu'),
  },
  weakVerbs: {
    create: `${ar('cre|gener|duplic|copi', 'cre|gener|dupliqu|copi')}|${ir('abr')}|abiert[oa]s?`,
    create_change: `${ar('agreg|anot|apunt|registr|insert|adjunt|ingres|coloc', 'agregu|anot|apunt|registr|insert|adjunt|ingres|coloqu')}|${ir('añad|escrib|inclu')}|(?:dejé|dejado) (?:un|una|mi) (?:comentario|nota|mensaje|reseña)|escrit[oa]s?|puse|puest[oa]s?|(?:hice|hecho) una copia|(?:dejé|dejado) todo`,
    change: `${ar('actualiz|modific|cambi|edit|asign|marc|report|ajust|arregl|reemplaz|activ|desactiv|bloque|configur|complet|finaliz|aplaz|realiz', 'actualic|modifiqu|cambi|edit|asign|marqu|ajust|arregl|reemplac|activ|desactiv|bloque|configur|complet|finalic|aplac')}|(?:restablec)(?:í|ió|id[oa]s?|er)|(?:mov|correg|resolv)(?:í|ió|ieron|id[oa]s?|er|ir)|resuelt[oa]s?|(?:cerr)(?:é|ó|aron|ad[oa]s?|ar)|reabiert[oa]s?|reabrí|puest[oa]s? al día|${ir('extend')}`,
    change_delete: `${ar('quit|retir|vaci')}|cerré|cerrad[oa]s?`,
    save: ar('guard|almacen'),
    send: ir('compart'),
    schedule: ar('fij|plane|planific', 'fij|plane|planifiqu'),
    approve: `${ar('aprob|rechaz|acept|firm|autoriz|confirm|deneg', 'aprob|rechac|acept|firm|autoric|confirm|denegu')}`,
    pay: 'realizado|efectuado|procesado|hizo|hecha',
  },
  doer: `(?:^|[^a-záéíóúñ])${HE}`,
  ownForms: OWN,
  otherLanguage: "je|j'[a-zé]+|vous|les|des|est|et|ich|the|and",
  passive: `(?:ha|han) sido (?:${ADVERBS} ){0,2}|(?:fue|fueron) (?:${ADVERBS} ){0,2}|se (?:me |te |le )?(?:ha |han )?(?:${ADVERBS} ){0,2}|(?:quedó|quedaron|queda|quedan) (?:${ADVERBS} ){0,2}`,
  state: `(?:está|están) (?:${ADVERBS} ){0,2}`,
  yours: 'tu|tus|su|sus|vuestr[oa]s?',
  indefinite: 'una?|unos|unas|cada|cualquier|algunos|algunas',
  now: 'ya|ahora',
  adverbs: ADVERBS,
  and: '(?:,|y|e|luego)',
  shortly: '(?:(?:listo|hecho|vale|claro|sí|ok)[,.:!]* )?(?:ya|recién)',
  things:
    'tickets?|tareas?|incidencias?|informes? de error|entradas?|filas?|registros?|páginas?|bases? de datos|hojas?|documentos?|archivos?|ficheros?|carpetas?|directorios?|repositorios?|ramas?|pull requests?|commits?|canal|canales|grupos?|eventos?|reuniones|reunión|citas?|calendarios?|agendas?|invitaciones|invitación|recordatorios?|alarmas?|temporizador|cuentas?|usuarios?|perfil|perfiles|permisos?|acceso|contraseñas?|claves?|tokens?|ajustes|dirección|configuración|servidor|servidores|servicios?|suscripciones|suscripción|pedidos?|reservas?|facturas?|pagos?|gastos?|contactos?|clientes?|casos?|tarjetas?|proyectos?|espacios? de trabajo|etiquetas?|estados?|fechas? límites?|plazos?|prioridad|listas? de (?:correo|distribución|la compra|tareas)|sitios?|blog|publicaciones|notas?|enlaces?|marcadores|fotos?|imágenes|adjuntos?|notion|jira|github|slack|crm|archivo|wiki|comentarios?|suscripción|asistencia|copias?|formularios?|problemas?|permisos?|transferencias?|precios?|solicitud|solicitudes|vacaciones|contratos?|cambios?|mesas?|reembolsos?|[a-z0-9_-]+\\.(?:md|txt|ts|js|py|json|ya?ml|csv|pdf|docx?|xlsx?)|[a-z]{2,6}-\\d+',
  ideas:
    'frases?|párrafos?|palabras?|comas?|redacción|textos?|secciones|sección|puntos?|erratas?|ortografía|gramática|código|función|funciones|clases?|variables?|ejemplos?|pasos?|listas?|tablas?|fórmulas?|traducción|traducciones|resumen|resúmenes|borrador|respuestas?|esquemas?|planes|plan|estructuras?|plantillas?|versión|versiones|comparación|explicación|títulos?|tono|estilo|cálculos?|guion|poemas?|historias?|recetas?|diagramas?|suposición|opinión|error|errores|propuestas?|ideas?|temas?|descripción|ley',
  pronouns: 'todo|eso|esto|ambos|los dos',
  prepositions: 'a|al|en|de|del|para|con|por|sobre|y|pero|porque|que|como|aquí|según',
  places: 'a|al|en|de|del|desde',
  inAnswer: 'abajo|arriba|a continuación|aquí (?:está|están|tienes)|siguiente',
  isOut: '(?:correo|mensaje|invitación|factura)s? (?:ya )?(?:salió|salieron|está en camino|ha salido)',
  unless:
    'si|cuando|en cuanto|una vez|comprueba|verifica|asegúrate|que (?:fue|fueron|ha sido|han sido|se)|(?:dice|dijo|creo|supongo|veo|vi|entiendo|sé|espero|quieres|quiere|indica|señala|menciona|afirma|parece) que|(?:él|ella|tom) (?:dice|escribe|afirma)|parece|al parecer|aparentemente|quizás?|tal vez|probablemente|seguramente|según(?! mi)|como si|habría|hubiera|podría|antes de',
  denial: 'no|nunca|jamás|ningún|ninguna|nada|nadie|sin|ni|será|serán|pude',
  byOthers:
    'por(?! (?:correo|e-?mail|sms|mensaje|defecto|error)(?![a-z]))|ayer|anteayer|en (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|\\d{4})|el (?:año|mes) pasado|la semana pasada|hace|\\d{4}(?![\\d-])|cuando|si|desde|según',
  retold: 'ayer|ya|antes|anteriormente|la semana pasada|esta mañana|hace|como (?:dije|te dije|mencioné)|la última vez',
  asksWhether: '(?:has|ha|habéis|han|fue|fueron|está) |[a-záéíóúñ]+(?:aste|iste|ó)(?![a-z])',
  looks: {
    web: [
      `${MINE}${LOOKED} ${NEAR}${WEB}`,
      `(?:hice|hecho|realicé|realizado) (?:una |unas )?(?:[a-záéíóúñ]+ )?búsquedas? (?:[a-záéíóúñ]+ ){0,2}(?:en|por) (?:la )?(?:web|internet|google|red)`,
      '(?:según|de acuerdo con|tras) (?:mi|una|nuestra) (?:[a-záéíóúñ]+ )?búsqueda (?:[a-záéíóúñ]+ )?(?:en|web|por|de google)',
      '(?:mi|una) búsqueda (?:en internet|en la web|web|en google) (?:dio|arrojó|muestra|mostró|encontró|dice|no)',
      `(?:abrí|he abierto|visité|he visitado|accedí a|he accedido a|entré en|consulté|miré en|revisé) ${NEAR}(?:página|sitio|web|enlace|url|artículo)s?`,
      `${WEB},? (?:encontré|vi|leí|he encontrado)`,
      `(?:leí|he leído) ${NEAR}(?:enlace|sitio web|página web)`,
      '(?:googleé|he googleado|busqué en google)',
    ],
    notion: [
      `${MINE}${LOOKED} ${NEAR}(?:en |de )?notion`,
      'según (?:la base (?:de datos )?(?:de )?|la página de )?notion',
      'en notion,? (?:encontré|he encontrado|hay|veo|vi|aparece|aparecen|dice)',
    ],
    data: [`${MINE}${LOOKED} ${NEAR}(?:calendario|agenda|bandeja de entrada|correos|base de datos|crm|jira|slack)`],
    files: [
      `${MINE}(?:busqué|buscado|revisé|revisado|leí|leído|examiné|exploré|explorado|analicé) ${NEAR}(?:en |todos |todo |los |el |las |la )*${CODE}`,
    ],
  },
  notDone: 'No lo he hecho: ninguna de mis herramientas lo ha hecho.',
  notAllDone: 'No todo está hecho: para una parte no funcionó ninguna de mis herramientas.',
  notLooked: 'No lo he consultado.',
};
