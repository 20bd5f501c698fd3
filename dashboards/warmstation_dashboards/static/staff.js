// What every staff page can do beyond its HTML: ages that count up, and word of a lost network.
import {follow} from './ages.js';
import './drafts.js';

// A form that was refused is shown where it was sent to; the page is elsewhere.
const {here} = document.documentElement.dataset;
if (here !== location.pathname) history.replaceState(null, '', here);

follow(JSON.parse(document.documentElement.dataset.words));

const banner = document.getElementById('offline');
const tell = () => { banner.hidden = navigator.onLine; };
addEventListener('online', tell);
addEventListener('offline', tell);
tell();
