// Counts ages up. The age is the data's: a page that lies open, or comes from the cache, shows it grow.

let ahead = 0; // how far this phone's clock is ahead of the server's, in ms

export function serverSays(now) {
  if (!Number.isFinite(now)) return;
  const difference = Date.now() - now;
  ahead = Math.abs(difference) > 60_000 ? difference : 0;
}

export function ago(at, words) {
  const s = Math.floor((Date.now() - ahead - Date.parse(at)) / 1000);
  if (s < 1) return words['ago.now'];
  const [unit, n] = s < 60 ? ['s', s] : s < 3600 ? ['m', s / 60] : s < 86400 ? ['h', s / 3600] : ['d', s / 86400];
  const [one, many] = words[`ago.${unit}`].split('|');
  const count = Math.floor(n);
  return (count === 1 ? one : many ?? one).replace('{n}', count);
}

export function count(words) {
  for (const time of document.querySelectorAll('time[data-age]')) {
    const text = ago(time.dateTime, words);
    if (time.textContent !== text) time.textContent = text;
  }
  const newest = document.querySelector('#age time');
  if (newest) {
    const late = Date.now() - ahead - Date.parse(newest.dateTime) > 150_000;
    newest.closest('.updated').classList.toggle('late', late);
  }
}

export function follow(words) {
  // A page rendered in the phone's future means that the phone's clock is behind.
  const rendered = Date.parse(document.documentElement.dataset.rendered);
  if (rendered - Date.now() > 60_000) serverSays(rendered);
  count(words);
  setInterval(() => document.hidden || count(words), 1000);
}
