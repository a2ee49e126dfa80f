// Runs in the browser. Each page works without it.

// Arrow keys move through an open menu, as in a menu of the desktop.
const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: 'first', End: 'last' };
document.addEventListener('keydown', (event) => {
  const step = STEPS[event.key];
  const menu = document.querySelector('.pop:popover-open');
  if (step === undefined || !menu || (event.target instanceof HTMLInputElement && step !== 1)) return;
  const items = [...menu.querySelectorAll('.menu a, .menu button, input')];
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

// An imported file adds its addresses to what is typed, and changes nothing else in the form.
document.addEventListener('htmx:after:swap', () => {
  const [imported, emails] = [document.querySelector('.imported'), document.querySelector('#emails')];
  if (!imported || !emails) return;
  emails.value = [emails.value.trim(), imported.textContent].filter(Boolean).join('\n');
  imported.remove();
  emails.dispatchEvent(new Event('input', { bubbles: true }));
  emails.focus();
});

// While a call stores its invitations, the form shows how many are stored. A reload finds the call again.
const sending = document.querySelector('#sending');
let isSubmitted = false;
let nextLook;
function lookAgain(ms) {
  clearTimeout(nextLook);
  nextLook = setTimeout(() => htmx.trigger(sending, 'look'), ms);
}
document.querySelector('#invite')?.addEventListener('submit', () => {
  isSubmitted = true;
  lookAgain(500);
});
document.addEventListener('htmx:after:swap', () => {
  if (isSubmitted || sending?.querySelector('progress')) lookAgain(1000);
});

// A box above the boxes of a list selects all of them. Without this script there is none.
const selectAll = document.querySelector('#select-all');
if (selectAll) {
  const boxes = document.querySelectorAll('.table input[name=ids]');
  selectAll.hidden = false;
  selectAll.addEventListener('change', ({ target }) => {
    for (const box of boxes) box.checked = target.checked;
  });
}
