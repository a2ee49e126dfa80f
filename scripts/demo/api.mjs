/** Calls as one person; a read waits for what the writes before it have stored. */
export class Api {
  #seen;

  /** @param seen what the writes so far have stored; those who share it see each other's */
  constructor(url, token, seen = { position: null }) {
    this.url = url;
    this.token = token;
    this.#seen = seen;
  }

  /** The answer's body. @throws unless it is answered with 2xx */
  async call(method, path, body) {
    const response = await this.send(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status} ${codeIn(text)}`);
    return text.startsWith('{') ? JSON.parse(text) : text;
  }

  /** The answer, whatever its status. */
  async send(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(method === 'GET' && this.#seen.position ? { 'min-event-position': this.#seen.position } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).catch(() => {
      throw new Error(`nothing answers at ${this.url}; start Rolecall there first, or leave ROLECALL_URL out`);
    });
    this.#seen.position = response.headers.get('event-position') ?? this.#seen.position;
    return response;
  }

  /** Nobody signed in, at the same place; reads and writes follow each other all the same. */
  asNobody() {
    return new Api(this.url, null, this.#seen);
  }

  /** Somebody else, signed in at the same place. @throws when the address and the password don't go together */
  async as(credentials) {
    const { token } = await this.asNobody().call('POST', '/v1/auth/sign-in/email', credentials);
    return new Api(this.url, token, this.#seen);
  }

  /** Every item of a list. */
  async all(path, filter = '') {
    const items = [];
    for (let cursor = ''; cursor !== null;) {
      const page = await this.call('GET', `${path}?limit=200${filter && `&${filter}`}${cursor && `&cursor=${cursor}`}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }
}

/** @throws when the address and the password don't go together */
export async function signIn(url, credentials) {
  return new Api(url, null).as(credentials);
}

function codeIn(text) {
  try {
    return JSON.parse(text).code;
  } catch {
    return '';
  }
}
