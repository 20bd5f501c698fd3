// What every staff page can do beyond its HTML: ages that count up, and word of a lost network.
import {follow} from './ages.js';
import './drafts.js';

follow(JSON.parse(document.documentElement.dataset.words));

const banner = document.getElementById('offline');
const tell = () => { banner.hidden = navigator.onLine; };
addEventListener('online', tell);
addEventListener('offline', tell);
tell();
