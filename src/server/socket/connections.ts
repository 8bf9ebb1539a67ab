import type { SessionId, TabId, UserId } from '#protocol/ids.ts'
import type { Live } from './live.ts'

/** Every open connection of this process, found by socket, person, session or tab. */
export type Connections = {
  add: (live: Live) => void
  remove: (live: Live) => void
  all: () => Iterable<Live>
  count: () => number
  users: () => number
  ofUser: (user: UserId) => ReadonlySet<Live>
  ofSession: (user: UserId, session: SessionId) => Live[]
  ofTab: (session: SessionId, tab: TabId) => Live | undefined
}

const NOBODY: ReadonlySet<Live> = new Set()
const tabKey = (session: SessionId, tab: TabId): string => `${session} ${tab}`

export function makeConnections(): Connections {
  const byUser = new Map<UserId, Set<Live>>()
  const byTab = new Map<string, Live>()
  const lives = new Set<Live>()
  const keyOf = (live: Live): string => tabKey(live.who.session, live.who.tab)

  return {
    add: (live) => {
      lives.add(live)
      byTab.set(keyOf(live), live)
      const theirs = byUser.get(live.who.user)
      if (theirs) theirs.add(live)
      else byUser.set(live.who.user, new Set([live]))
    },
    remove: (live) => {
      lives.delete(live)
      // the tab may be connected anew before its old connection is noticed to be gone
      if (byTab.get(keyOf(live)) === live) byTab.delete(keyOf(live))
      const theirs = byUser.get(live.who.user)
      theirs?.delete(live)
      if (theirs?.size === 0) byUser.delete(live.who.user)
    },
    all: () => lives,
    count: () => lives.size,
    users: () => byUser.size,
    ofUser: (user) => byUser.get(user) ?? NOBODY,
    ofSession: (user, session) => [...(byUser.get(user) ?? NOBODY)].filter((live) => live.who.session === session),
    ofTab: (session, tab) => byTab.get(tabKey(session, tab)),
  }
}
