import type { StorageTrouble } from './pageStorage.ts'
import { openTab, type Tab, type TabParts, type Way } from './tab.ts'
import { Area, openProfile } from './world.ts'

/** A person: one browser profile on one line, with a place for each of their tabs. */
export function openPerson(
  parts: Omit<TabParts, 'profile' | 'name' | 'session'> & { url: string; index: number; tabs: number; trouble: StorageTrouble },
) {
  const { url, index } = parts
  const profile = openProfile(url, undefined, parts.trouble)
  const places: { tab: Tab | undefined; session: Area; life: number; looksAt: string }[] = Array.from({ length: parts.tabs }, () => ({
    tab: undefined,
    session: new Area(),
    life: 0,
    looksAt: 'lobby',
  }))

  let who = ''
  async function open(place: number, afresh = false): Promise<void> {
    const at = places[place]!
    if (at.tab) return
    if (afresh) at.session = new Area()
    at.life++
    const tab = openTab({ ...parts, profile, name: `${index}.${place}.${at.life}`, session: at.session })
    at.tab = tab
    await tab.start(`Person ${index}`)
    who = tab.whoami() || who
    tab.look(at.looksAt)
  }

  return {
    index,
    profile,
    open,
    openAll: async (): Promise<void> => {
      for (const place of places.keys()) await open(place)
    },
    /** Answers whether the page is gone. */
    close: (place: number, how: Way): boolean => {
      const at = places[place]!
      if (at.tab && !at.tab.end(how)) return false
      at.looksAt = at.tab?.opened() ?? at.looksAt
      at.tab = undefined
      return true
    },
    tab: (place: number) => places[place]?.tab,
    tabs: () => places.flatMap(({ tab }) => (tab ? [tab] : [])),
    places: () => places.length,
    /** Also while no page is open. */
    whoami: () => who,
  }
}
export type Person = ReturnType<typeof openPerson>
