// Saves what is typed: 800 ms after the last key and when a field is left. Whatever the server does not
// have yet is kept in this browser, for this person alone, and sent when that can be done, from any page.
const WAIT = 800;
const RETRY = [2000, 5000, 15000, 30000];
const PATIENCE = 20000;
const LARGEST_AT_LEAVING = 60000;
const DONE = [200, 409, 422];
const person = document.body.dataset.person ?? '';
const PREFIX = `typed:${person}:`;
const savers = [];

// ---- What waits in this browser: one entry for each open page, {url, page, fields: {name: {texts, seen, sent}}}.

function read(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

function write(key, entry) {
  try {
    if (Object.keys(entry.fields).length) localStorage.setItem(key, JSON.stringify(entry));
    else localStorage.removeItem(key);
  } catch { return false; } // a browser that keeps nothing still saves to the server
  return true;
}

function entries() {
  try { return Object.keys(localStorage).filter((key) => person && key.startsWith(PREFIX)); } catch { return []; }
}

// An open page holds the lock of its entry; the entry of a closed one is there for the taking.
function hold(key) {
  navigator.locks?.request(key, () => new Promise(() => {}));
}

async function claim(key, take) {
  const whole = async () => {
    const entry = read(key);
    if (entry?.fields) await take(entry);
  };
  if (!navigator.locks) return whole();
  return navigator.locks.request(key, { ifAvailable: true }, (lock) => (lock ? whole() : undefined));
}

// ---- Sending.

let token = document.querySelector('input[name="csrf_token"]')?.value ?? '';

function newToken(value) {
  token = value;
  document.querySelectorAll('input[name="csrf_token"]').forEach((input) => { input.value = value; });
}

// Gives the server's answer, or throws where nobody knows what became of it.
async function post(url, fields, chosen = []) {
  const body = new URLSearchParams({ csrf_token: token });
  const seen = {};
  Object.entries(fields).forEach(([name, field]) => {
    (field.texts.length ? field.texts : ['']).forEach((text) => body.append(name, text));
    if (field.seen !== undefined) seen[name] = field.seen;
  });
  // The version that each text was typed against, so that nobody's text is overwritten unseen.
  if (Object.keys(seen).length) body.append('_versions', JSON.stringify(seen));
  if (chosen.length) body.append('_chosen', JSON.stringify(chosen));
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers: { Accept: 'application/json', 'X-Person': person },
    signal: AbortSignal.timeout(PATIENCE),
    keepalive: body.toString().length < LARGEST_AT_LEAVING,
  });
  if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
  const json = await answer.json();
  if (json.token && json.token !== token) {
    newToken(json.token);
    return post(url, fields, chosen);
  }
  return { ...json, status: answer.status };
}

// The fields of an answer that are not saved.
const left = (answer) => [...(answer.clashes ?? []), ...(answer.refused ?? [])].map(({ field }) => field);

// An entry of a page that is not open. What nobody knows the fate of goes first, word for word.
async function sendEntry(key, entry) {
  const first = Object.entries(entry.fields).filter(([, field]) => field.sent);
  const again = Object.fromEntries(first.map(([name, field]) => [name, { texts: field.sent, seen: field.seen }]));
  const { fields } = entry;
  if (first.length) {
    const answer = await post(entry.url, again);
    first.forEach(([name]) => {
      if (answer.versions?.[name] !== undefined) fields[name] = { texts: fields[name].texts, seen: answer.versions[name] };
    });
  }
  const answer = await post(entry.url, fields);
  if (!DONE.includes(answer.status) || (answer.status !== 200 && !answer.versions)) return;
  const unsaved = left(answer);
  Object.keys(fields).filter((name) => !unsaved.includes(name)).forEach((name) => delete fields[name]);
  write(key, entry);
}

