// The workbench without losing one's place: a moved line or a decision replaces the parts that change.
const WAIT = 150; // ms after the last movement
const form = document.querySelector('[data-bench]');
let asked = 0;

function replaceParts(text) {
  const made = new DOMParser().parseFromString(text, 'text/html');
  made.querySelectorAll('[data-part]').forEach((part) => {
    document.getElementById(part.id)?.replaceWith(document.importNode(part, true));
  });
}

async function take(address, options = {}) {
  const turn = (asked += 1);
  const answer = await fetch(address, { ...options, headers: { 'X-Parts': '1' }, credentials: 'same-origin' });
  const text = await answer.text();
  if (turn !== asked) return false;
  if (!text.includes('data-part')) return null; // signed out, or a page of its own
  replaceParts(text);
  if (answer.ok) history.replaceState(null, '', answer.url || address);
  return true;
}

function withScript(address, options) {
  return take(address, options).catch(() => null);
}

function query() {
  const fields = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...fields]) if (!value && name !== 'budget') fields.delete(name);
  return `${form.getAttribute('action') || location.pathname}?${fields}`;
}

async function draw() {
  if ((await withScript(query())) === null) form.submit();
  const most = document.getElementById('bench-sums')?.dataset.most;
  if (most) setMost(Number(most));
}

let slider;
function setMost(most) {
  if (!slider) return;
  slider.max = String(most);
  slider.step = String(Math.max(1, Math.round(most / 1000)));
}

function pounds(text) {
  const typed = text.replace(/[£,\s]/g, '');
  return /^\d+(\.\d{2})?$/.test(typed) ? Number(typed) : null;
}

function startSlider(budget) {
  const box = document.createElement('div');
  box.innerHTML = '<label class="ds_label" for="budget-line">Move the line</label><input class="cf_bench__line" id="budget-line" type="range" min="0">';
  budget.closest('.cf_filter').append(box);
  slider = box.querySelector('input');
  setMost(Number(form.dataset.most));
  slider.value = String(pounds(budget.value) ?? form.dataset.most);
  const say = () => slider.setAttribute('aria-valuetext', `£${Number(slider.value).toLocaleString('en-GB')}`);
  say();
  slider.addEventListener('input', () => {
    budget.value = Number(slider.value).toLocaleString('en-GB');
    say();
    later();
  });
  budget.addEventListener('input', () => {
    const value = pounds(budget.value);
    if (value !== null) slider.value = String(value);
    say();
    later();
  });
}

let timer;
function later() {
  clearTimeout(timer);
  timer = setTimeout(draw, WAIT);
}

function focusOn(hash) {
  const place = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  (place?.querySelector('select') ?? place?.querySelector('a[data-bench-link]'))?.focus();
}

if (form) {
  startSlider(form.querySelector('#budget'));
  form.addEventListener('change', (event) => {
    if (event.target.tagName !== 'SELECT') return;
    if (event.target.name !== 'area') {
      later();
      return;
    }
    form.querySelector('#budget').value = ''; // another area, another sum
    form.submit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    draw();
  });
  document.addEventListener('click', async (event) => {
    const link = event.target.closest('a[data-bench-link]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if ((await withScript(link.href)) === null) location.assign(link.href);
    else focusOn(link.hash);
  });
  document.addEventListener('submit', async (event) => {
    const pin = event.target.closest('[data-bench-pin]');
    if (!pin) return;
    event.preventDefault();
    const place = pin.elements.pin.value;
    if ((await withScript(pin.action, { method: 'POST', body: new FormData(pin) })) === null) {
      pin.submit();
      return;
    }
    focusOn(document.getElementById('pin') ? '#pin' : `#line-${place}`);
  });
}
