// Sums of money that follow what is typed. The server prints the same sums without this file.
const POUNDS = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' });

function pence(text) {
  const typed = text.replace(/[£,\s]/g, '');
  return /^\d+(\.\d{2})?$/.test(typed) ? Math.round(Number(typed) * 100) : 0;
}

function startSum(output) {
  const { sum, column, where, is, not } = output.dataset;
  const base = Number(output.dataset.base ?? 0);
  const form = document.querySelector('form[data-autosave]');
  if (!form) return;
  const counts = (row) => {
    if (!where) return true;
    const chosen = form.elements[`${sum}.${row}.${where}`]?.value ?? '';
    return is ? chosen === is : chosen !== not;
  };
  const show = () => {
    const cells = [...form.elements].filter((c) => c.name.startsWith(`${sum}.`) && c.name.endsWith(`.${column}`));
    const all = cells.filter((c) => counts(c.name.split('.')[1])).reduce((so, c) => so + pence(c.value), base);
    output.textContent = POUNDS.format(all / 100).replace(/\.00$/, '');
  };
  form.addEventListener('input', show);
  form.addEventListener('change', show);
}

document.querySelectorAll('[data-sum]').forEach(startSum);
