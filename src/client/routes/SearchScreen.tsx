import { useState } from 'react'
import { useLocation, useNavigate } from 'react-router-dom'
import { SearchForm, type SearchWish } from '#client/features/search/SearchForm.tsx'
import { SearchResults } from '#client/features/search/SearchResults.tsx'
import styles from '#client/features/search/Search.module.css'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectIsComing, selectIsLive } from '#client/store/selectors/connection.ts'
import { useSettled } from '#client/ui/useSettled.ts'
import { t } from '#client/words/t.ts'
import { ConversationId, UserId } from '#protocol/ids.ts'
import { SEARCH_TEXT_MAX } from '#protocol/limits.ts'
import { termsOf, type SearchQuery } from '#protocol/search.ts'
import { useClient } from './clientContext.ts'
import { ScreenHeader } from './ScreenHeader.tsx'
import screen from './Screen.module.css'

/** No question while somebody is still typing it. */
const SETTLED_MS = 300

/** Old messages, found by their words. What is looked for stands in the address, so that the way back from a message leads to it. */
export function SearchScreen() {
  const client = useClient()
  const isLive = useAppSelector(selectIsLive)
  const isComing = useAppSelector(selectIsComing)
  const navigate = useNavigate()
  const { search } = useLocation()
  const [wish, setWish] = useState(() => wishIn(search))
  /** What the wish is of: the address leads here with another one from elsewhere, or by the way back. */
  const [of, setOf] = useState(search)
  if (search !== of) {
    setOf(search)
    setWish(wishIn(search))
  }
  const query = queryFor(useSettled(wish, SETTLED_MS))
  const change = (next: SearchWish) => {
    const chosen = new URLSearchParams(Object.entries(next).filter(([, value]) => value !== '')).toString()
    setWish(next)
    setOf(chosen === '' ? '' : `?${chosen}`)
    void navigate({ pathname: '/search', search: chosen }, { replace: true })
  }
  return (
    <>
      <ScreenHeader title={t('Search')} />
      <div className={screen.body}>
        <div className={styles.search}>
          <SearchForm wish={wish} onChange={change} />
          {!isLive && !isComing && (
            <p className={styles.words}>{t('You are not connected. Only messages that are kept on this device are searched.')}</p>
          )}
          {!query && wish.q.trim() !== '' && <p className={styles.words}>{t('Type a word to look for: signs and emoji alone are not searched.')}</p>}
          {query && <SearchResults query={query} isWhole={isLive} ask={isLive ? client.api.search : client.searchKept} />}
        </div>
      </div>
    </>
  )
}

function wishIn(search: string): SearchWish {
  const given = new URLSearchParams(search)
  const text = (name: keyof SearchWish) => given.get(name) ?? ''
  return {
    q: text('q').slice(0, SEARCH_TEXT_MAX),
    in: text('in'),
    from: text('from'),
    after: text('after'),
    before: text('before'),
    has: text('has') === 'file' ? 'file' : '',
  }
}

/** undefined while there is nothing to look for. What stands in the address and is no id and no day is left out. */
function queryFor({ q, in: conv, from, after, before, has }: SearchWish): SearchQuery | undefined {
  if (termsOf(q).length === 0 && (has === '' || q.trim() !== '')) return undefined
  const [inside, sender] = [ConversationId.safeParse(conv), UserId.safeParse(from)]
  const [first, end] = [momentOf(after), momentOf(before)]
  return {
    q,
    ...(has === 'file' && { has }),
    ...(inside.success && conv !== '' && { in: inside.data }),
    ...(sender.success && from !== '' && { from: sender.data }),
    ...(first !== undefined && { after: first }),
    ...(end !== undefined && { before: end }),
  }
}

/** The beginning of a day here. */
function momentOf(day: string): number | undefined {
  const moment = new Date(`${day}T00:00`).getTime()
  return Number.isNaN(moment) || moment < 0 ? undefined : moment
}
