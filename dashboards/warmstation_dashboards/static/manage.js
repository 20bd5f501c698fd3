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

function options(place, curves, zone) {
  const grid = {stroke: colour('--line'), width: 1};
  const axis = {stroke: colour('--ink2'), grid, ticks: grid, font: '12px sans-serif'};
  return {
    width: place.clientWidth,
    height: 180,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), zone),
    cursor: {drag: {x: false, y: false}},
    axes: [{...axis, space: 70}, {...axis, size: 44}],
    fmtDate: () => ({MM, DD, HH, mm}) => `${MM}-${DD} ${HH}:${mm}`,
    series: [{value: '{MM}-{DD} {HH}:{mm}'}, ...curves.map((curve, number) => ({
      label: curve.name,
      stroke: colour(INKS[number % INKS.length]),
      dash: number ? [8 - 2 * number, 4] : undefined,
      width: 2,
      spanGaps: false,
      value: (_, value) => (value == null ? '?' : value.toFixed(1)),
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
    const said = options(place, own, table.dataset.zone);
    delete said.fmtDate;
    plots.push(new uPlot(said, [own[0].times, ...own.map((one) => one.values)], place));
  }
}

let waiting;
addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(draw, 200); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
document.addEventListener('htmx:afterSettle', draw);
draw();
