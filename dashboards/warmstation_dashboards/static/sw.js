// Keeps the pages a rider has seen, so that they can be read without a network.
// What comes from here carries `x-kept`, and the page says how old its data is.

const VERSION = new URL(location).searchParams.get('v');
const SHELL = `shell-${VERSION}`;
const PAGES = 'pages';
const MOST_PAGES = 30;
const PATIENCE_MS = 5000;
const FILES = ['style.css', 'rider.js', 'ages.js', 'fresh.js', 'near.js', 'radar.js', 'icon.svg'];

addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll(FILES.map((name) => `/static/${VERSION}/${name}`))));
});

addEventListener('activate', (event) => event.waitUntil(takeOver()));

addEventListener('message', (event) => event.waitUntil(keep(new Request(event.data)).catch(() => {})));

addEventListener('fetch', (event) => {
  const {request} = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname.startsWith('/static/')) event.respondWith(fromShell(request));
  else if (isPage(url)) event.respondWith(fromNetwork(request));
});

function isPage({pathname}) {
  return /^(\/en)?\/(stations\/[a-z0-9-]+\/?)?$/.test(pathname);
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith('shell-') && name !== SHELL) await caches.delete(name);
  }
  await clients.claim();
}

async function fromShell(request) {
  const found = await caches.match(request);
  if (found) return found;
  try {
    const response = await fetch(request);
    if (response.ok) return response;
  } catch { /* no network: below */ }
  // A kept page may be older than this worker; today's file of that name serves it.
  const name = new URL(request.url).pathname.split('/').pop();
  return (await caches.match(`/static/${VERSION}/${name}`)) ?? Response.error();
}

async function fromNetwork(request) {
  try {
    return await keep(request);
  } catch {
    const url = new URL(request.url);
    const pages = await caches.open(PAGES);
    const list = url.pathname.startsWith('/en') ? '/en/' : '/';
    for (const one of [request, list, await listOf(pages, list), await listOf(pages, '/')]) {
      const found = one && await pages.match(one, {ignoreVary: true});
      if (found) return marked(found);
    }
    return Response.error();
  }
}

// The list seen last, whatever it was narrowed to.
async function listOf(pages, path) {
  const kept = await pages.keys();
  return kept.reverse().find(({url}) => new URL(url).pathname === path);
}

async function keep(request) {
  const response = await fetch(request.url, {cache: request.cache === 'no-cache' ? 'no-cache' : 'default', signal: AbortSignal.timeout(PATIENCE_MS)});
  const url = new URL(request.url);
  // A list around a position is not kept: nothing on the phone should tell where it was.
  if (response.ok && isPage(url) && !url.searchParams.has('near')) {
    // Whole before it is put: a page that breaks off leaves the one before it.
    const {status, headers} = response;
    const whole = new Response(await response.clone().blob(), {status, headers});
    const pages = await caches.open(PAGES);
    await pages.put(request.url, whole);
    const [oldest, ...others] = await pages.keys();
    if (others.length >= MOST_PAGES) await pages.delete(oldest);
  }
  return response;
}

function marked(response) {
  const headers = new Headers(response.headers);
  headers.set('x-kept', '1');
  return new Response(response.body, {status: response.status, headers});
}
