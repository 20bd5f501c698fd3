// Fetches the page again, with jitter and on waking, and says when there is no network.
import {count, serverSays} from './ages.js';

const EVERY_MS = 20_000;
const AGAIN_MS = 4_000; // while there is no network
const banner = document.getElementById('offline');
let address = location.href;
let arranged = () => {};
let last = Date.now();
let timer;
let words;

export function keepFresh(said) {
  words = said;
  if (!document.getElementById('live')) return;
  narrow(document);
  addEventListener('online', refresh);
  addEventListener('offline', () => offline(true));
  document.addEventListener('visibilitychange', () => document.hidden || Date.now() - last < 5000 || refresh());
  if (!navigator.onLine) offline(true);
  // What the cache gave on this load is told apart by asking again at once.
  if (performance.getEntriesByType('navigation')[0]?.workerStart) refresh();
  else plan();
}

// From now on another address is fetched, and `arrange` is called on what came.
export function look(at, arrange) {
  address = at;
  arranged = arrange;
  return refresh();
}

function plan(ms = EVERY_MS) {
  clearTimeout(timer);
  timer = setTimeout(() => (document.hidden ? plan() : refresh()), ms * (0.75 + Math.random() / 2));
}

async function refresh() {
  last = Date.now();
  plan();
  try {
    const response = await fetch(address, {cache: 'no-cache'});
    const isKept = response.headers.has('x-kept');
    if (!isKept) serverSays(Date.parse(response.headers.get('date')));
    if (response.ok) swap(new DOMParser().parseFromString(await response.text(), 'text/html'));
    offline(isKept || !response.ok);
    if (isKept) plan(AGAIN_MS);
    return !isKept;
  } catch {
    offline(true);
    plan(AGAIN_MS);
    return false;
  }
}

function swap(page) {
  for (const id of ['live', 'age']) {
    const now = document.getElementById(id);
    const next = page.getElementById(id);
    if (!now || !next || now.innerHTML === next.innerHTML) continue;
    const focused = now.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    const opened = now.querySelector('details')?.open;
    now.replaceChildren(...next.childNodes);
    if (opened) now.querySelector('details').open = true;
    if (focused) now.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({preventScroll: true});
  }
  narrow(page);
  count(words);
  arranged();
}

// Without a network the list seen last stands in for what was asked: it is searched here.
function narrow(page) {
  const field = document.getElementById('q');
  const asked = new URLSearchParams(location.search).get('q')?.trim();
  if (!field || !asked || page.getElementById('q').getAttribute('value')) return;
  field.value = asked;
  const parts = asked.normalize('NFKC').toLowerCase().split(/\s+/);
  const cards = [...document.querySelectorAll('#cards>li')];
  for (const card of cards) {
    card.hidden = !parts.every((part) => card.dataset.find.includes(part));
  }
  const found = {name: asked, n: cards.filter((card) => !card.hidden).length, of: cards.length};
  document.querySelector('.count').textContent = words['offline.found'].replace(/{(\w+)}/g, (_, key) => found[key]);
}

// The age in it counts up as all others do; it is not read aloud again with each second.
function offline(isOffline) {
  const newest = document.querySelector('#age time');
  if (isOffline && banner.dataset.of !== String(newest?.dateTime)) {
    banner.dataset.of = newest?.dateTime;
    const age = newest?.cloneNode();
    age?.setAttribute('aria-live', 'off');
    const said = newest ? words.offline : words['offline.nothing'];
    banner.replaceChildren(...said.split(/({age})/).map((part) => (part === '{age}' ? age : part)));
    count(words);
  }
  banner.hidden = !isOffline;
}
