import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8')

/* Colours are read off the stylesheet as it is, and measured as WCAG 2 does. */

type Scheme = 'light' | 'dark'
const COLOUR = /--([\w-]+):\s*(?:light-dark\((oklch\([^)]*\)),\s*(oklch\([^)]*\))\)|var\(--([\w-]+)\));/g
const colours = new Map<string, { light: string; dark: string } | { same: string }>()
for (const [, name = '', light, dark, same] of css.matchAll(COLOUR)) {
  // the first is the rule; later ones are for people who ask for more contrast
  if (!colours.has(name)) colours.set(name, same === undefined ? { light: light!, dark: dark! } : { same })
}

function colour(name: string, scheme: Scheme): string {
  const found = colours.get(name)
  if (!found) throw new Error(`tokens.css has no colour --${name}`)
  return 'same' in found ? colour(found.same, scheme) : found[scheme]
}

/** Linear sRGB. */
function linear(oklch: string): number[] {
  const [lightness = 0, chroma = 0, hue = 0] = oklch
    .slice('oklch('.length, -1)
    .split(/[\s/]+/)
    .map(Number)
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

function luminance(oklch: string): number {
  const [red = 0, green = 0, blue = 0] = linear(oklch).map((value) => Math.min(1, Math.max(0, value)))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(front: string, back: string): number {
  const [darker = 0, lighter = 0] = [luminance(front), luminance(back)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

const TEXT: Record<string, string> = {
  bg: 'ink ink-2 ink-3 accent link danger ok unread',
  'bg-raised': 'ink ink-3 accent danger',
  'bg-sunken': 'ink ink-2 ink-3',
  'bg-hover': 'ink ink-2',
  bubble: 'on-bubble ink-2 ink-3 link danger',
  'accent-soft': 'on-accent-soft ink-2 ink-3 link danger',
  accent: 'on-accent',
  'accent-hover': 'on-accent',
  'calm-bg': 'calm-ink',
  'warn-bg': 'warn-ink',
  'danger-bg': 'danger-ink',
  'ok-bg': 'ok-ink',
  'mention-bg': 'ink',
}
const SHAPES: Record<string, string> = {
  bg: 'line-strong presence-on focus',
  'bg-raised': 'line-strong presence-on',
  'bg-hover': 'presence-on',
  'bg-sunken': 'focus',
  bubble: 'focus',
  'accent-soft': 'accent focus',
}
const pairs = (table: Record<string, string>) =>
  Object.entries(table).flatMap(([back, fronts]) => fronts.split(' ').map((front) => [front, back] as const))

describe.each(['light', 'dark'] as const)('the colours in %s', (scheme) => {
  it.each(pairs(TEXT))('%s can be read on %s', (front, back) => {
    expect(contrast(colour(front, scheme), colour(back, scheme))).toBeGreaterThanOrEqual(4.5)
  })
  it.each(pairs(SHAPES))('%s can be told from %s', (front, back) => {
    expect(contrast(colour(front, scheme), colour(back, scheme))).toBeGreaterThanOrEqual(3)
  })
  it('can all be shown by every screen', () => {
    const outside = [...colours.keys()].filter((name) => linear(colour(name, scheme)).some((value) => value < -0.002 || value > 1.002))
    expect(outside).toEqual([])
  })
})

describe('the initials of an avatar', () => {
  it.each(Array.from({ length: 12 }, (_, at) => at * 30 + 20))('can be read on hue %i', (hue) => {
    expect(contrast('oklch(0.99 0 0)', `oklch(0.5 0.085 ${hue})`)).toBeGreaterThanOrEqual(4.5)
  })
})
