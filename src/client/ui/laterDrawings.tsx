import type { Drawing } from './Icon.tsx'

/* Those of parts that are fetched after the first screen. */

export const close: Drawing = <path d="m4 4 8 8M12 4l-8 8" strokeWidth="1.5" />
export const devices: Drawing = <path d="M3.5 3h9v7h-9zM1.5 13h13" strokeWidth="1.4" />
export const find: Drawing = <path d="M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.7 3.7" strokeWidth="1.5" />
export const moon: Drawing = <path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z" strokeWidth="1.4" />
export const plus: Drawing = <path d="M8 3v10M3 8h10" strokeWidth="1.6" />
export const settings: Drawing = (
  <path
    d="M2.5 4.5h5M11 4.5h2.5M2.5 11.5H5M8.5 11.5h5M9.2 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM6.8 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z"
    strokeWidth="1.3"
  />
)
export const keyboard: Drawing = (
  <path
    d="M2.5 4h11a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM4 6.7h.01M6.7 6.7h.01M9.3 6.7h.01M12 6.7h.01M5 9.5h6"
    strokeWidth="1.3"
  />
)
export const person: Drawing = (
  <path d="M8 7.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM2.8 13.6c.5-2.6 2.6-4 5.2-4s4.7 1.4 5.2 4" strokeWidth="1.4" />
)
export const signOut: Drawing = <path d="M6.5 2.7H3v10.6h3.5M10 11l3-3-3-3M12.8 8H6.2" strokeWidth="1.4" />
export const sun: Drawing = (
  <path
    d="M8 10.7a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM8 1.3v1.4M8 13.3v1.4M1.3 8h1.4M13.3 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M12.7 3.3l-1 1M4.3 11.7l-1 1"
    strokeWidth="1.4"
  />
)
export const bin: Drawing = <path d="M2.5 4.5h11M6 4.5V2.8h4v1.7M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4" strokeWidth="1.3" />
export const copy: Drawing = <path d="M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1" strokeWidth="1.3" />
export const file: Drawing = <path d="M4 1.8h5l3 3v9.4H4zM8.8 1.8v3.2H12" strokeWidth="1.3" />
export const paperclip: Drawing = (
  <path d="m13 7.6-5.2 5.1a3.2 3.2 0 0 1-4.5-4.5l5.4-5.4a2.1 2.1 0 0 1 3 3L6.4 11a1.1 1.1 0 0 1-1.5-1.5l4.6-4.6" strokeWidth="1.3" />
)
export const outbox: Drawing = <path d="M2.5 9.5v3.8h11V9.5M8 10V2.7M4.8 5.6 8 2.5l3.2 3.1" strokeWidth="1.4" />
export const flag: Drawing = <path d="M3.5 14V2.5h8.3l-1.6 3 1.6 3H3.5" strokeWidth="1.4" />
export const info: Drawing = <path d="M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4zM8 7.3v3.6M8 4.9v.3" strokeWidth="1.4" />
export const link: Drawing = (
  <path
    d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7l.9-.9"
    strokeWidth="1.3"
  />
)
export const more: Drawing = <path d="M3.3 8h.01M8 8h.01M12.7 8h.01" strokeWidth="2.2" />
export const pencil: Drawing = <path d="m3 13 .6-2.9 7-7 2.3 2.3-7 7zM9.2 4.5l2.3 2.3" strokeWidth="1.3" />
export const reply: Drawing = <path d="M6.5 3.5 2.5 7.5l4 4M2.8 7.5h6.4a4 4 0 0 1 4 4v1" strokeWidth="1.5" />
export const smile: Drawing = (
  <path d="M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4zM5.3 9.5a3.2 3.2 0 0 0 5.4 0M6 6.2v.3M10 6.2v.3" strokeWidth="1.4" />
)
