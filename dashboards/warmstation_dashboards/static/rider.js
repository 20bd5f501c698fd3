// Starts what a rider's page can do beyond its HTML. Everything here may be missing.
import {follow} from './ages.js';
import {keepFresh} from './fresh.js';

const root = document.documentElement;
const words = JSON.parse(root.dataset.words);

follow(words);
keepFresh(words);

const street = document.getElementById('street');
if (street) street.onchange = () => street.form.requestSubmit();

const near = document.getElementById('near');
if (near && 'geolocation' in navigator && isSecureContext) {
  near.hidden = false;
  near.onclick = async () => (await import('./near.js')).toggle(near, words);
}

if ('serviceWorker' in navigator && isSecureContext) {
  navigator.serviceWorker.register(`/sw.js?v=${root.dataset.version}`).catch(() => {});
  navigator.serviceWorker.ready.then(({active}) => active.postMessage(location.href));
}
