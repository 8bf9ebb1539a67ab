/** A point in the life of this page; a later one is greater. What came first must not hang on the device's clock, which is set back and forth. */
export type Moment = number

export function openMoments(): () => Moment {
  let last = 0
  return () => ++last
}
