// Runs in the browser. Each page works without it.

// Arrow keys move through an open menu, as in a menu of the desktop.
const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: 'first', End: 'last' };
document.addEventListener('keydown', (event) => {
  const step = STEPS[event.key];
  const menu = document.querySelector('.pop:popover-open');
  if (step === undefined || !menu || (event.target instanceof HTMLInputElement && step !== 1)) return;
  const items = [...menu.querySelectorAll('.menu a, .menu button, input:not([type=hidden])')];
  const isInside = menu.contains(event.target);
  const at = items.indexOf(event.target);
  if (items.length === 0 || (!isInside && document.activeElement?.popoverTargetElement !== menu)) return;
  event.preventDefault();
  const to =
    step === 'first' ? 0 : step === 'last' ? items.length - 1 : at < 0 && step < 0 ? items.length - 1 : at + step;
  items[(to + items.length) % items.length].focus();
});

// The search of places is what one wants in the window of places.
document.querySelector('#places')?.addEventListener('toggle', (event) => {
  if (event.newState === 'open') document.querySelector('#place-q').focus();
});

// Times are in the reader's own zone, and name it.
const inZone = new Intl.DateTimeFormat(
  document.documentElement.lang === 'en' ? 'en-GB' : document.documentElement.lang,
  {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  },
);
function localise() {
  for (const time of document.querySelectorAll('time[datetime*=T]'))
    time.textContent = inZone.format(new Date(time.dateTime));
}
localise();
document.addEventListener('htmx:after:swap', localise);

// A box above the boxes of a list selects all of them. Without this script there is none.
const selectAll = document.querySelector('#select-all');
if (selectAll) {
  const boxes = document.querySelectorAll('.table input[name=ids]');
  selectAll.hidden = false;
  selectAll.addEventListener('change', ({ target }) => {
    for (const box of boxes) box.checked = target.checked;
  });
}

// A slider moves the day of a table about the past.
const slider = document.querySelector('#at-slider');
if (slider) {
  const DAY_MS = 86_400_000;
  const [days, day] = [slider.querySelector('input'), document.getElementById(slider.dataset.of)];
  const today = Date.parse(slider.dataset.today);
  slider.hidden = false;
  days.value = String((Date.parse(day.value) - today) / DAY_MS);
  days.addEventListener('input', () => {
    day.value = new Date(today + Number(days.value) * DAY_MS).toISOString().slice(0, 10);
  });
  days.addEventListener('change', () => day.form.requestSubmit());
}

// A form that reaches nobody says so, and stays as it is.
const told = document.querySelector('#told');
document.addEventListener('htmx:error', () => {
  told.textContent = told.dataset.offline;
  told.scrollIntoView({ block: 'center' });
});
document.addEventListener('htmx:before:request', ({ target }) => {
  if (target.matches('form, button')) told.replaceChildren();
});

// A button that copies the text of a field.
for (const button of document.querySelectorAll('button[data-copies]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    button.querySelector('span').textContent = button.dataset.done;
  });
}
