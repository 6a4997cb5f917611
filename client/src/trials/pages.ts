/** Reads page after page while somebody takes what is in them; `member` is the one that holds a page's entries. */
export async function* pagesOf<T>(
  member: string,
  query: Readonly<Record<string, unknown>>,
  evaluate: (query: string) => Promise<unknown>,
): AsyncGenerator<T> {
  let bookmark = '';
  do {
    const asked = bookmark === '' ? query : { ...query, bookmark };
    const page = (await evaluate(JSON.stringify(asked))) as Readonly<Record<string, unknown>>;
    yield* page[member] as readonly T[];
    bookmark = page.bookmark as string;
  } while (bookmark !== '');
}
