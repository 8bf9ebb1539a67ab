/**
 * A projection that gives the same result while its inputs are the same objects. For each first input it remembers the last result, for as
 * long as that input lives.
 */
export function remembered<First extends object, Rest extends readonly unknown[], Result>(
  project: (first: First, ...rest: Rest) => Result,
): (first: First, ...rest: Rest) => Result {
  const known = new WeakMap<First, { rest: Rest; result: Result }>()
  return (first, ...rest) => {
    const before = known.get(first)
    if (before && rest.every((input, at) => input === before.rest[at])) return before.result
    const result = project(first, ...rest)
    known.set(first, { rest, result })
    return result
  }
}
