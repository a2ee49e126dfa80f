// Runs in the browser, in the forms that invite people. Each works without it.

// An imported file adds its addresses to what is typed, and changes nothing else in the form.
document.addEventListener('htmx:after:swap', () => {
  const [imported, emails] = [document.querySelector('.imported'), document.querySelector('#emails')];
  if (!imported || !emails) return;
  setAddresses([emails.value.trim(), imported.textContent].filter(Boolean).join('\n'));
  imported.remove();
  emails.focus();
});

// While a call stores its invitations, the form shows how many are stored. A reload finds the call again.
let isSending = false;
let nextLook;
function lookAgain(ms) {
  clearTimeout(nextLook);
  nextLook = setTimeout(() => htmx.trigger(document.querySelector('#sending'), 'look'), ms);
}
document.addEventListener('submit', ({ target }) => {
  if (target.id !== 'invite') return;
  isSending = true;
  lookAgain(500);
});
document.addEventListener('htmx:finally:request', ({ target }) => {
  if (target.id !== 'invite') return;
  isSending = false;
  clearTimeout(nextLook);
});
document.addEventListener('htmx:after:swap', () => {
  if (document.querySelector('#sending') && (isSending || document.querySelector('#sending progress'))) lookAgain(1000);
});

function setAddresses(text) {
  const emails = document.querySelector('#emails');
  emails.value = text;
  emails.dispatchEvent(new Event('input', { bubbles: true }));
}

// Replaces one address in the text of the field; null takes it out, with the name that stands beside it.
function replaceAddress(address, by) {
  const escaped = address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const isHere = new RegExp(`(^|[\\s<(])${escaped}(?=$|[\\s>)])`);
  const pieces = document.querySelector('#emails').value.split(/([,;\n\t]+)/);
  const at = pieces.findIndex((piece, n) => n % 2 === 0 && isHere.test(piece));
  if (at < 0) return;
  const isAlone = pieces[at].replace(/^.*[<(]|[>)]\s*$/g, '').trim() === address;
  if (by === null && isAlone) pieces.splice(at, 2);
  else pieces[at] = pieces[at].replace(isHere, (_, before) => before + (by ?? ''));
  setAddresses(pieces.join(''));
}

// The box of a person who was picked and not typed.
function pickOf({ dataset }) {
  return [...document.querySelectorAll('input[name=personIds]:checked')].find(
    (box) => box.dataset.email === dataset.address,
  );
}

function removeChip(chip) {
  const chips = chip.parentElement;
  const next = chip.nextElementSibling?.querySelector('.chip-out') ?? document.querySelector('#emails');
  const count =
    chips.closest('details')?.querySelector('.count') ?? chips.previousElementSibling?.querySelector('.count');
  if (count && /^\d+$/.test(count.textContent)) count.textContent = String(Number(count.textContent) - 1);
  const pick = pickOf(chip);
  if (pick) pick.checked = false;
  replaceAddress(chip.dataset.address, null);
  chip.remove();
  next.focus();
}

// An address becomes a field in its chip. Enter or leaving it keeps the change, Escape forgets it.
function editChip(chip) {
  const field = document.createElement('input');
  const button = chip.querySelector('.chip-edit');
  const { address } = chip.dataset;
  Object.assign(field, { value: address, autocomplete: 'off', spellcheck: false });
  field.setAttribute('aria-label', button.textContent);
  let isDone = false;
  const end = (isKept) => {
    if (isDone) return;
    isDone = true;
    const text = field.value.trim();
    if (isKept && text !== '' && text !== address) {
      replaceAddress(address, text);
      chip.dataset.address = text;
      button.lastChild.textContent = text;
      chip.classList.remove('wrong');
    }
    field.replaceWith(button);
  };
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    end(event.key === 'Enter');
    button.focus();
  });
  field.addEventListener('blur', () => end(true));
  button.replaceWith(field);
  field.select();
}

document.addEventListener('click', ({ target }) => {
  const button = target.closest('.chip button');
  const chip = button?.closest('[data-address]');
  if (!chip) return;
  if (button.classList.contains('chip-out')) removeChip(chip);
  else if (!pickOf(chip)) editChip(chip);
});
