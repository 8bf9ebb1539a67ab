import { useAppSelector } from '#client/store/hooks.ts'
import { selectConversationList } from '#client/store/selectors/conversations.ts'
import { selectAcquaintances } from '#client/store/selectors/people.ts'
import { Field } from '#client/ui/Field.tsx'
import { t } from '#client/words/t.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { SEARCH_TEXT_MAX } from '#protocol/limits.ts'
import styles from './Search.module.css'

/** What is typed and chosen, days as `YYYY-MM-DD`; empty where nothing is. It stands in the address like this. */
export type SearchWish = { q: string; in: string; from: string; after: string; before: string; has: 'file' | '' }

type SearchFormProps = { wish: SearchWish; onChange: (wish: SearchWish) => void }

/** What is looked for, and where. */
export function SearchForm({ wish, onChange }: SearchFormProps) {
  const conversations = useAppSelector(selectConversationList)
  const people = useAppSelector((state) => selectAcquaintances(state, (wish.in || null) as ConversationId | null))
  const change = (name: keyof SearchWish) => (event: { target: { value: string } }) => onChange({ ...wish, [name]: event.target.value })
  return (
    <form role="search" aria-label={t('Messages')} className={styles.form} onSubmit={(event) => event.preventDefault()}>
      <Field
        label={t('Search messages')}
        type="search"
        value={wish.q}
        maxLength={SEARCH_TEXT_MAX}
        autoComplete="off"
        autoFocus
        hint={t('All of these words. In quotation marks: exactly like this.')}
        onChange={change('q')}
      />
      <div className={styles.filters}>
        <label>
          <span>{t('In')}</span>
          <select value={wish.in} onChange={(event) => onChange({ ...wish, in: event.target.value, from: '' })}>
            <option value="">{t('All conversations')}</option>
            {wish.in !== '' && !conversations.some(({ id }) => id === wish.in) && <option value={wish.in}>{t('Another conversation')}</option>}
            {conversations.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{t('From')}</span>
          <select value={wish.from} onChange={change('from')}>
            <option value="">{t('Everybody')}</option>
            {wish.from !== '' && !people.some(({ id }) => id === wish.from) && <option value={wish.from}>{t('Somebody else')}</option>}
            {people.map(({ id, name }: { id: UserId; name: string }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{t('Since')}</span>
          <input type="date" value={wish.after} max={wish.before || undefined} onChange={change('after')} />
        </label>
        <label>
          <span>{t('Before')}</span>
          <input type="date" value={wish.before} min={wish.after || undefined} onChange={change('before')} />
        </label>
        <label className={styles.check}>
          <input type="checkbox" checked={wish.has === 'file'} onChange={(event) => onChange({ ...wish, has: event.target.checked ? 'file' : '' })} />
          <span>{t('With files only')}</span>
        </label>
      </div>
    </form>
  )
}
