import { useId, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { Api } from '#client/live/client.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import { selectConversationList } from '#client/store/selectors/conversations.ts'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Dialog } from '#client/ui/Dialog.tsx'
import { Field } from '#client/ui/Field.tsx'
import { Icon } from '#client/ui/Icon.tsx'
import { isComposing } from '#client/ui/isComposing.ts'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { useSettled } from '#client/ui/useSettled.ts'
import { t } from '#client/words/t.ts'
import { tx } from '#client/words/tx.tsx'
import type { Profile } from '#protocol/conversation.ts'
import { SEARCH_TEXT_MAX } from '#protocol/limits.ts'
import type { Reply } from '#protocol/reply.ts'
import { termsOf } from '#protocol/search.ts'
import { fits } from './fits.ts'
import styles from './Search.module.css'

/** No question while somebody is still typing it. */
const SETTLED_MS = 250
/** Conversations shown at once. */
const SHOWN_MAX = 8

type Option = { path: string; group: 'conversations' | 'messages' | 'people'; face: ReactNode; words: ReactNode }
type People = Reply<{ people: Profile[] }>

type FindDialogProps = {
  /** What is typed; held by who opens it, so that nothing is lost that was typed before it was here. */
  text: string
  onText: (text: string) => void
  /** Who had the focus. */
  before: Element | null
  findPeople: Api['findPeople']
  onGo: (path: string) => void
  onClose: () => void
}

/** The way to a conversation, to somebody to write to, and to old messages, by the beginning of a word. */
export function FindDialog({ text, onText, before, findPeople, onGo, onClose }: FindDialogProps) {
  /** By the arrows: the way to it. */
  const [chosen, setChosen] = useState<string | null>(null)
  const isLive = useAppSelector(selectIsLive)
  const conversations = useAppSelector(selectConversationList)
  const asked = useSettled(text.trim(), SETTLED_MS)
  const { answer } = useAnswer(`${isLive} ${asked}`, () =>
    asked === '' || !isLive ? Promise.resolve<People>({ ok: true, people: [] }) : findPeople(asked),
  )
  const id = useId()

  const known = conversations.filter(({ title }) => fits(title, text)).slice(0, SHOWN_MAX)
  const isKnown = new Set(known.map(({ other }) => other))
  // those for what was typed a moment ago are not those that are looked for
  const people = asked !== '' && asked === text.trim() && answer?.ok ? answer.people.filter((person) => !isKnown.has(person.id)) : []
  const options: Option[] = [
    ...known.map(({ id: conv, other, title, picture, kind }): Option => ({
      path: `/chat/${conv}`,
      group: 'conversations',
      face: <Avatar id={other ?? conv} name={title} picture={picture} kind={kind === 'direct' ? 'person' : 'group'} small />,
      words: <bdi>{title}</bdi>,
    })),
    ...(termsOf(text).length > 0 ? [messagesWith(text.trim())] : []),
    // last, because they come late: what stands there when somebody presses Enter is what they saw
    ...people.map(({ id: user, name, picture, isGuest }): Option => ({
      path: `/people/${user}`,
      group: 'people',
      face: <Avatar id={user} name={name} picture={picture} small />,
      words: (
        <>
          <bdi>{name}</bdi>
          {isGuest && <span className={styles.words}>{t('Guest')}</span>}
        </>
      ),
    })),
  ]
  const found = options.findIndex(({ path }) => path === chosen)
  const at = found < 0 && options.length > 0 ? 0 : found
  const go = (option: Option | undefined) => {
    if (!option) return
    onClose()
    onGo(option.path)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key]
    if (next !== undefined) setChosen(options.at(next % Math.max(1, options.length))?.path ?? null)
    else if (event.key === 'Enter') go(options[at])
    else return
    event.preventDefault()
  }

  return (
    <Dialog title={t('Find')} before={before} onClose={onClose}>
      <Field
        label={t('Conversation, person or words')}
        type="text"
        role="combobox"
        value={text}
        maxLength={SEARCH_TEXT_MAX}
        autoComplete="off"
        autoFocus
        aria-expanded={options.length > 0}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        onChange={(event) => {
          onText(event.target.value)
          setChosen(null)
        }}
        onKeyDown={onKeyDown}
      />
      <div id={id} role="listbox" aria-label={t('Found')} className={styles.found}>
        {groups().map(([group, words]) => {
          const own = options.flatMap((option, n) => (option.group === group ? [{ option, n }] : []))
          if (own.length === 0) return null
          return (
            <div key={group} role="group" aria-label={words}>
              <p aria-hidden="true">{words}</p>
              {own.map(({ option, n }) => (
                <button
                  type="button"
                  key={option.path}
                  id={`${id}-${n}`}
                  ref={n === at ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
                  tabIndex={-1}
                  role="option"
                  aria-selected={n === at}
                  className={styles.option}
                  onClick={() => go(option)}
                >
                  {option.face}
                  {option.words}
                </button>
              ))}
            </div>
          )
        })}
      </div>
      <p role="status" className={styles.words}>
        {stateWords({ text: asked, isLive, answer, found: options.length })}
      </p>
    </Dialog>
  )
}

const groups = (): [Option['group'], string][] => [
  ['conversations', t('Conversations')],
  ['messages', t('Messages')],
  ['people', t('People')],
]

const messagesWith = (words: string): Option => ({
  path: `/search?${new URLSearchParams({ q: words }).toString()}`,
  group: 'messages',
  face: <Icon drawing={laterDrawings.find} size={20} />,
  words: <bdi>{tx('Search messages for “{words}”', { words: <bdi>{words}</bdi> })}</bdi>,
})

function stateWords({ text, isLive, answer, found }: { text: string; isLive: boolean; answer: People | null; found: number }): string {
  if (text === '') return found === 0 ? t('Type the beginning of a name.') : ''
  if (!isLive) return t('You are not connected: only your own conversations, and messages on this device, can be found now.')
  if (!answer) return t('Looking for people…')
  if (!answer.ok) return refusalWords(answer)
  return found <= 1 && answer.people.length === 0 ? t('Nobody is called like this, or wants to be found.') : ''
}
