import { LinkifyIt } from 'linkify-it'

const linkify = new LinkifyIt({ fuzzyLink: true }).add('ftp:', null).add('//', null)
/* linkify-it knows the classic domains and all two-letter ones; these are common in what people paste */
linkify.tlds(['app', 'chat', 'cloud', 'dev', 'page', 'xyz'], true)
const SAFE = /^(https?|mailto):/i

export type FoundLink = { from: number; to: number; href: string }

/** Links and addresses in a text, ascending. Only http, https and mailto. */
export function findLinks(text: string): FoundLink[] {
  return (linkify.match(text) ?? [])
    .filter((match) => SAFE.test(match.url))
    .map((match) => ({ from: match.index, to: match.lastIndex, href: match.schema === '' ? match.url.replace(/^http:/, 'https:') : match.url }))
}
