import { useMemo, type ReactNode } from 'react'
import styles from './FormattedText.module.css'
import { textTokens, type TextToken } from './textTokens.ts'

/** The signs around code, marks and lines stay in the document and are only not displayed, so that `textContent` is the text as typed. */
export function FormattedText({ text, reachable = true }: { text: string; reachable?: boolean }): ReactNode {
  const tokens = useMemo(() => textTokens(text), [text])
  return drawn(tokens, reachable ? undefined : -1)
}

const sign = (typed: string) => <span className={styles.sign}>{typed}</span>

function drawn(tokens: TextToken[], tabIndex: -1 | undefined): ReactNode {
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
            {sign(token.open)}
            {token.text}
            {sign(token.close)}
          </code>
        )
      case 'block':
        return (
          <code key={index} className={styles.block} dir="ltr" role="group" aria-label="Code" tabIndex={tabIndex ?? 0}>
            {sign(token.open)}
            {token.text}
            {sign(token.close)}
          </code>
        )
      case 'blockquote':
      case 'ul': {
        const Line = token.kind === 'ul' ? 'li' : 'p'
        return (
          <token.kind key={index} className={styles[token.kind]}>
            {token.lines.map(({ open, tokens: words, close }, at) => (
              <Line key={at}>
                {sign(open)}
                {drawn(words, tabIndex)}
                {sign(close)}
              </Line>
            ))}
          </token.kind>
        )
      }
      default:
        return (
          <token.kind key={index}>
            {sign(token.open)}
            {drawn(token.tokens, tabIndex)}
            {sign(token.close)}
          </token.kind>
        )
    }
  })
}
