/** mulberry32: small, fast, good enough to choose faults with. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Several independent sources from one seed, so that one fault more does not change the course of everything else. */
export function streamOf(seed: number, name: string): () => number {
  let mixed = seed ^ 0x9e3779b9
  for (let i = 0; i < name.length; i++) mixed = Math.imul(mixed ^ name.charCodeAt(i), 0x01000193)
  return seededRandom(mixed)
}
