import { ANSWER_BYTES, SEARCH_PAGE } from '#protocol/limits.ts'
import { termsOf, type SearchAnswer, type SearchQuery } from '#protocol/search.ts'
import { bytesOf, upToBytes } from './answerSize.ts'
import type { Core, Identity } from './core.ts'

/** Messages that the asking person may read, in the conversations they are in, the newest first. */
export async function searchMessages(
  core: Core,
  who: Identity,
  { q, has, in: only, from, after, before, until }: SearchQuery,
): Promise<SearchAnswer> {
  return core.store.read(async (tx) => {
    const own = (await tx.conversationsOf(who.user)).map(({ conversation }) => conversation)
    const convs = own.filter(({ id, tenant }) => tenant === who.tenant && (only === undefined || id === only)).map(({ id }) => id)
    const scope = { reader: who.user, convs, sender: from, hasFile: has === 'file', after, before, until, limit: SEARCH_PAGE + 1 }
    const found = await tx.search(termsOf(q), scope)
    const messages = upToBytes(found.slice(0, SEARCH_PAGE), bytesOf, ANSWER_BYTES)
    return { messages, until: found.length > messages.length ? messages.at(-1)!.id : null }
  })
}
