import type { ReactNode } from 'react'

const stroked = { fill: 'none', stroke: 'currentColor', strokeLinecap: 'round', strokeLinejoin: 'round' } as const

/** The shapes of an icon: 16 × 16, one line weight. */
export type Drawing = ReactNode

/** Decoration: hidden from assistive technology, so the words beside it (or the button's name) must say it. */
export function Icon({ drawing, size = 16 }: { drawing: Drawing; size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" focusable="false" {...stroked}>
      {drawing}
    </svg>
  )
}
