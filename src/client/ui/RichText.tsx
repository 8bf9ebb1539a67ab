import { memo, useMemo } from 'react'
import styles from './RichText.module.css'
import { textTokens } from './textTokens.ts'
import { useLinkFinder } from './useLinkFinder.ts'

/**
 * Somebody's words as React elements, never as HTML. `textContent` is the text exactly as typed: the back ticks around code stay
 * in the document and are only not displayed. Links can be reached with Tab only while `reachable`, so that a list of many
 * messages is one Tab stop.
 */
export const RichText = memo(function RichText({ text, reachable = true }: { text: string; reachable?: boolean }) {
  const findLinks = useLinkFinder()
  const tokens = useMemo(() => textTokens(text, findLinks), [text, findLinks])
  const tabIndex = reachable ? undefined : -1
  return tokens.map((token, index) => {
    switch (token.kind) {
      case 'text':
        return token.text
      case 'link':
        return (
          <a key={index} href={token.href} target="_blank" rel="noopener noreferrer nofollow ugc" tabIndex={tabIndex}>
            {token.text}
          </a>
        )
      case 'code':
        return (
          <code key={index} className={styles.code} dir="ltr">
            <span className={styles.marker}>{token.open}</span>
            {token.text}
            <span className={styles.marker}>{token.close}</span>
          </code>
        )
      case 'block':
        return (
          <code key={index} className={styles.block} dir="ltr" role="group" aria-label="Code" tabIndex={tabIndex ?? 0}>
            <span className={styles.marker}>{token.open}</span>
            {token.text}
            <span className={styles.marker}>{token.close}</span>
          </code>
        )
    }
  })
})
