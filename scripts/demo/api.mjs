/** Calls as one person; a read waits for what this person's writes have stored. */
export class Api {
  #position = null;

  constructor(url, token) {
    this.url = url;
    this.token = token;
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
        ...(method === 'GET' && this.#position ? { 'min-event-position': this.#position } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).catch(() => {
      throw new Error(`nothing answers at ${this.url}; start Rolecall there first, or leave ROLECALL_URL out`);
    });
    this.#position = response.headers.get('event-position') ?? this.#position;
    return response;
  }

  /** Nobody signed in, at the same place; reads and writes follow each other all the same. */
  async asNobody(method, path, body) {
    const nobody = new Api(this.url, null);
    const answer = await nobody.call(method, path, body);
    this.#position = nobody.#position ?? this.#position;
    return answer;
  }

  /** Every item of a list. */
  async all(path) {
    const items = [];
    for (let cursor = ''; cursor !== null; ) {
      const page = await this.call('GET', `${path}?limit=200${cursor && `&cursor=${cursor}`}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }
}

/** @throws when the address and the password don't go together */
export async function signIn(url, { email, password }) {
  const { token } = await new Api(url, null).call('POST', '/v1/auth/sign-in/email', { email, password });
  return new Api(url, token);
}

function codeIn(text) {
  try {
    return JSON.parse(text).code;
  } catch {
    return '';
  }
}
