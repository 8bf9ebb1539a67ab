import type { UserId } from '#protocol/ids.ts'
import type { Presence, PresenceState } from '#protocol/presence.ts'
import type { After } from '#server/edge/edge.ts'

/** What the book needs from outside. `W` stands for a watching connection. */
export type PresenceParts<W> = {
  now: () => number
  after: After
  graceMs: number
  batchMs: number
  /** Those of `others` who share a conversation with `user`. */
  sharing: (user: UserId, others: UserId[]) => Promise<ReadonlySet<UserId>>
  /** When people who are not here were last seen. */
  lastSeenOf: (users: UserId[]) => Promise<ReadonlyMap<UserId, number | null>>
  storeLastSeen: (user: UserId, at: number) => Promise<void>
  tell: (watcher: W, states: Presence[]) => void
}

/** Who is here, and who wants to know. Knows connections only as keys, so that leases of other nodes can stand in for them. */
export type PresenceBook<W> = {
  arrived: (connection: W, user: UserId) => void
  /** After the last connection of a person: offline in `graceMs`, or at once when they signed out. */
  left: (connection: W, reason: 'signedOut' | 'lost') => void
  set: (connection: W, activity: 'active' | 'idle') => void
  /** Replaces what this connection watches; answers with the present states of those it may know of. */
  watch: (connection: W, users: UserId[]) => Promise<Presence[]>
  /** Looks again whether the watchers of a person, and those they watch, may still know of each other. */
  membershipChanged: (user: UserId) => Promise<void>
  stateOf: (user: UserId) => PresenceState
  /** Stores when everybody here was last seen, and stops. */
  close: () => Promise<void>
}

type Person = { connections: Map<unknown, 'active' | 'idle'>; told: PresenceState; lastSeen: number; stopFarewell: () => void }

export function makePresenceBook<W>(parts: PresenceParts<W>): PresenceBook<W> {
  const people = new Map<UserId, Person>()
  const userOf = new Map<W, UserId>()
  const watchers = new Map<UserId, Set<W>>()
  const watching = new Map<W, ReadonlySet<UserId>>()
  const changed = new Map<UserId, Presence>()
  let stopBatch: (() => void) | undefined

  const stateOf = (user: UserId): PresenceState => {
    const person = people.get(user)
    if (!person) return 'offline'
    // nobody connected but still known: within the grace, others keep seeing what they saw
    if (person.connections.size === 0) return person.told
    return [...person.connections.values()].includes('active') ? 'online' : 'away'
  }

  const tellAll = (): void => {
    stopBatch = undefined
    const frames = new Map<W, Presence[]>()
    for (const [user, presence] of changed) {
      for (const watcher of watchers.get(user) ?? []) {
        const frame = frames.get(watcher)
        if (frame) frame.push(presence)
        else frames.set(watcher, [presence])
      }
    }
    changed.clear()
    for (const [watcher, states] of frames) parts.tell(watcher, states)
  }

  const announce = (user: UserId, state: PresenceState, lastSeen: number | null): void => {
    changed.set(user, { user, state, lastSeen })
    stopBatch ??= parts.after(parts.batchMs, tellAll)
  }

  const review = (user: UserId): void => {
    const person = people.get(user)
    if (!person) return
    const state = stateOf(user)
    if (state === person.told) return
    person.told = state
    announce(user, state, person.lastSeen)
  }

  const goOffline = (user: UserId): void => {
    const person = people.get(user)
    if (!person) return
    person.stopFarewell()
    people.delete(user)
    announce(user, 'offline', person.lastSeen)
    // presence is a courtesy: when it can't be stored, "last seen" is older than the truth and nothing else suffers
    parts.storeLastSeen(user, person.lastSeen).catch(() => undefined)
  }

  const unwatch = (connection: W): void => {
    for (const user of watching.get(connection) ?? []) {
      const theirs = watchers.get(user)
      theirs?.delete(connection)
      if (theirs?.size === 0) watchers.delete(user)
    }
    watching.delete(connection)
  }

  const watchExactly = (connection: W, users: ReadonlySet<UserId>): void => {
    unwatch(connection)
    watching.set(connection, users)
    for (const user of users) {
      const theirs = watchers.get(user)
      if (theirs) theirs.add(connection)
      else watchers.set(user, new Set([connection]))
    }
  }

  return {
    arrived: (connection, user) => {
      userOf.set(connection, user)
      const person = people.get(user) ?? { connections: new Map(), told: 'offline', lastSeen: parts.now(), stopFarewell: () => undefined }
      people.set(user, person)
      person.stopFarewell()
      person.connections.set(connection, 'active')
      person.lastSeen = parts.now()
      review(user)
    },

    left: (connection, reason) => {
      const user = userOf.get(connection)
      unwatch(connection)
      if (user === undefined) return
      userOf.delete(connection)
      const person = people.get(user)
      if (!person) return
      person.connections.delete(connection)
      person.lastSeen = parts.now()
      if (person.connections.size > 0) review(user)
      else if (reason === 'signedOut') goOffline(user)
      else person.stopFarewell = parts.after(parts.graceMs, () => goOffline(user))
    },

    set: (connection, activity) => {
      const user = userOf.get(connection)
      const person = user === undefined ? undefined : people.get(user)
      if (user === undefined || !person) return
      person.connections.set(connection, activity)
      person.lastSeen = parts.now()
      review(user)
    },

    watch: async (connection, users) => {
      const viewer = userOf.get(connection)
      if (viewer === undefined) return []
      const allowed = await parts.sharing(viewer, users)
      const absent = [...allowed].filter((user) => !people.has(user))
      const seen = await parts.lastSeenOf(absent)
      // the connection may have gone while the database was asked
      if (userOf.get(connection) === undefined) return []
      watchExactly(connection, allowed)
      return [...allowed].map((user) => ({ user, state: stateOf(user), lastSeen: people.get(user)?.lastSeen ?? seen.get(user) ?? null }))
    },

    membershipChanged: async (user) => {
      const affected = new Set(watchers.get(user))
      for (const [connection, owner] of userOf) if (owner === user && watching.has(connection)) affected.add(connection)
      for (const connection of affected) {
        const viewer = userOf.get(connection)
        const before = watching.get(connection)
        if (viewer === undefined || before === undefined) continue
        const still = await parts.sharing(viewer, [...before])
        // a newer set may have been asked for meanwhile; that one was checked on its own
        if (watching.get(connection) === before) watchExactly(connection, still)
      }
    },

    stateOf,

    close: async () => {
      stopBatch?.()
      const leaving = [...people]
      people.clear()
      for (const [, person] of leaving) person.stopFarewell()
      await Promise.allSettled(leaving.map(([user, person]) => parts.storeLastSeen(user, person.lastSeen)))
    },
  }
}
