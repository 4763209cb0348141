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

  const add = (key) => {
    const number = body.querySelectorAll('[data-row]').length + 1;
    const made = template.innerHTML.replaceAll('__row__', key).replaceAll('__number__', number);
    body.insertAdjacentHTML('beforeend', made);
    button.hidden = number >= Number(rows.dataset.rowsMost);
    body.lastElementChild.dispatchEvent(new Event('row-added', { bubbles: true }));
    return body.lastElementChild;
  };

  button.addEventListener('click', (event) => {
    event.preventDefault();
    add(nextKey()).querySelector('input:not([type="hidden"]), textarea, select')?.focus();
  });

  // A row that was typed in but never reached the server is made again for its words.
  document.addEventListener('row-wanted', ({ detail: name }) => {
    const [table, key] = name.split('.');
    const known = [...body.querySelectorAll('[data-row]')].some((row) => row.dataset.row === key);
    if (table === rows.dataset.rows && key && !known && /^[\w-]+$/.test(key)) add(key);
  });
}

document.querySelectorAll('[data-rows]').forEach(startRows);
