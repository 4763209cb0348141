// The score form: the weighted total as one chooses, and a number key chooses the score of that number.
function startSheet(form) {
  const groups = [...form.querySelectorAll('[data-sheet-weight]')];
  const total = form.querySelector('[data-sheet-total]');
  const marked = form.querySelector('[data-sheet-marked]');
  const chosen = (group) => group.querySelector('input:checked');

  const show = () => {
    const given = groups.filter(chosen);
    const sum = given.reduce((all, g) => all + Number(chosen(g).value) * Number(g.dataset.sheetWeight), 0);
    const points = Math.round((100 * sum) / Number(form.dataset.highest)) / 100;
    total.textContent = given.length === groups.length ? points.toFixed(2) : '–';
    marked.textContent = given.length;
  };

  groups.forEach((group) => group.addEventListener('keydown', (event) => {
    const radio = group.querySelector(`input[value="${CSS.escape(event.key)}"]`);
    if (!radio || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    radio.focus();
    radio.click();
  }));
  form.addEventListener('change', show);
  form.addEventListener('input', show);
}

document.querySelectorAll('form[data-sheet]').forEach(startSheet);
