// A deadline for many promises at the price of one timer: a timer per body would cost a tenth of a rendered hit.

/** How late a watch may be before it counts as gone, and how long one lasts: work ends 30 s after its request. */
const [GRACE, LONGEST] = [1_000, 15_000];

export class Deadlines {
  #milliseconds;
  /** What waits, oldest first. */
  #waiting = new Set();
  /** The watch: when it began, and when it looks next. */
  #watch = { began: 0, next: 0 };

  /** @param {number} milliseconds that each promise has */
  constructor(milliseconds) {
    this.#milliseconds = milliseconds;
  }

  /** A promise's value, or `undefined` when the deadline passes first. `ctx`: of the request that the promise belongs
   * to. One promise and no more: a race makes six. */
  inTime(promise, ctx) {
    const now = Date.now();
    const { began, next } = this.#watch;
    return new Promise((resolve, reject) => {
      const one = { expire: resolve, at: now + this.#milliseconds };
      const end = (settle) => (value) => {
        this.#waiting.delete(one);
        settle(value);
      };
      this.#waiting.add(one);
      promise.then(end(resolve), end(reject));
      if (next + GRACE < now || began + LONGEST < now) ctx.waitUntil(this.#look());
    });
  }

  /** By an iterator of its own: one that lives while the watch waits keeps every table that the set has had since. */
  #oldest() {
    return this.#waiting.values().next().value;
  }

  /** Expires late promises, until nothing waits or another request's watch has begun. */
  async #look() {
    const watch = { began: Date.now(), next: 0 };
    this.#watch = watch;
    for (let oldest = this.#oldest(); oldest !== undefined; oldest = this.#oldest()) {
      watch.next = oldest.at;
      await new Promise((resolve) => setTimeout(resolve, oldest.at - Date.now()));
      if (this.#watch !== watch) return;
      if (this.#waiting.delete(oldest)) oldest.expire();
    }
    this.#watch = { began: 0, next: 0 };
  }
}
