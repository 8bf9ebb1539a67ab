import type { Drawing } from './Icon.tsx'

/* Those of the first screens. `paper` shapes are cut out of a disc and take the colour behind the icon. */

export const alertDisc: Drawing = (
  <>
    <circle cx="8" cy="8" r="7" fill="currentColor" />
    <path d="M8 4.2v4.6M8 11.2v.6" stroke="var(--paper, var(--bg))" strokeWidth="1.7" strokeLinecap="round" />
  </>
)
export const arrowDown: Drawing = <path d="M8 3v10M3.8 8.8 8 13l4.2-4.2" strokeWidth="1.6" />
export const back: Drawing = <path d="M10 3 5 8l5 5" strokeWidth="1.7" />
export const check: Drawing = <path d="m3 8.5 3.2 3.2L13 4.6" strokeWidth="1.5" />
export const checks: Drawing = <path d="m1.2 8.6 3 3 6.1-7M7.4 11.1l.6.5 6.6-7" strokeWidth="1.4" />
export const checksDisc: Drawing = (
  <>
    <circle cx="8" cy="8" r="7.4" fill="currentColor" stroke="none" />
    <path d="m3.4 8.3 2 2 3.5-4.2M7.6 9.9l.5.5 3.9-4.5" stroke="var(--paper, var(--bg))" strokeWidth="1.3" />
  </>
)
export const clock: Drawing = (
  <>
    <circle cx="8" cy="8" r="6.2" strokeWidth="1.3" />
    <path d="M8 4.6V8l2.3 1.4" strokeWidth="1.3" />
  </>
)
export const clockAlert: Drawing = (
  <>
    <path d="M9.9 2.1a6.2 6.2 0 1 0 4 4" strokeWidth="1.3" />
    <path d="M8 4.6V8l2.3 1.4" strokeWidth="1.3" />
    <circle cx="13.1" cy="2.9" r="1.7" fill="currentColor" stroke="none" />
  </>
)
export const details: Drawing = (
  <>
    <circle cx="8" cy="8" r="6.2" strokeWidth="1.3" />
    <path d="M8 7.3v3.6M8 4.9v.3" strokeWidth="1.6" />
  </>
)
export const tide: Drawing = (
  <path
    d="M1.5 6.2c1.6 0 1.6-1.4 3.2-1.4S6.4 6.2 8 6.2s1.6-1.4 3.3-1.4 1.6 1.4 3.2 1.4M1.5 10.8c1.6 0 1.6-1.4 3.2-1.4S6.4 10.8 8 10.8s1.6-1.4 3.3-1.4 1.6 1.4 3.2 1.4"
    strokeWidth="1.6"
  />
)
