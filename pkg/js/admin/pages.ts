/** A list in pages: awaited, it is the first page; iterated, it is every item of all pages. */
export class Pages<Page extends { readonly nextCursor?: string }, Item>
  implements PromiseLike<Page>, AsyncIterable<Item>
{
  readonly #page: (cursor: string | undefined) => Promise<Page>;
  readonly #items: (page: Page) => readonly Item[];

  /** @internal */
  constructor(page: (cursor: string | undefined) => Promise<Page>, items: (page: Page) => readonly Item[]) {
    this.#page = page;
    this.#items = items;
  }

  // biome-ignore lint/suspicious/noThenProperty: it can be awaited
  then<A = Page, B = never>(
    done?: ((page: Page) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#page(undefined).then(done, failed);
  }

  catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Page | B> {
    return this.then(undefined, failed);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    for (let cursor: string | undefined; ; ) {
      const page: Page = await this.#page(cursor);
      yield* this.#items(page);
      cursor = page.nextCursor;
      if (cursor === undefined) return;
    }
  }
}
