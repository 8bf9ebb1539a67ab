import { SEARCH_PAGE } from '#protocol/limits.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { holds, searchedText, termsOf, wordsOf, type SearchAnswer, type SearchQuery } from '#protocol/search.ts'
import type { Storage } from './storage.ts'

/** Messages read at once. */
const STRETCH = 500
/** Nobody looks through more of them. */
const FOUND_MAX = 50 * SEARCH_PAGE

/** Searches what this browser keeps as the server searches everything: for a page that has no connection. The newest first. */
export async function searchKept(storage: Pick<Storage, 'stretch' | 'conversations'>, query: SearchQuery): Promise<SearchAnswer> {
  const terms = termsOf(query.q)
  const { has, in: only, from, after = 0, before = Infinity, until } = query
  const fits = (message: ChatMessage) => {
    const { sender, at, deletedAt, files } = message
    const isThere = deletedAt === undefined && at >= after && at < before
    return (
      isThere && (from === undefined || sender === from) && (has === undefined || files !== undefined) && holds(wordsOf(searchedText(message)), terms)
    )
  }
  const found: ChatMessage[] = []
  for (const { conv, seq, facts } of await storage.conversations()) {
    if (only !== undefined && conv !== only) continue
    let below = seq + 1
    for (let ofThis = 0; below > facts.visibleFrom + 1 && ofThis < FOUND_MAX;) {
      const stretch = (await storage.stretch(conv, below, STRETCH)).filter((message) => message.seq > facts.visibleFrom)
      const hits = stretch.filter(fits)
      found.push(...hits)
      ofThis += hits.length
      below = stretch.at(-1)?.seq ?? 0
    }
  }
  found.sort((a, b) => b.at - a.at || b.seq - a.seq)
  const first = until === undefined ? 0 : found.findIndex(({ id }) => id === until) + 1
  const messages = found.slice(first, first + SEARCH_PAGE)
  return { messages, until: first + SEARCH_PAGE < found.length ? messages.at(-1)!.id : null }
}
