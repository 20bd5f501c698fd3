// Keeps the alerts of a page fresh: told by the server at most once a second, else by asking.
// What somebody is writing is never taken away from them.
const POLL_MS = 20_000;
const how = document.getElementById('stream');
const SAID_MS = 10_000; // the answer to a form is not swept away by the news that it caused
let stale = false;

function say(key, late) {
  if (!how) return;
  how.classList.toggle('late', late);
  how.querySelector('.how').textContent = how.dataset[key];
}

function isBusy(live) {
  const focus = document.activeElement;
  const writes = live.contains(focus) && focus.matches('input,select,textarea');
  const written = [...live.querySelectorAll('input:not([type=hidden]),textarea')].some((one) => one.value !== one.defaultValue);
  return writes || written;
}

function refresh() {
  const live = document.getElementById('live');
  stale = true;
  if (!live || document.hidden || isBusy(live)) return;
  stale = false;
  const open = [...live.querySelectorAll('details')].map((one) => one.open);
  const said = live.querySelector('.thanks');
  if (said) said.dataset.at ??= Date.now();
  const place = location.pathname;
  window.htmx?.ajax('GET', place, {source: live, target: '#live', select: '#live', swap: 'outerHTML'}).then(() => {
    if (said && Date.now() - said.dataset.at < SAID_MS) document.getElementById('live').prepend(said);
    document.querySelectorAll('#live details').forEach((one, number) => { one.open = open[number] ?? false; });
  });
}

function listen() {
  const live = document.getElementById('live');
  let first = true;
  const source = new EventSource(live.dataset.stream);
  source.onopen = () => say('live', false);
  source.onerror = () => say(navigator.onLine ? 'poll' : 'off', true);
  source.addEventListener('alerts', ({data}) => {
    if (!first && data !== source.known) refresh();
    first = false;
    source.known = data;
  });
  setInterval(() => { if (source.readyState !== EventSource.OPEN || stale) refresh(); }, POLL_MS);
}

addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
listen();
