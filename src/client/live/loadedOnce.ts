/** A part that is loaded when it is asked for first. What can't be loaded now may be loaded when it is asked for again. */
export function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let part: Promise<T> | undefined
  return () =>
    (part ??= load().catch((error: unknown) => {
      part = undefined
      throw error
    }))
}
