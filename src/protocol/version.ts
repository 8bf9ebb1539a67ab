/**
 * Protocol versions this build speaks, oldest and newest. The client offers its range, the server picks the highest both know.
 * Within a version only additions are allowed; unknown fields are ignored.
 *
 * History:
 *   1  the first
 */
export const PROTOCOL = { min: 1, max: 1 } as const

/** The highest version inside both ranges, or undefined when they do not overlap. */
export function negotiate(ours: { min: number; max: number }, theirs: readonly [min: number, max: number]): number | undefined {
  const version = Math.min(ours.max, theirs[1])
  return version >= ours.min && version >= theirs[0] ? version : undefined
}
