// Runs in the browser. Shows the forms of "Try it", sends what is filled in, and shows the answer.

const SHOWN_HEADERS = ['Event-Position', 'Idempotency-Replayed', 'Retry-After', 'Request-Id'];
const token = document.querySelector('#token');

token.closest('.field').hidden = false;
for (const form of document.querySelectorAll('.try')) {
  form.hidden = false;
  form.querySelector('button').addEventListener('click', () => void send(form));
}

async function send(form) {
  const inputs = [...form.querySelectorAll('input, select, textarea')];
  if (!inputs.every((input) => input.reportValidity())) return;
  const [button, said, answer] = [form.querySelector('button'), form.querySelector('.sent'), form.querySelector('pre')];
  button.disabled = true;
  said.textContent = 'Waiting for the answer …';
  said.classList.remove('refused');
  answer.hidden = true;
  const startedAt = performance.now();
  try {
    const response = await fetch(addressOf(form, inputs), requestOf(form, inputs));
    const text = await response.text();
    said.textContent = `${response.status} ${response.statusText} after ${Math.round(performance.now() - startedAt)} ms`;
    said.classList.toggle('refused', !response.ok);
    answer.textContent = [headersOf(response), pretty(text)].filter(Boolean).join('\n\n');
    answer.hidden = false;
  } catch {
    said.textContent = 'No answer came. Check whether Rolecall is running and reachable, then send again.';
    said.classList.add('refused');
  } finally {
    button.disabled = false;
  }
}

function addressOf(form, inputs) {
  const path = form.dataset.path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(valuesOf(inputs, 'path').get(name).trim()),
  );
  const query = new URLSearchParams([...valuesOf(inputs, 'query')]).toString();
  return query ? `${path}?${query}` : path;
}

function requestOf(form, inputs) {
  const { method } = form.dataset;
  const body = inputs.find(({ dataset }) => dataset.place === 'body')?.value.trim();
  const file = inputs.find(({ dataset }) => dataset.place === 'file');
  return {
    method,
    // A pasted token speaks for itself: the cookie of another person must not go with it.
    credentials: token.value ? 'omit' : 'same-origin',
    headers: {
      Accept: 'application/json',
      ...(token.value ? { Authorization: `Bearer ${token.value.trim()}` } : {}),
      ...(body ? { 'Content-Type': 'application/json' } : {}),
    },
    ...(body ? { body } : {}),
    ...(file ? { body: formWith(file) } : {}),
  };
}

function formWith(input) {
  const form = new FormData();
  form.append(input.dataset.name, input.files[0]);
  return form;
}

/** What is filled in, by name. */
function valuesOf(inputs, place) {
  return new Map(
    inputs
      .filter(({ dataset, value }) => dataset.place === place && value !== '')
      .map(({ dataset, value }) => [dataset.name, value]),
  );
}

function headersOf({ headers }) {
  return SHOWN_HEADERS.filter((name) => headers.has(name))
    .map((name) => `${name}: ${headers.get(name)}`)
    .join('\n');
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
