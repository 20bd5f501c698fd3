// Nearest first. The phone rounds its position to about 1 km before it asks for the stations
// around, and works out the exact distances itself: the exact position never leaves it.
import {look} from './fresh.js';
import {draw} from './radar.js';

let here = null;

export function toggle(button, words) {
  if (here) return off(button);
  const message = document.getElementById('near-message');
  message.textContent = words['near.asking'];
  navigator.geolocation.getCurrentPosition(
    ({coords}) => {
      message.textContent = '';
      here = coords;
      button.setAttribute('aria-pressed', 'true');
      look(around(coords), () => here && arrange(words));
    },
    ({code}) => { message.textContent = words[code === 1 ? 'near.refused' : 'near.failed']; },
    {maximumAge: 60_000, timeout: 15_000},
  );
}

export function metres(a, b) {
  const east = (b.longitude - a.longitude) * Math.cos(((a.latitude + b.latitude) / 2) * Math.PI / 180);
  return Math.hypot(east, b.latitude - a.latitude) * 111_320;
}

function off(button) {
  here = null;
  button.setAttribute('aria-pressed', 'false');
  document.getElementById('radar').hidden = true;
  look(location.href, () => {});
}

function around({latitude, longitude}) {
  const url = new URL(location.href);
  url.searchParams.set('near', `${latitude.toFixed(2)},${longitude.toFixed(2)}`);
  return url;
}

function arrange(words) {
  const list = document.getElementById('cards');
  const found = [...list.children].map((card) => ({
    card,
    place: {latitude: +card.dataset.lat, longitude: +card.dataset.lon},
  }));
  for (const one of found) {
    one.m = metres(here, one.place);
    const text = one.card.querySelector('.distance');
    text.textContent = distance(one.m);
    text.hidden = false;
  }
  found.sort((a, b) => a.m - b.m);
  list.append(...found.map(({card}) => card));
  draw(document.getElementById('radar'), here, found, words);
}

function distance(m) {
  return m < 1000 ? `${Math.round(m)} m` : `${(m / 1000).toFixed(m < 10_000 ? 1 : 0)} km`;
}
