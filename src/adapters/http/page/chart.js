import { element } from './markdown.js';
import { plain } from './plain.js';

const HEIGHT = 190;
const DASH = [6, 4];

let loading;
/** uPlot, loaded once, by whoever draws first. It sets styles from its code, and needs one sheet of its own. */
const loadPlot = () => {
  loading ??= import('uplot').then(({ default: Plot }) => {
    document.head.append(element('link', { rel: 'stylesheet', href: '/uplot.css' }));
    return Plot;
  });
  return loading;
};

const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric' });
const both = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/**
 * A chart over time, with its numbers in a table below it. Each series has `words`, and is drawn as a line, or as bars
 * where `bars` is set. `format(value)` makes words of a value; `isWhole`: all values are whole.
 * `show({ at, columns, isLong })`: the steps in seconds since 1970, and for each series a value, or null, for each
 * step.
 */
export const makeChart = ({ name, title, series, format, isWhole, summary }) => {
  const swatches = series.map((_, at) => element('i', { class: `swatch swatch-${at + 1}`, 'aria-hidden': 'true' }));
  const legend = element('ul', { class: 'legend' }, ...series.map(({ words }, at) => element('li', {}, swatches[at], words)));
  const readout = element('p', { class: 'readout', 'aria-hidden': 'true' });
  const canvas = element('div', { class: 'chart-canvas', role: 'img' });
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'From'),
    ...series.map(({ words }) => element('th', { scope: 'col' }, words)),
  );
  const rows = element('tbody', {});
  const table = element('table', { class: 'wide-table' }, element('caption', {}, title), element('thead', {}, head), rows);
  const numbers = element(
    'details',
    { class: 'numbers', 'data-testid': `numbers-${name}` },
    element('summary', {}, 'Numbers'),
    element('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': `Numbers of ${title}` }, table),
  );
  const figure = element(
    'section',
    { class: 'chart', 'data-testid': `chart-${name}`, 'aria-label': title },
    element('h3', {}, title),
    legend,
    canvas,
    readout,
    numbers,
  );
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  let shown;
  let plot;

  const draw = async () => {
    if (!shown || !figure.isConnected) return;
    let Plot;
    try {
      Plot = await loadPlot();
    } catch {
      canvas.hidden = true;
      numbers.open = true;
      return;
    }
    if (!figure.isConnected) return;
    plot?.destroy();
    // The browser resolves colours of the sheet for elements alone.
    const colors = swatches.map((swatch) => getComputedStyle(swatch).color);
    plot = new Plot(
      optionsOf(Plot, { series, colors, format, isWhole, width: widthOf(canvas), shown, ink: inkOf(figure), readout }),
      // A bar of nothing would be drawn as a line.
      [shown.at, ...shown.columns.map((column, at) => (series[at].bars ? column.map((value) => value || null) : column))],
      canvas,
    );
  };

  const resize = new ResizeObserver(() => plot?.setSize({ width: widthOf(canvas), height: HEIGHT }));
  resize.observe(canvas);
  scheme.addEventListener('change', draw);

  return {
    element: figure,
    show: (found) => {
      shown = found;
      canvas.setAttribute('aria-label', plain(`${title}. ${summary(found)} The numbers stand below.`));
      readout.textContent = plain(summary(found));
      showNumbers(rows, found, format);
      void draw();
    },
    close: () => {
      resize.disconnect();
      scheme.removeEventListener('change', draw);
      plot?.destroy();
    },
  };
};

const widthOf = (canvas) => Math.max(200, Math.floor(canvas.clientWidth));
const inkOf = (figure) => {
  const { color } = getComputedStyle(figure);
  return { text: color, line: `color-mix(in srgb, ${color} 18%, transparent)` };
};

/** Half a promise does not wait. */
const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** A value without neighbours is no line, so that it is drawn as a point. */
const aloneIn = ({ data }, series) => {
  const values = data[series];
  return values.flatMap((value, at) =>
    value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null ? [at] : [],
  );
};

const optionsOf = (Plot, { series, colors, format, isWhole, width, shown, ink, readout }) => {
  const { isLong, columns } = shown;
  const axis = {
    stroke: ink.text,
    grid: { stroke: ink.line, width: 1 },
    ticks: { stroke: ink.line, width: 1 },
    font: '12px system-ui, sans-serif',
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
    axes: [
      {
        ...axis,
        space: 70,
        values: (_, splits) => splits.map((at) => (isLong ? day : hour).format(at * 1_000)),
      },
      {
        ...axis,
        size: 62,
        values: (_, splits) => splits.map((value) => format(value)),
        ...(isWhole ? { incrs: WHOLE_STEPS } : {}),
      },
    ],
    series: [
      {},
      ...series.map(({ bars }, at) => ({
        stroke: colors[at],
        width: 2,
        // Who sees no colours tells the second line from the first by its dashes.
        ...(at % 2 === 1 && !bars ? { dash: DASH } : {}),
        ...(bars
          ? { fill: colors[at], paths: Plot.paths.bars({ size: [0.7, 40] }), points: { show: false } }
          : { points: { show: true, size: 6, filter: aloneIn } }),
      })),
    ],
    hooks: {
      setCursor: [
        ({ cursor: { idx }, data }) => {
          if (idx === null || idx === undefined) return;
          const values = series.map(
            ({ words }, at) => `${words}: ${columns[at][idx] === null ? 'not measured' : format(columns[at][idx])}`,
          );
          readout.textContent = plain(`${both.format(data[0][idx] * 1_000)}: ${values.join(', ')}`);
        },
      ],
    },
  };
};

/** Newest first; steps of which nothing is known are left out. */
const showNumbers = (rows, { at, columns }, format) => {
  const steps = at.map((second, step) => [second, columns.map((column) => column[step])]);
  rows.replaceChildren(
    ...steps
      .filter(([, values]) => values.some((value) => value !== null && value !== 0))
      .reverse()
      .map(([second, values]) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, both.format(second * 1_000)),
          ...values.map((value) => element('td', {}, value === null ? '–' : format(value))),
        ),
      ),
  );
  if (rows.childElementCount === 0) rows.append(element('tr', {}, element('td', { colspan: columns.length + 1 }, 'Nothing.')));
};
