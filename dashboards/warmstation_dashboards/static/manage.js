// Draws the table of a station's curve with uPlot; the table stays, for whoever cannot see lines.
const plots = [];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const INKS = ['--brand', '--warn', '--ink2', '--bad'];

function read(table) {
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows];
  const times = rows.map((row) => Number(row.dataset.at));
  return heads.map((head, column) => ({
    name: head.textContent.trim(),
    plot: head.dataset.plot,
    isBefore: 'before' in head.dataset,
    times,
    values: rows.map((row) => {
      const said = row.cells[column + 1].dataset.v;
      return said === '' ? null : Number(said);
    }),
  }));
}

const LANGUAGE = document.documentElement.lang === 'en' ? 'en-GB' : document.documentElement.lang;

function clock(at, timeZone) {
  const say = (form) => new Intl.DateTimeFormat(LANGUAGE, {timeZone, ...form}).format(new Date(at * 1e3));
  return {
    day: say({month: 'short', day: 'numeric'}),
    time: say({hour: '2-digit', minute: '2-digit', hourCycle: 'h23'}),
  };
}

function tick(at, zone) {
  const {day, time} = clock(at, zone);
  return time === '00:00' ? day : time;
}

// A curve of a week before has the colour of its own, thin and dotted.
function look(curves, number) {
  const own = curves.slice(0, number + 1).filter((one) => !one.isBefore).length - 1;
  const stroke = colour(INKS[Math.max(0, own) % INKS.length]);
  if (curves[number].isBefore) return {stroke, dash: [2, 3], width: 1.5};
  return {stroke, dash: own ? [8 - 2 * own, 4] : undefined, width: 2};
}

function options(place, curves, table) {
  const {zone} = table.dataset;
  const grid = {stroke: colour('--line'), width: 1};
  const axis = {stroke: colour('--ink2'), grid, ticks: grid, font: '12px sans-serif'};
  const warmth = place.dataset.plot === 'warmth';
  const said = (at) => (at == null ? '' : Object.values(clock(at, zone)).join(' '));
  const {zoom} = table.dataset;
  return {
    width: place.clientWidth,
    height: 180,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), zone),
    cursor: {drag: {x: Boolean(zoom), y: false, setScale: false}},
    hooks: zoom ? {draw: [marks], setSelect: [(plot) => closer(plot, zoom)]} : {},
    scales: {y: {range: (_, low, high) => (warmth
      ? uPlot.rangeNum(low ?? 0, high ?? 1, 0.1, true) : [0, Math.max(1, high ?? 1) * 1.1])}},
    axes: [{...axis, space: 64, values: (_, marks) => marks.map((at) => tick(at, zone))},
      {...axis, size: 48}],
    series: [{label: table.tHead.rows[0].cells[0].textContent, value: (_, at) => said(at)},
      ...curves.map((curve, number) => ({
        label: curve.name,
        ...look(curves, number),
        spanGaps: false,
        value: (_, value, __, at) => (at == null ? '' : value == null ? '?' : value.toFixed(1)),
      }))],
  };
}

// Where something happened: a stroke at the foot of the curve, in the colour of its line in the list.
function marks(plot) {
  const {ctx, bbox} = plot;
  for (const one of document.querySelectorAll('.timeline>[data-at]')) {
    const x = Math.round(plot.valToPos(+one.dataset.at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.fillStyle = colour(`--${one.className}`);
    ctx.fillRect(x - devicePixelRatio, bbox.top + bbox.height - 12 * devicePixelRatio, 2 * devicePixelRatio, 12 * devicePixelRatio);
  }
}

// What was dragged over becomes the page's address: it can be sent on, and the way back is the browser's.
function closer(plot, zoom) {
  const {left, width} = plot.select;
  if (width < 8) return;
  const to = new URL(zoom, location);
  const said = (x) => {
    const at = plot.posToVal(x, 'x');
    const local = uPlot.tzDate(new Date(at * 1e3), document.querySelector('[data-zoom]').dataset.zone);
    const [Y, m, d, H, M] = [local.getFullYear(), local.getMonth() + 1, local.getDate(), local.getHours(), local.getMinutes()]
      .map((part) => String(part).padStart(2, '0'));
    return `${Y}-${m}-${d}T${H}:${M}`;
  };
  for (const [name, x] of Object.entries({from: left, to: left + width})) to.searchParams.set(name, said(x));
  location.assign(to);
}

function draw() {
  while (plots.length) plots.pop().destroy();
  const table = document.querySelector('table[data-curve]');
  if (!table || !window.uPlot) return;
  const curves = read(table);
  for (const place of document.querySelectorAll('.plot')) {
    const own = curves.filter((one) => one.plot === place.dataset.plot
      && one.values.some((value) => value !== null));
    place.closest('figure').hidden = !own.length;
    if (!own.length) continue;
    document.querySelector('.strokes')?.removeAttribute('hidden');
    plots.push(new uPlot(options(place, own, table), [own[0].times, ...own.map((one) => one.values)], place));
  }
}

let waiting;
addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(draw, 200); });
for (const look of ['(prefers-color-scheme: dark)', 'print']) matchMedia(look).addEventListener('change', draw);
document.addEventListener('htmx:afterSettle', draw);
draw();
