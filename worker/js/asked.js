// A request's head and its caller, which the limits count by. Each part is read or worked out once, and only when it is
// needed: a rendered hit takes about as long as forty reads of a header.

/** The header with the caller's address; empty where there is none. It is the same for all requests of an isolate. */
let addressHeader;

/** Characters of a name that is kept. */
const MAX_NAME = 1_024;

export class Asked {
  #request;
  #env;
  #authorization;
  #credential;
  #address;
  #caller;
  #path;
  #prompt;

  constructor(request, env) {
    this.#request = request;
    this.#env = env;
    this.method = request.method;
    this.url = request.url;
    this.headers = request.headers;
  }

  /** The header, or `null`. */
  get authorization() {
    if (this.#authorization === undefined) this.#authorization = this.headers.get("authorization");
    return this.#authorization;
  }

  /** The key as it was sent, in whichever header. */
  get credential() {
    return (this.#credential ??=
      this.authorization ??
      this.headers.get("x-auth-token") ??
      this.headers.get("athina-api-key") ??
      this.headers.get("api-key") ??
      "");
  }

  /** The origin of wrong keys. Without an address, guesses at one organisation's keys do not count against another. */
  get place() {
    return this.#addressed() || (/\bcue_([a-z0-9]{12})_/.exec(this.credential)?.[1] ?? "");
  }

  /** The key and the address that it is used from; a caller cannot choose any part of it. */
  get caller() {
    return (this.#caller ??= `${this.#addressed()} ${this.credential}`);
  }

  /** The path, decoded, as another spelling is the same prompt. */
  get path() {
    return (this.#path ??= pathOf(this.url));
  }

  /** The name of the caller's prompt or list. */
  get prompt() {
    return (this.#prompt ??= `${this.path} ${this.caller}`.slice(0, MAX_NAME));
  }

  get isRender() {
    return this.method === "POST" && this.path.endsWith("/render");
  }

  #addressed() {
    addressHeader ??= addressHeaderOf(this.#request, this.#env);
    return (this.#address ??= addressHeader ? network(this.headers.get(addressHeader) ?? "") : "");
  }
}

/** Cloudflare's own, or the one that the operator names. */
const addressHeaderOf = ({ cf }, env) => (cf?.colo ? "cf-connecting-ip" : (env.ADDRESS_HEADER ?? ""));

/** An address; of IPv6 the half that names a network, as one holder has the rest. In a list, the last is the proxy's. */
function network(written) {
  const address = written
    .slice(written.lastIndexOf(",") + 1)
    .trim()
    .slice(0, 64);
  if (!address.includes(":") || address.includes(".")) return address;
  return address.split(":").slice(0, 4).join(":");
}

function pathOf(url) {
  const begin = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?", begin);
  const path = end < 0 ? url.slice(begin) : url.slice(begin, end);
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // It is refused.
  }
}
