// Runs in the browser, in the form that invites to a group. It works without this.

// A search may be answered after somebody ticked another box, so the boxes of the page count.
let boxes = [];
document.addEventListener('htmx:before:swap', ({ target }) => {
  boxes = target.closest('.source') ? [...document.querySelectorAll('#network input')] : [];
});
document.addEventListener('htmx:after:swap', () => {
  const network = document.querySelector('#network');
  for (const { id, checked } of boxes) {
    const box = document.getElementById(id);
    if (box) box.checked = checked;
  }
  const lost = boxes.filter(({ id, checked }) => checked && !document.getElementById(id));
  if (lost.length > 0 && !network.querySelector('.picks')) {
    const list = document.createElement('ul');
    list.className = 'picks';
    network.replaceChildren(list);
  }
  network?.querySelector('.picks')?.prepend(...lost.map((box) => box.closest('li')));
  boxes = [];
});
