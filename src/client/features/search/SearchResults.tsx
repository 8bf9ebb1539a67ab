import { useEffect, useRef, useState } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectConversation } from '#client/store/selectors/conversations.ts'
import { selectWriterName } from '#client/store/selectors/oneMessage.ts'
import { pathOfMessage } from '#client/ui/address.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import { Link } from '#client/ui/Link.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { dateInWords, shortWhen } from '#client/ui/times.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { useToday } from '#client/ui/useToday.ts'
import { plural, t } from '#client/words/t.ts'
import { tx } from '#client/words/tx.tsx'
import type { ChatMessage } from '#protocol/message.ts'
import type { Reply } from '#protocol/reply.ts'
import { searchedText, type SearchAnswer, type SearchQuery } from '#protocol/search.ts'
import { excerpt } from './excerpt.ts'
import styles from './Search.module.css'

type SearchResultsProps = {
  query: SearchQuery
  /** All messages are searched, and not only those that are kept on this device. */
  isWhole: boolean
  ask: (query: SearchQuery) => Promise<Reply<SearchAnswer>>
}

/** Messages that hold what is looked for, page by page. What was found stays in sight until more is known. */
export function SearchResults({ query, isWhole, ask }: SearchResultsProps) {
  const asked = useAnswer(`${isWhole} ${JSON.stringify(query)}`, () => ask(query).then((reply) => ({ reply, isWhole, query })))
  const [last, setLast] = useState(asked.answer)
  if (asked.answer && asked.answer !== last) setLast(asked.answer)
  const words = last ? wordsFor(last) : t('Looking…')
  useEffect(() => announcer.say(words), [words, last])
  if (!last?.reply.ok)
    return (
      <p className={styles.words} data-testid="search-count">
        {words}{' '}
        {last && (
          <Button look="text" onClick={asked.again}>
            {t('Try again')}
          </Button>
        )}
      </p>
    )
  return (
    <>
      <p className={styles.words} data-testid="search-count">
        {words}
      </p>
      <Hits key={`${last.isWhole} ${JSON.stringify(last.query)}`} query={last.query} answer={last.reply} ask={ask} />
    </>
  )
}

type HitsProps = { query: SearchQuery; answer: SearchAnswer; ask: SearchResultsProps['ask']; /** They were asked for below others. */ isNext?: true }

function Hits({ query, answer: { messages, until }, ask, isNext }: HitsProps) {
  const list = useRef<HTMLUListElement>(null)
  const [isOpen, setIsOpen] = useState(false)
  useEffect(() => {
    if (!isNext) return
    list.current?.querySelector('a')?.focus()
    announcer.say(t('{n} more', { n: messages.length }))
  }, [isNext, messages.length])
  return (
    <>
      <ul ref={list} className={styles.results}>
        {messages.map((message) => (
          <Hit key={message.id} message={message} q={query.q} />
        ))}
      </ul>
      {until === null ? null : isOpen ? (
        <Older query={{ ...query, until }} ask={ask} />
      ) : (
        <Button onClick={() => setIsOpen(true)}>{t('Show older')}</Button>
      )}
    </>
  )
}

function Older({ query, ask }: Pick<HitsProps, 'query' | 'ask'>) {
  const { answer, again } = useAnswer('', () => ask(query))
  if (answer?.ok) return <Hits query={query} answer={answer} ask={ask} isNext />
  return (
    <Button aria-busy={answer === null} onClick={again}>
      {answer === null ? t('Looking…') : `${refusalWords(answer)} ${t('Try again')}`}
    </Button>
  )
}

function wordsFor({ reply, isWhole, query }: { reply: Reply<SearchAnswer>; isWhole: boolean; query: SearchQuery }): string {
  if (!reply.ok) return refusalWords(reply)
  const { messages, until } = reply
  const n = messages.length
  if (n === 0 && query.q.trim() === '') return isWhole ? t('No messages with files here.') : t('No messages on this device with files here.')
  if (n === 0) {
    const words = query.q.trim()
    return isWhole
      ? t('No messages match “{words}”. Try fewer words, or another place or time.', { words })
      : t('No messages on this device match “{words}”. Try fewer words, or another place or time.', { words })
  }
  if (until !== null) return isWhole ? t('The newest {n} messages that match', { n }) : t('The newest {n} messages on this device that match', { n })
  return isWhole
    ? plural(n, '1 message matches', '{n} messages match')
    : plural(n, '1 message on this device matches', '{n} messages on this device match')
}

function Hit({ message, q }: { message: ChatMessage; q: string }) {
  const { id, conv, at } = message
  const title = useAppSelector((state) => selectConversation(state, conv)?.title)
  const name = useAppSelector((state) => selectWriterName(state, message))
  const today = useToday()
  return (
    <li>
      <Link to={pathOfMessage(conv, id)} className={styles.hit} data-testid="search-hit" data-message-id={id}>
        <span className={styles.about}>
          {tx('{name} in {title}', { name: <bdi className={styles.name}>{name}</bdi>, title: <bdi>{title ?? t('a conversation')}</bdi> })}
          <time dateTime={new Date(at).toISOString()} title={dateInWords(at)}>
            {shortWhen(at, today)}
          </time>
        </span>
        <span className={styles.text} dir="auto">
          {excerpt(searchedText(message), q).map(({ text, isFound }, n) => (isFound ? <mark key={n}>{text}</mark> : text))}
        </span>
      </Link>
    </li>
  )
}