function tell(entry) {
  if (document.querySelector('[data-unsent]')) return;
  const note = document.createElement('p');
  const link = document.createElement('a');
  const [name] = Object.keys(entry.fields);
  note.className = 'cf_message cf_message--warning';
  note.dataset.unsent = '';
  note.setAttribute('role', 'status');
  link.href = `${entry.page}#${name.replaceAll('.', '-')}`;
  link.textContent = 'Open that page';
  note.append('Some of what you typed on another page is not saved yet. It is kept in this browser. ', link);
  document.getElementById('main-content')?.prepend(note);
}

async function sendTheRest(mine) {
  for (const key of entries().filter((found) => !mine(found))) {
    await claim(key, (entry) => sendEntry(key, entry)).catch(() => {}); // there is a next time
    await claim(key, tell);
  }
}

// ---- One form.

const many = (count, one) => `${count} ${one}${count === 1 ? '' : 's'}`;

function element(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function startAutosave(form) {
  const status = form.querySelector('[data-save-status]') ?? document.querySelector('[data-save-status]') ?? element('p', '');
  const counter = element('p', 'cf_waiting');
  const random = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16)).join('');
  const family = `${PREFIX}${form.dataset.autosaveKey ?? form.dataset.autosave}#`;
  const own = family + random;
  const versions = form.elements._versions;
  const waiting = new Set(); // typed here, not known to be with the server
  const clashing = new Map(); // name -> the panel that asks which text stays
  const refused = new Map(); // name -> the text that cannot be kept
  const chosen = new Set(); // names where the person has seen both texts
  let flight = null; // what was sent and not answered: sent again word for word
  let timer = 0;
  let tries = 0;
  let saving = null;
  let isOut = false;
  status.after(counter);

  const controls = (name) => [...form.elements].filter((c) => c.name === name && c.type !== 'file');
  const shown = (name) => controls(name).filter((c) => c.type !== 'hidden');
  const values = (name) => shown(name).filter((c) => !/radio|checkbox/.test(c.type) || c.checked).map((c) => c.value);
  const joined = (texts) => texts.join('\n');
  const seenOf = (name) => (versions ? JSON.parse(versions.value)[name] ?? 0 : undefined);
  const know = (name, number) => {
    if (versions) versions.value = JSON.stringify({ ...JSON.parse(versions.value), [name]: number });
  };

  const put = (name, texts) => {
    const split = texts.length === 1 ? texts[0].split('\n') : texts;
    const fields = shown(name);
    const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(texts[0]);
    const parts = fields.length === 3 && texts.length === 1 && iso ? [Number(iso[3]), Number(iso[2]), iso[1]] : texts;
    fields.forEach((control, i) => {
      if (/radio|checkbox/.test(control.type)) control.checked = split.includes(control.value);
      else control.value = parts[i] ?? '';
      control.dispatchEvent(new Event('input', { bubbles: true }));
    });
  };

  const keep = () => {
    const fields = Object.fromEntries([...waiting].map((name) => {
      const sent = flight?.[name]?.texts;
      return [name, { texts: values(name), seen: seenOf(name), ...(sent && { sent }) }];
    }));
    const page = window.location.pathname + window.location.search;
    const isKept = write(own, { url: form.dataset.autosave, page, fields });
    const where = isKept && person ? 'kept in this browser until then' : 'on this page only: do not close it';
    counter.textContent = waiting.size ? `${many(waiting.size, 'answer')} not saved yet, ${where}.` : '';
  };

  const say = (text, isWorry, ...more) => {
    if (status.textContent !== text || more.length) status.replaceChildren(text, ...more);
    status.classList.toggle('cf_saved--wait', isWorry);
  };

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const signedOut = (answer) => {
    const link = document.createElement('a');
    const [name] = waiting;
    const aim = document.activeElement?.form === form ? document.activeElement.id : shown(name)[0]?.id;
    const here = window.location.pathname + window.location.search + (aim ? `#${aim}` : '');
    link.href = `${answer.sign_in}?next=${encodeURIComponent(here)}`;
    link.textContent = 'Sign in again';
    const [before, after] = answer.message.split('Sign in again');
    if (!isOut) say(before, true, link, after ?? '');
    isOut = true;
  };

  const words = (name, text) => {
    const labels = shown(name).flatMap((c) => [...(c.labels ?? [])].map((label) => [c, label.textContent.trim()]));
    const codes = text.split('\n');
    const listed = shown(name)[0]?.options
      ? [...shown(name)[0].options].filter((o) => codes.includes(o.value)).map((o) => o.textContent.trim())
      : labels.filter(([c]) => /radio|checkbox/.test(c.type) && codes.includes(c.value)).map(([, label]) => label);
    return listed.join('; ') || text || 'Nothing: it was emptied';
  };

  const settle = (name) => {
    clashing.get(name)?.remove();
    clashing.delete(name);
    if (!clashing.size) say('Saved as you chose.', false);
    keep();
    later(0);
  };

  // Both texts at the field, and a choice between them. Nothing is sent for it until one is made.
  function ask({ field: name, theirs, version, message }) {
    const place = shown(name)[0]?.closest('.ds_question');
    if (!place) return;
    const panel = element('div', 'cf_clash');
    const mine = element('div', 'cf_clash__text');
    const other = element('div', 'cf_clash__text', words(name, theirs));
    const buttons = element('div', 'cf_clash__choices');
    const isWriting = shown(name)[0].localName === 'textarea';
    const refresh = () => { mine.textContent = words(name, joined(values(name))); };
    const choose = (label, pick) => {
      const button = element('button', 'ds_button ds_button--secondary ds_button--small', label);
      button.type = 'button';
      button.addEventListener('click', () => {
        know(name, version);
        pick();
        settle(name);
        shown(name)[0].focus();
      });
      buttons.append(button);
    };
    mine.dir = other.dir = 'auto';
    panel.setAttribute('role', 'group');
    panel.setAttribute('aria-label', 'Choose which text stays');
    choose('Keep mine', () => { chosen.add(name); });
    choose('Keep the other', () => { put(name, [theirs]); waiting.delete(name); });
    if (isWriting) {
      choose('Keep both', () => { put(name, [`${theirs}\n\n${joined(values(name))}`]); chosen.add(name); });
    }
    panel.append(
      element('p', 'cf_clash__title', `${message} Both texts are here: choose which one stays.`),
      element('p', 'cf_clash__label', 'Yours'), mine,
      element('p', 'cf_clash__label', 'The other'), other, buttons,
    );
    clashing.get(name)?.remove();
    clashing.set(name, panel);
    place.append(panel);
    place.addEventListener('input', refresh);
    refresh();
  }

  function refuse({ field: name, message }) {
    refused.set(name, joined(values(name)));
    const place = shown(name)[0]?.closest('.ds_question');
    const note = place?.querySelector('[data-refused]') ?? element('p', 'ds_question__error-message');
    const said = [...(place?.querySelectorAll('.ds_question__error-message:not([data-refused])') ?? [])];
    if (said.some((one) => one.textContent.includes(message))) return; // the page says so already
    note.dataset.refused = '';
    note.textContent = message;
    place?.append(note);
  }

  function take(answer, sent) {
    const unsaved = left(answer);
    Object.keys(sent).filter((name) => !unsaved.includes(name)).forEach((name) => {
      if (answer.versions?.[name] !== undefined) know(name, answer.versions[name]);
      chosen.delete(name);
      if (joined(values(name)) === joined(sent[name].texts)) waiting.delete(name);
    });
    answer.refused?.forEach(refuse);
    answer.clashes?.forEach(ask);
    if (clashing.size) say(`${many(clashing.size, 'answer')} changed elsewhere: choose which text stays.`, true);
    else if (refused.size) say(answer.message ?? 'One answer cannot be kept.', true);
    else say(`Saved at ${answer.saved_at}`, false);
  }

  const ready = () => [...waiting].filter((name) => !clashing.has(name) && refused.get(name) !== joined(values(name)));

  async function once() {
    flight ??= Object.fromEntries(ready().map((name) => [name, { texts: values(name), seen: seenOf(name) }]));
    const sent = flight;
    keep();
    const answer = await post(form.dataset.autosave, sent, Object.keys(sent).filter((name) => chosen.has(name))).catch((fault) => {
      if (fault.name !== 'Error') form.dataset.cut = 'yes'; // nothing came back; an Error is the server's own no
      return null;
    });
    if (answer) delete form.dataset.cut;
    if (!answer) {
      say(navigator.onLine ? 'Not saved yet – we will try again' : 'No connection. We save as soon as it is back.', true);
      later(RETRY[Math.min(tries++, RETRY.length - 1)]);
    } else if (answer.status === 401) {
      signedOut(answer);
    } else {
      flight = null;
      tries = 0;
      isOut = false;
      if (answer.status === 200 || answer.versions) take(answer, sent);
      else say(answer.message, true);
      if (DONE.includes(answer.status) && ready().length && (answer.status === 200 || answer.versions)) later(WAIT);
    }
    keep();
    if (!waiting.size) form.dispatchEvent(new Event('saved'));
  }

  function save() {
    clearTimeout(timer);
    if (!saving && (flight || ready().length)) saving = once().finally(() => { saving = null; });
    return saving ?? Promise.resolve();
  }

  const changed = ({ target: { name, type } }) => {
    if (!name || type === 'file' || type === 'hidden') return;
    if (refused.has(name) && refused.get(name) !== joined(values(name))) {
      refused.delete(name);
      shown(name)[0].closest('.ds_question')?.querySelector('[data-refused]')?.remove();
    }
    waiting.add(name);
    keep();
    later(WAIT);
  };

  // What a closed page left comes back into its fields, with the version that it was typed against.
  async function adopt() {
    for (const key of entries().filter((found) => found.startsWith(family) && found !== own)) {
      await claim(key, (entry) => {
        Object.entries(entry.fields).forEach(([name, field]) => {
          if (!controls(name).length) document.dispatchEvent(new CustomEvent('row-wanted', { detail: name }));
          if (!shown(name).length || waiting.has(name)) return;
          if (field.seen !== undefined) know(name, field.seen);
          waiting.add(name);
          put(name, field.texts);
          if (field.sent && !saving) flight = { ...flight, [name]: { texts: field.sent, seen: field.seen } };
          delete entry.fields[name];
        });
        keep();
        write(key, entry);
      });
    }
    await save();
    await sendTheRest((key) => key === own);
  }

  form.addEventListener('input', changed);
  form.addEventListener('change', changed);
  form.addEventListener('focusout', () => { if (waiting.size && tries === 0) later(0); });
  form.addEventListener('submit', (event) => {
    clearTimeout(timer);
    keep();
    if (clashing.size) {
      event.preventDefault();
      const panel = [...clashing.values()][0];
      panel.scrollIntoView({ block: 'center' });
      panel.querySelector('button').focus();
    } else if (saving) { // two answers to one text would stand against each other
      event.preventDefault();
      Promise.race([saving, new Promise((resolve) => { setTimeout(resolve, 3000); })])
        .then(() => { saving = null; clearTimeout(timer); form.requestSubmit(event.submitter); });
    }
  });
  ['online', 'focus', 'pagehide'].forEach((name) => window.addEventListener(name, save));
  document.addEventListener('visibilitychange', save);
  window.addEventListener('online', adopt);
  hold(own);
  savers.push(save);
  adopt();
  setTimeout(adopt, 1500); // a page that was just left may still have held its entry
}

document.querySelectorAll('form[data-autosave]').forEach(startAutosave);
if (!savers.length && person) {
  sendTheRest(() => false);
  window.addEventListener('online', () => sendTheRest(() => false));
}

// Signing out waits a moment for what is not sent; what is then left stays for this person alone.
document.querySelector('form[action$="/sign-out"]')?.addEventListener('submit', (event) => {
  if (!savers.length) return;
  event.preventDefault();
  const enough = new Promise((resolve) => { setTimeout(resolve, 3000); });
  Promise.race([Promise.all(savers.map((save) => save())), enough]).then(() => event.target.submit());
});

// Who comes back from signing in stands in the same field.
const aim = window.location.hash && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
if (aim?.form?.matches('form[data-autosave]')) aim.focus();
