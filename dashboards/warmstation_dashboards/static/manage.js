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

function options(place, curves, table) {
  const {zone} = table.dataset;
  const grid = {stroke: colour('--line'), width: 1};
  const axis = {stroke: colour('--ink2'), grid, ticks: grid, font: '12px sans-serif'};
  const warmth = place.dataset.plot === 'warmth';
  const said = (at) => (at == null ? '' : Object.values(clock(at, zone)).join(' '));
  return {
    width: place.clientWidth,
    height: 180,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), zone),
    cursor: {drag: {x: false, y: false}},
    scales: {y: {range: (_, low, high) => (warmth
      ? uPlot.rangeNum(low ?? 0, high ?? 1, 0.1, true) : [0, Math.max(1, high ?? 1) * 1.1])}},
    axes: [{...axis, space: 64, values: (_, marks) => marks.map((at) => tick(at, zone))},
      {...axis, size: 48}],
    series: [{label: table.tHead.rows[0].cells[0].textContent, value: (_, at) => said(at)},
      ...curves.map((curve, number) => ({
        label: curve.name,
        stroke: colour(INKS[number % INKS.length]),
        dash: number ? [8 - 2 * number, 4] : undefined,
        width: 2,
        spanGaps: false,
        value: (_, value, __, at) => (at == null ? '' : value == null ? '?' : value.toFixed(1)),
      }))],
  };
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
    plots.push(new uPlot(options(place, own, table), [own[0].times, ...own.map((one) => one.values)], place));
  }
}

let waiting;
addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(draw, 200); });
for (const look of ['(prefers-color-scheme: dark)', 'print']) matchMedia(look).addEventListener('change', draw);
document.addEventListener('htmx:afterSettle', draw);
draw();
