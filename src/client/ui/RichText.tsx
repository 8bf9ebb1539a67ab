import { memo } from 'react'
import { patientPart } from './laterPart.ts'

/** The words as they are, until what tells links, code and marks apart is here. */
const FormattedText = patientPart<{ text: string; reachable?: boolean }>(
  () => import('./FormattedText.tsx').then((part) => part.FormattedText),
  ({ text }) => text,
)

/**
 * Somebody's words as React elements, never as HTML. `textContent` is the text exactly as typed. Links can be reached with Tab only while
 * `reachable`, so that a list of many messages is one Tab stop.
 */
export const RichText = memo(FormattedText)
