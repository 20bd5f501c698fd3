// What somebody sent after their session had ended comes back into the form when they are signed in
// again. It stays in this tab, and never holds a password.
const KEY = 'warmstation-draft';
const FIELDS = 'input:not([type=hidden],[type=password],[type=checkbox],[type=radio]),textarea,select';
const DOOR = /\/login$/;

function fields(form) {
  return [...form.elements].filter((one) => one.name && one.matches(FIELDS));
}

function keep({target: form}) {
  if (form.method !== 'post' || form.querySelector('[type=password]')) return;
  const written = fields(form).map((one) => [one.name, one.value]);
  const to = form.getAttribute('action');
  sessionStorage.setItem(KEY, JSON.stringify({place: location.pathname, to, written}));
}

function giveBack({place, to, written}) {
  if (place !== location.pathname) return;
  const form = [...document.forms].find((one) => one.getAttribute('action') === to && fields(one).length);
  if (!form) return;
  const values = new Map(written);
  for (const one of fields(form)) if (values.has(one.name)) one.value = values.get(one.name);
  for (let at = form; at; at = at.parentElement) if (at.matches('details')) at.open = true;
  form.scrollIntoView({block: 'center'});
}

function arrive() {
  if (DOOR.test(location.pathname)) return;
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (kept && document.referrer && DOOR.test(new URL(document.referrer).pathname)) giveBack(JSON.parse(kept));
}

document.addEventListener('submit', keep, true);
document.addEventListener('htmx:afterRequest', ({detail}) => {
  if (detail.successful) sessionStorage.removeItem(KEY);
});
arrive();
