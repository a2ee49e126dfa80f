// Runs in the browser. Shows a password on request, and says how strong a new one is. The field works without it too.

/** A person who types on hears nothing yet. */
const SETTLED_MS = 300;
const LEVELS = ['weak', 'weak', 'fair', 'good', 'strong'];

class PasswordField extends HTMLElement {
  connectedCallback() {
    if (this.input) return;
    this.input = this.querySelector('input');
    this.append(this.querySelector('template').content.cloneNode(true));
    this.button = this.querySelector('button');
    this.button.addEventListener('click', () => this.show(this.input.type === 'password'));
    // A browser keeps what was typed into a text field.
    this.input.form.addEventListener('submit', () => this.show(false));
    this.strength = this.querySelector('.strength');
    if (this.strength) this.rateWhileTyping();
  }

  show(isShown) {
    this.input.type = isShown ? 'text' : 'password';
    this.button.setAttribute('aria-pressed', String(isShown));
  }

  rateWhileTyping() {
    let settled;
    this.input.addEventListener('focus', () => void this.library(), { once: true });
    this.input.addEventListener('input', () => {
      clearTimeout(settled);
      settled = setTimeout(() => void this.rate(), SETTLED_MS);
    });
    if (this.input.value !== '') void this.rate();
  }

  /** Null when it doesn't load: then the field says nothing of strength. */
  async library() {
    try {
      return await import(this.dataset.strength);
    } catch {
      return null;
    }
  }

  async rate() {
    const { value } = this.input;
    const level = value === '' ? '' : value.length < Number(this.dataset.min) ? 'short' : await this.levelOf(value);
    if (value !== this.input.value) return;
    this.strength.dataset.level = level;
    const said = this.strength.dataset[level] ?? '';
    // A text that stays isn't announced again.
    if (this.strength.lastElementChild.textContent !== said) this.strength.lastElementChild.textContent = said;
  }

  async levelOf(password) {
    const library = await this.library();
    return library ? LEVELS[library.scoreOf(password, this.easyWords())] : '';
  }

  /** An attacker tries these words first: those of the form's other fields and of the page's title. */
  easyWords() {
    const others = [...this.input.form.elements].filter(({ type }) => ['email', 'text'].includes(type));
    const texts = others.filter((other) => other !== this.input).map(({ value }) => value);
    return [...texts, ...[...texts, document.title].flatMap((text) => text.split(/[^\p{L}\p{N}]+/u))].filter(Boolean);
  }
}

customElements.define('password-field', PasswordField);
