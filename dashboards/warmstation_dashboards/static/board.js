// A display that hangs on a wall for months. One timer, one request at a time, nothing that grows;
// written for the browsers of old tablets (ES5). It never leaves the page while the network is away.
(function () {
  'use strict';
  var TICK_MS = 5000;
  var ASK_TICKS = 4; // every 20 s
  var TURN_TICKS = 3; // every 15 s
  var PATIENCE_TICKS = 3;
  var LATE_MS = 150000;
  var OLD_MS = 900000; // beyond this a value is no longer known
  var root = document.documentElement;
  var kind = document.body.className;
  var words = JSON.parse(root.getAttribute('data-words'));
  var banner = document.getElementById('offline');
  var pause = document.getElementById('pause');
  var ahead = 0; // how far this device's clock is ahead of the server's, in ms
  var beat = 0;
  var sheet = 0;
  var isPaused = false;
  var isAway = false;
  var isReloading = false;
  var asked = null; // the request that is under way
  var askedAt = 0;

  function all(selector) {
    return Array.prototype.slice.call(document.querySelectorAll(selector));
  }

  function say(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  function serverSays(now) {
    if (isNaN(now)) return;
    var difference = Date.now() - now;
    ahead = Math.abs(difference) > 60000 ? difference : 0;
  }

  function ago(ms) {
    var s = Math.floor(ms / 1000);
    if (s < 1) return words['ago.now'];
    var unit = s < 60 ? 's' : s < 3600 ? 'm' : s < 86400 ? 'h' : 'd';
    var n = Math.floor(s / {s: 1, m: 60, h: 3600, d: 86400}[unit]);
    var forms = words['ago.' + unit].split('|');
    return (n === 1 || forms.length === 1 ? forms[0] : forms[1]).replace('{n}', n);
  }

  function age(time) {
    return Date.now() - ahead - Date.parse(time.getAttribute('datetime'));
  }

  function two(n) {
    return (n < 10 ? '0' : '') + n;
  }

  function show() {
    var now = new Date(Date.now() - ahead + root.getAttribute('data-offset') * 60000);
    say(document.getElementById('clock'), two(now.getUTCHours()) + ':' + two(now.getUTCMinutes()));
    all('time[data-age]').forEach(function (time) { say(time, ago(age(time))); });
    var newest = document.querySelector('#age time');
    var old = newest ? age(newest) : Infinity;
    var line = document.getElementById('age');
    if (line) line.className = old > LATE_MS ? 'updated late' : 'updated';
    say(banner, newest ? words['board.script.away'].replace('{age}', ago(old)) : words['board.script.gone']);
    banner.hidden = !isAway;
    var isOld = newest && old > OLD_MS;
    document.body.className = isOld ? kind + ' forgotten' : kind;
    if (isOld) forget();
  }

  // What was true a quarter of an hour ago is not known now.
  function forget() {
    all('[data-live]').forEach(function (element) { say(element, '?'); });
    all('[data-badge]').forEach(function (element) {
      if (element.className.indexOf('badge') === 0) element.className = 'badge na';
      say(element, '? ' + words['board.script.unknown']);
    });
    all('.bar .fill').forEach(function (element) { element.setAttribute('width', '0'); });
  }

  function turn(by) {
    var sheets = all('.sheet');
    sheet = sheets.length ? (sheet + by) % sheets.length : 0;
    sheets.forEach(function (element, number) { element.hidden = number !== sheet; });
    say(document.getElementById('turn'), (sheet + 1) + ' / ' + sheets.length);
    pause.hidden = sheets.length < 2;
  }

  function ask() {
    if (asked) {
      if (beat - askedAt >= PATIENCE_TICKS) asked.abort();
      return;
    }
    asked = new XMLHttpRequest();
    askedAt = beat;
    asked.onreadystatechange = function () {
      if (!this || this.readyState !== 4 || this !== asked) return;
      asked = null;
      isAway = !(this.status === 200 && swap(this.responseText, this.getResponseHeader('Date')));
      show();
    };
    asked.open('GET', location.href, true);
    asked.setRequestHeader('Cache-Control', 'no-cache'); // what the browser kept is no news
    asked.send();
  }

  function swap(text, date) {
    var page = new DOMParser().parseFromString(text, 'text/html');
    var fresh = page.getElementById('live');
    if (!fresh) return false; // somebody else answered, such as a login page of the network
    if (page.documentElement.getAttribute('data-version') !== root.getAttribute('data-version') && !isReloading) {
      isReloading = true;
      location.reload(); // the server has just answered, so it has the new page too
      return true;
    }
    serverSays(Date.parse(date));
    root.setAttribute('data-offset', page.documentElement.getAttribute('data-offset'));
    document.getElementById('live').innerHTML = fresh.innerHTML;
    turn(0);
    return true;
  }

  function tick() {
    beat += 1;
    if (beat % ASK_TICKS === 0 || asked) ask();
    if (!isPaused && beat % TURN_TICKS === 0) turn(1);
    show();
  }

  pause.onclick = function () {
    isPaused = !isPaused;
    pause.setAttribute('aria-pressed', String(isPaused));
    say(pause, words[isPaused ? 'board.script.resume' : 'board.script.pause']);
  };

  beat = Math.floor(Math.random() * ASK_TICKS); // not all displays of a street ask at once
  all('.sheet').forEach(function (element, number) { if (!element.hidden) sheet = number; });
  serverSays(Date.parse(root.getAttribute('data-rendered')));
  turn(0);
  show();
  setInterval(tick, TICK_MS);
})();
