import { useEffect, useEffectEvent, useId, useMemo, useState, type RefObject } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectMentionable } from '#client/store/selectors/people.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { announcer } from '#client/ui/announcer.ts'
import { insertText } from '#client/ui/insertText.ts'
import { begunMention, fitting } from '#client/ui/mentions.ts'
import { plural, t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import styles from './MentionPicker.module.css'

const SHOWN_MAX = 6

type MentionPickerProps = { conv: ConversationId; box: RefObject<HTMLTextAreaElement | null>; text: string; onChange: (text: string) => void }

/** Names that fit what is being typed behind an @: ↑ and ↓ choose, Enter or Tab takes one, Escape puts them away. */
export function MentionPicker({ conv, box, text, onChange }: MentionPickerProps) {
  const me = useAppSelector(selectMyId)
  const people = useAppSelector((state) => selectMentionable(state, conv))
  const caret = useCaret(box)
  /** By the arrows, among the names for what was typed then. */
  const [chosen, setChosen] = useState<{ of: string; at: number } | null>(null)
  /** The @ that somebody wants no names for. */
  const [putAway, setPutAway] = useState<number | null>(null)
  const id = useId()
  const found = begunMention(text, Math.min(caret, text.length))
  const begun = found && found.from !== putAway ? found.begun : undefined
  const names = useMemo(
    () =>
      begun === undefined
        ? []
        : fitting(people, begun)
            .filter((person) => person.id !== me && person.name.toLowerCase() !== begun.toLowerCase())
            .slice(0, SHOWN_MAX),
    [people, begun, me],
  )
  const isOpen = names.length > 0
  // a whole name stands there: Enter sends, unless a longer one is chosen
  const isWhole = people.some(({ name }) => name.toLowerCase() === begun?.trim().toLowerCase())
  const at = chosen !== null && chosen.of === begun ? Math.min(chosen.at, names.length - 1) : isWhole ? -1 : 0
  const choose = (next: number) => setChosen({ of: begun ?? '', at: (next + names.length) % names.length })

  const take = (name: string | undefined) => {
    const field = box.current
    if (!field || !found || name === undefined) return
    field.focus({ preventScroll: true })
    field.setSelectionRange(found.from, caret)
    insertText(field, `@${name} `, onChange)
  }
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!isOpen || event.isComposing || event.keyCode === 229 || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === 'ArrowDown') choose(at + 1)
    else if (event.key === 'ArrowUp') choose(at < 0 ? -1 : at - 1)
    else if (at >= 0 && (event.key === 'Enter' || event.key === 'Tab')) take(names[at]?.name)
    else if (event.key === 'Escape') setPutAway(found?.from ?? null)
    else return
    // before the composer sends, or puts something else away
    event.preventDefault()
    event.stopPropagation()
  })
  useEffect(() => {
    const field = box.current
    if (!field) return
    const listen = (event: KeyboardEvent) => onKey(event)
    field.addEventListener('keydown', listen, { capture: true })
    return () => field.removeEventListener('keydown', listen, { capture: true })
  }, [box])

  useEffect(() => {
    const field = box.current
    if (!field || !isOpen) return
    field.setAttribute('aria-autocomplete', 'list')
    field.setAttribute('aria-controls', id)
    if (at >= 0) field.setAttribute('aria-activedescendant', `${id}-${at}`)
    return () => {
      for (const name of ['aria-autocomplete', 'aria-controls', 'aria-activedescendant']) field.removeAttribute(name)
    }
  }, [box, id, isOpen, at])
  useEffect(() => {
    if (isOpen)
      announcer.say(
        names.length === 1 ? t('Mention {name}?', { name: names[0]!.name }) : plural(names.length, '1 person to mention', '{n} people to mention'),
      )
  }, [isOpen, names])

  if (!isOpen) return null
  return (
    <div className={styles.anchor}>
      <div id={id} role="listbox" aria-label={t('Mention')} className={styles.names} data-testid="mentions">
        {names.map(({ id: user, name }, n) => (
          <button
            key={user}
            id={`${id}-${n}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={n === at}
            // the focus stays where one types
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(name)}
          >
            <bdi>{name}</bdi>
          </button>
        ))}
      </div>
    </div>
  )
}

/** Where the caret of a field stands. */
function useCaret(box: RefObject<HTMLTextAreaElement | null>): number {
  const [caret, setCaret] = useState(() => box.current?.selectionStart ?? 0)
  useEffect(() => {
    const look = () => {
      if (box.current && document.activeElement === box.current) setCaret(box.current.selectionStart)
    }
    look()
    document.addEventListener('selectionchange', look)
    box.current?.addEventListener('input', look)
    const field = box.current
    return () => {
      document.removeEventListener('selectionchange', look)
      field?.removeEventListener('input', look)
    }
  }, [box])
  return caret
}
