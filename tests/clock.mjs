// The time of Workers that were started with `clock: true`. It stands still until a test moves it, so that a busy
// machine misses no window of a copy, and no test waits for one.

export class Clock {
  #now = Date.UTC(2026, 0, 1);
  #places;

  /** @param {{ url: string, headers?: Record<string, string> }[]} places Workers, or isolates of them */
  constructor(places) {
    this.#places = places;
  }

  /** Starts the clock of these Workers. */
  static async of(...places) {
    const clock = new Clock(places);
    await clock.move(0);
    return clock;
  }

  get now() {
    return this.#now;
  }

  /** Waits until all that goes on behind answers has ended, and moves the time on. */
  async pass(milliseconds) {
    await this.settled();
    await this.move(milliseconds);
  }

  /** Moves the time on, whatever goes on behind answers: after a render that is a timer of 10 s. */
  async move(milliseconds) {
    this.#now += milliseconds;
    const body = String(this.#now);
    await Promise.all(this.#places.map(({ url, headers }) => fetch(`${url}/clock`, { method: "PUT", headers, body })));
  }

  /** Waits until all that goes on behind answers has ended. */
  async settled() {
    await Promise.all(this.#places.map(({ url, headers }) => fetch(`${url}/clock?left=0`, { headers })));
  }
}
