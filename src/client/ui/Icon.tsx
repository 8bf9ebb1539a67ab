import type { ReactNode } from 'react'

const stroked = { fill: 'none', stroke: 'currentColor', strokeLinecap: 'round', strokeLinejoin: 'round' } as const

/* 16 × 16, one line weight. `paper` shapes are cut out of a disc and take the colour behind the icon. */
const DRAWINGS = {
  alertDisc: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M8 4.2v4.6M8 11.2v.6" stroke="var(--paper, var(--bg))" strokeWidth="1.7" strokeLinecap="round" />
    </>
  ),
  arrowDown: <path d="M8 3v10M3.8 8.8 8 13l4.2-4.2" strokeWidth="1.6" />,
  back: <path d="M10 3 5 8l5 5" strokeWidth="1.7" />,
  check: <path d="m3 8.5 3.2 3.2L13 4.6" strokeWidth="1.5" />,
  checks: <path d="m1.2 8.6 3 3 6.1-7M7.4 11.1l.6.5 6.6-7" strokeWidth="1.4" />,
  checksDisc: (
    <>
      <circle cx="8" cy="8" r="7.4" fill="currentColor" stroke="none" />
      <path d="m3.4 8.3 2 2 3.5-4.2M7.6 9.9l.5.5 3.9-4.5" stroke="var(--paper, var(--bg))" strokeWidth="1.3" />
    </>
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="6.2" strokeWidth="1.3" />
      <path d="M8 4.6V8l2.3 1.4" strokeWidth="1.3" />
    </>
  ),
  clockAlert: (
    <>
      <path d="M9.9 2.1a6.2 6.2 0 1 0 4 4" strokeWidth="1.3" />
      <path d="M8 4.6V8l2.3 1.4" strokeWidth="1.3" />
      <circle cx="13.1" cy="2.9" r="1.7" fill="currentColor" stroke="none" />
    </>
  ),
  close: <path d="m4 4 8 8M12 4l-8 8" strokeWidth="1.5" />,
  copy: <path d="M5.5 5.5h7.8v7.8H5.5zM10.5 5.5V2.7H2.7v7.8h2.8" strokeWidth="1.3" />,
  details: (
    <>
      <circle cx="8" cy="8" r="6.2" strokeWidth="1.3" />
      <path d="M8 7.3v3.6M8 4.9v.3" strokeWidth="1.6" />
    </>
  ),
  link: (
    <path
      d="M6.7 9.3a2.7 2.7 0 0 0 3.8 0l2.3-2.3a2.7 2.7 0 0 0-3.8-3.8l-.8.8M9.3 6.7a2.7 2.7 0 0 0-3.8 0L3.2 9A2.7 2.7 0 0 0 7 12.8l.8-.8"
      strokeWidth="1.4"
    />
  ),
  moon: <path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z" strokeWidth="1.4" />,
  more: <path d="M3.2 8h.01M8 8h.01M12.8 8h.01" strokeWidth="2.2" />,
  outbox: <path d="M2.5 9.5v3.8h11V9.5M8 10V2.7M4.8 5.6 8 2.5l3.2 3.1" strokeWidth="1.4" />,
  people: (
    <path
      d="M6 7.4a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8zM1.6 13.3c0-2.4 1.8-3.9 4.4-3.9s4.4 1.5 4.4 3.9M11 7.2a2 2 0 1 0-.6-3.9M12 9.6c1.5.4 2.4 1.6 2.4 3.3"
      strokeWidth="1.3"
    />
  ),
  plus: <path d="M8 3v10M3 8h10" strokeWidth="1.6" />,
  settings: (
    <path
      d="M2.5 4.5h5M11 4.5h2.5M2.5 11.5H5M8.5 11.5h5M9.2 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM6.8 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z"
      strokeWidth="1.3"
    />
  ),
  signOut: <path d="M6.5 2.7H3v10.6h3.5M10 11l3-3-3-3M12.8 8H6.2" strokeWidth="1.4" />,
  sun: (
    <path
      d="M8 10.7a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM8 1.3v1.4M8 13.3v1.4M1.3 8h1.4M13.3 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M12.7 3.3l-1 1M4.3 11.7l-1 1"
      strokeWidth="1.4"
    />
  ),
  tide: (
    <path
      d="M1.5 6.2c1.6 0 1.6-1.4 3.2-1.4S6.4 6.2 8 6.2s1.6-1.4 3.3-1.4 1.6 1.4 3.2 1.4M1.5 10.8c1.6 0 1.6-1.4 3.2-1.4S6.4 10.8 8 10.8s1.6-1.4 3.3-1.4 1.6 1.4 3.2 1.4"
      strokeWidth="1.6"
    />
  ),
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof DRAWINGS

/** Decoration: hidden from assistive technology, so the words beside it (or the button's name) must say it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" focusable="false" {...stroked}>
      {DRAWINGS[name]}
    </svg>
  )
}
