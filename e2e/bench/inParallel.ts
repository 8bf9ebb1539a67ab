/** `act` for every item, at most so many at once; answers in the order of the items. */
export async function inParallel<A, B>(atOnce: number, items: readonly A[], act: (item: A, index: number) => Promise<B>): Promise<B[]> {
  const answers: B[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) answers[i] = await act(items[i]!, i)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return answers
}
