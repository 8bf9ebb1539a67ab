import { useMemo, type ReactNode } from 'react'
import { t } from '#client/words/t.ts'
import styles from './FormattedText.module.css'
import type { UserId } from '#protocol/ids.ts'
import { mentionsIn, type Mentionable } from './mentions.ts'
import { textTokens, type TextToken } from './textTokens.ts'

/**
 * Somebody's words as React elements, never as HTML. The signs around code, marks and lines stay in the document and are only not displayed, so that `textContent` is the text
 * exactly as typed.
 */
export function FormattedText({ text, reachable = true, people = NOBODY, me = null }: FormattedTextProps): ReactNode {
  const tokens = useMemo(() => textTokens(text), [text])
  return drawn(tokens, { tabIndex: reachable ? undefined : -1, people, me })
}

type FormattedTextProps = {
  text: string
  /** Links can be reached with Tab: only in one message of a list at a time, so that the list is one Tab stop. */
  reachable?: boolean
  /** Who may be mentioned in it. */
  people?: readonly Mentionable[]
  me?: UserId | null
}
type Manner = { tabIndex: -1 | undefined; people: readonly Mentionable[]; me: UserId | null }

const NOBODY: readonly Mentionable[] = []

const sign = (typed: string) => <span className={styles.sign}>{typed}</span>

function drawn(tokens: TextToken[], manner: Manner): ReactNode {
  const { tabIndex } = manner
  return tokens.map((token, index) => {
    switch (token.kind) {
      case 'text':
        return withMentions(token.text, manner)
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
          <code key={index} className={styles.block} dir="ltr" role="group" aria-label={t('Code')} tabIndex={tabIndex ?? 0}>
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
                {drawn(words, manner)}
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
            {drawn(token.tokens, manner)}
            {sign(token.close)}
          </token.kind>
        )
    }
  })
}

function withMentions(text: string, { people, me }: Manner): ReactNode {
  const mentions = people.length === 0 ? [] : mentionsIn(text, people)
  if (mentions.length === 0) return text
  const ends = [0, ...mentions.map(({ to }) => to)]
  return [
    ...mentions.flatMap(({ from, to, user }, n) => [
      text.slice(ends[n], from),
      <span key={from} className={styles.mention} data-mention={user === me ? 'me' : 'other'}>
        {text.slice(from, to)}
      </span>,
    ]),
    text.slice(ends.at(-1)),
  ]
}
