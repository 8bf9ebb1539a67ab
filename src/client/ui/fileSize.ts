import { t } from '#client/words/t.ts'
const units = () => [t('bytes'), t('kB'), t('MB'), t('GB')]

/** A number of bytes as a person says it, in thousands. */
export function fileSize(bytes: number): string {
  let value = bytes
  let unit = 0
  for (; value >= 999.5 && unit < 3; unit++) value /= 1_000
  const number = unit === 0 || value >= 99.5 ? Math.round(value) : Number(value.toFixed(1))
  return t('{number} {unit}', { number, unit: bytes === 1 ? t('byte') : units()[unit]! })
}
