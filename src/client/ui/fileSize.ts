const UNITS = ['bytes', 'kB', 'MB', 'GB']

/** A number of bytes as a person says it, in thousands. */
export function fileSize(bytes: number): string {
  let value = bytes
  let unit = 0
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1_000
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : Number(value.toFixed(1))} ${bytes === 1 ? 'byte' : UNITS[unit]}`
}
