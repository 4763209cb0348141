// 'Add another row' without a turn to the server. Without this file the button sends the form.
function startRows(rows) {
  const body = rows.querySelector('[data-rows-body]');
  const template = rows.querySelector('template');
  const button = rows.querySelector('button[name="add_row"]');
  if (!button) return;

  const nextKey = () => {
    const keys = [...body.querySelectorAll('[data-row]')].map((row) => row.dataset.row);
    const highest = Math.max(0, ...keys.map((key) => parseInt(key.slice(0, 4), 10) || 0));
    const random = [...crypto.getRandomValues(new Uint8Array(3))];
    const tail = random.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${String(highest + 1).padStart(4, '0')}-${tail}`;
  };

  button.addEventListener('click', (event) => {
    event.preventDefault();
    const number = body.querySelectorAll('[data-row]').length + 1;
    const made = template.innerHTML.replaceAll('__row__', nextKey()).replaceAll('__number__', number);
    body.insertAdjacentHTML('beforeend', made);
    const row = body.lastElementChild;
    row.dispatchEvent(new Event('row-added', { bubbles: true }));
    row.querySelector('input:not([type="hidden"]), textarea, select')?.focus();
    row.dispatchEvent(new Event('input', { bubbles: true }));
    button.hidden = number >= Number(rows.dataset.rowsMost);
  });
}

document.querySelectorAll('[data-rows]').forEach(startRows);
