// Starts what a page asks for by its data attributes. Every page works without this file.
const all = (selector, start) => document.querySelectorAll(selector).forEach(start);

// Python's str.split() and this agree on what parts two words.
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

function countWords(text) {
  return text.split(SPACE).filter(Boolean).length;
}

function words(count) {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? 'word' : 'words'}`;
}

function startWordCount(box) {
  const field = box.querySelector('textarea, input');
  const message = box.querySelector('.ds_input__message');
  const most = Number(box.dataset.wordCount);
  const show = () => {
    const left = most - countWords(field.value);
    box.dataset.over = String(left < 0);
    message.textContent = left < 0 ? `You have ${words(-left)} too many` : `You have ${words(left)} left`;
  };
  field.addEventListener('input', show);
  message.setAttribute('aria-live', 'polite');
  if (field.value) show();
}

// A question that depends on an earlier answer is out of sight until it is asked.
function startShowWhen(question) {
  const values = question.dataset.showValues.split('|');
  const controls = [...document.getElementsByName(question.dataset.showWhen)];
  const show = () => {
    const chosen = controls.filter((c) => (/radio|checkbox/.test(c.type) ? c.checked : c.type !== 'hidden'));
    question.hidden = !chosen.some((c) => values.includes(c.value));
  };
  controls.forEach((control) => control.addEventListener('change', show));
  if (controls.length) show();
}

// Asks before a page with unsaved work is left.
function startGuard(form) {
  let changed = false;
  form.addEventListener('input', () => { changed = true; });
  form.addEventListener('submit', () => { changed = false; });
  form.addEventListener('saved', () => { changed = false; });
  window.addEventListener('beforeunload', (event) => { if (changed) event.preventDefault(); });
}

// A form that cannot be sent stays where it is: the browser's own page of failure would hide what was typed.
function startLineGuard() {
  let isSure = false;
  document.addEventListener('submit', (event) => {
    const { target: form, submitter } = event;
    const isCut = !navigator.onLine || form.dataset.cut;
    if (isSure || !isCut || form.getAttribute('method') !== 'post' || !form.closest('main')) return;
    event.preventDefault();
    event.stopPropagation(); // no other listener takes it for sent
    fetch('/health', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(5000) }).then(() => {
      isSure = true;
      try { form.requestSubmit(submitter); } finally { isSure = false; }
    }, () => tellCut(form, submitter));
  }, true);
}

function tellCut(form, submitter) {
  const note = form.querySelector('[data-line]') ?? document.createElement('p');
  note.className = 'cf_message cf_message--warning';
  note.dataset.line = '';
  note.setAttribute('role', 'alert');
  note.textContent = 'No connection, so nothing was sent. What you typed is still here. Press the button again when the connection is back.';
  (submitter?.closest('.cf_actions') ?? submitter ?? form.lastElementChild).before(note);
  note.scrollIntoView({ block: 'nearest' });
}

// Up and down through a list, Enter to open.
function startList(body) {
  const links = () => [...body.querySelectorAll('tr th a, tr td:first-child a')];
  body.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = links().indexOf(document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    links()[here + step]?.focus();
  });
}

function startDesignSystem() {
  if (!document.querySelector('[data-module^="ds-"]')) return;
  // One by one: starting all of them also starts a tracking layer.
  import('./vendor/design-system-4.2.0/design-system.js').then(({ default: DS }) => {
    all('[data-module="ds-character-count"]', (e) => new DS.components.CharacterCount(e).init());
    all('[data-module="ds-accordion"]', (e) => new DS.components.Accordion(e).init());
    all('[data-module="ds-checkboxes"]', (e) => new DS.components.Checkboxes(e).init());
  });
}

document.documentElement.classList.replace('no-js', 'js-enabled');
document.getElementById('error-summary')?.focus();
all('[data-word-count]', startWordCount);
all('[data-show-when]', startShowWhen);
startLineGuard();
all('form[data-guard]', startGuard);
document.addEventListener('row-added', ({ target: row }) => {
  row.querySelectorAll('[data-word-count]').forEach(startWordCount);
  row.querySelectorAll('[data-show-when]').forEach(startShowWhen);
});
all('[data-list]', startList);
all('[data-print]', (button) => button.addEventListener('click', () => window.print()));
all('[data-refresh]', (box) => setTimeout(() => window.location.reload(), 1000 * box.dataset.refresh));
startDesignSystem();
