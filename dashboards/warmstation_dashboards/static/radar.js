// The stations around as an SVG: north is up, rings are kilometres. The list below says the same.

const SVG = 'http://www.w3.org/2000/svg';
const R = 160;

export function draw(box, here, found, words) {
  const far = found.length ? found[found.length - 1].m : 0;
  const step = [250, 500, 1000, 2000, 5000, 10_000, 50_000].find((m) => m * 3 >= far) ?? far / 3;
  const svg = make('svg', {viewBox: `${-R - 8} ${-R - 8} ${2 * R + 16} ${2 * R + 16}`, role: 'group', 'aria-label': words.radar});
  for (const ring of [1, 2, 3]) {
    svg.append(make('circle', {class: 'ring', r: (R / 3) * ring}));
    if (ring < 3) svg.append(make('text', {x: (R / 3) * ring + 4, y: -4}, step < 1000 ? `${step * ring} m` : `${step * ring / 1000} km`));
  }
  for (const {card, place, m} of [...found].reverse()) {
    const north = (place.latitude - here.latitude) * 111_320;
    const east = Math.sqrt(Math.max(0, m * m - north * north)) * Math.sign(place.longitude - here.longitude);
    const scale = R / (step * 3);
    const source = card.querySelector('h2 a');
    const link = make('a', {href: source.href, 'aria-label': source.textContent});
    link.append(make('circle', {cx: east * scale, cy: -north * scale, r: 12, fill: 'transparent'}));
    link.append(make('circle', {class: `spot ${card.dataset.role}`, cx: east * scale, cy: -north * scale, r: 7}));
    svg.append(link);
  }
  svg.append(make('path', {class: 'me', d: 'M0-11 7 9 0 4-7 9z'}));
  box.replaceChildren(svg);
  box.hidden = false;
}

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}
