// Saves what is typed: 800 ms after the last key and when a field is left. Whatever is not saved yet
// is kept in this browser and put back when the page is opened again.
const WAIT = 800;
const RETRY = [2000, 5000, 15000, 30000];
const NOT_YET = 'Not saved yet – we will try again';

function startAutosave(form) {
  const status = document.querySelector('[data-save-status]') ?? document.createElement('p');
  const store = `autosave:${form.dataset.autosaveKey ?? form.dataset.autosave}`;
  const waiting = new Set();
  let timer = 0;
  let tries = 0;
  let busy = false;

  const controls = (name) => [...form.elements].filter((c) => c.name === name && c.type !== 'file');
  const values = (name) => controls(name)
    .filter((c) => c.type !== 'hidden' && (!/radio|checkbox/.test(c.type) || c.checked))
    .map((c) => c.value);

  const say = (text, worried) => {
    status.textContent = text;
    status.classList.toggle('cf_saved--wait', worried);
  };

  const keep = () => {
    try {
      const kept = Object.fromEntries([...waiting].map((name) => [name, values(name)]));
      if (waiting.size) localStorage.setItem(store, JSON.stringify(kept));
      else localStorage.removeItem(store);
    } catch { /* a browser that keeps nothing still saves to the server */ }
  };

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  async function send(names) {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token?.value ?? '' });
    names.forEach((name) => {
      const found = values(name);
      (found.length ? found : ['']).forEach((value) => body.append(name, value));
    });
    // The version of each answer as this page knows it, so that nobody's text is overwritten unseen.
    const seen = form.elements._versions;
    if (seen) {
      const known = JSON.parse(seen.value);
      const sent = Object.fromEntries(names.map((name) => [name, known[name] ?? 0]));
      body.append('_versions', JSON.stringify(sent));
    }
    const headers = { Accept: 'application/json' };
    const answer = await fetch(form.dataset.autosave, { method: 'POST', body, headers });
    const json = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {};
    return { ok: answer.ok && 'saved_at' in json, final: Boolean(json.message), ...json };
  }

  async function save() {
    if (busy || !waiting.size) return;
    busy = true;
    const sent = new Map([...waiting].map((name) => [name, values(name).join('\n')]));
    const answer = await send([...sent.keys()]).catch(() => ({ ok: false }));
    busy = false;
    if (answer.ok) {
      tries = 0;
      const seen = form.elements._versions;
      if (seen) seen.value = JSON.stringify({ ...JSON.parse(seen.value), ...answer.versions });
      sent.forEach((text, name) => { if (values(name).join('\n') === text) waiting.delete(name); });
      say(`Saved at ${answer.saved_at}`, false);
    } else {
      say(answer.message ?? NOT_YET, true);
    }
    keep();
    if (!waiting.size) form.dispatchEvent(new Event('saved'));
    else if (!answer.final) later(answer.ok ? WAIT : RETRY[Math.min(tries++, RETRY.length - 1)]);
  }

  const changed = (event) => {
    const { name, type } = event.target;
    if (!name || type === 'file' || type === 'hidden') return;
    waiting.add(name);
    keep();
    later(WAIT);
  };

  // What an earlier visit could not save comes back into its fields and is tried again.
  try {
    const kept = JSON.parse(localStorage.getItem(store) ?? '{}');
    Object.entries(kept).forEach(([name, texts]) => {
      if (!controls(name).length) document.dispatchEvent(new CustomEvent('row-wanted', { detail: name }));
      const fields = controls(name).filter((c) => c.type !== 'hidden');
      fields.forEach((control, i) => {
        if (/radio|checkbox/.test(control.type)) control.checked = texts.includes(control.value);
        else control.value = texts[i] ?? control.value;
        control.dispatchEvent(new Event('input', { bubbles: true }));
      });
      if (fields.length) waiting.add(name);
    });
    if (waiting.size) { say(NOT_YET, true); later(0); }
  } catch { localStorage.removeItem(store); }

  form.addEventListener('input', changed);
  form.addEventListener('change', changed);
  form.addEventListener('focusout', () => later(0));
  form.addEventListener('submit', () => { waiting.clear(); clearTimeout(timer); keep(); });
  window.addEventListener('online', () => later(0));
}

document.querySelectorAll('form[data-autosave]').forEach(startAutosave);
