import type { Action } from '@reduxjs/toolkit'
import { LOBBY, uuidv7, type ConversationId, type DeviceId, type TabId } from '#protocol/ids.ts'
import type { Me } from '#protocol/session.ts'
import { createGroup } from '#server/domain/conversations.ts'
import type { Core, Identity } from '#server/domain/core.ts'
import { meFrom } from '#server/domain/people.ts'
import { createGuest } from '#server/domain/sessions.ts'
import { streamOf } from '#testing/random.ts'
import { virtualClock, type VirtualClock } from '#testing/virtualClock.ts'
import { openBrowser, type Browser, type Tab } from './browsers.ts'
import type { Journal } from './journal.ts'
import type { Setup } from './scenario.ts'
import { openServers } from './servers.ts'

const START = 1_700_000_000_000
const PERMISSIONS = ['message:send', 'group:create', 'invite:create'] as const

export type Person = { me: Me; identity: Identity; browsers: Browser[] }

/** Servers, people and their browsers under one virtual clock, everything by chance from one seed. */
export async function openWorld(
  seed: number,
  setup: Setup,
  journal: Journal,
  ears: { heard: (tab: Tab, fact: Action) => void; pushed: (tab: Tab, name: string, body: unknown) => void },
) {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  /** When no promise has anything left to run: cheaper than a turn of the event loop, which only the database needs. */
  const stillness = () => new Promise<void>((resolve) => process.nextTick(resolve))
  const quiet = async () => {
    await stillness()
    while (!servers.database.isIdle()) await turn()
  }
  const clock: VirtualClock = virtualClock(START, quiet)
  const idChance = streamOf(seed, 'ids')
  const newId = () =>
    uuidv7(clock.now(), (bytes) => {
      for (let i = 6; i < bytes.length; i++) bytes[i] = Math.floor(idChance() * 256)
    })
  const servers = openServers({ seed, clock, newId, journal, faults: setup.servers })
  const founding: Core = {
    store: {
      ...servers.database,
      epoch: servers.database.epoch(),
      check: async () => {},
      stats: () => ({ transactions: 0, commits: 0 }),
      close: async () => {},
    },
    publish: () => {},
    now: clock.now,
    newId,
    sha256: servers.sha256,
  }

  async function person(name: string): Promise<Person> {
    const first = newId() as DeviceId
    const { user, session } = await createGuest(founding, { name, device: first, tokenHash: newId() })
    const me: Me = { ...meFrom(user), permissions: [...PERMISSIONS] }
    const browsers: Browser[] = []
    for (let n = 0; n < setup.browsersEach; n++) {
      const own = n === 0 ? session : { ...session, id: newId() as typeof session.id, deviceId: newId() as DeviceId }
      // Signing in a second time is the business of accounts: a further browser gets its session by hand.
      if (n > 0) await founding.store.transact((tx) => tx.insertSession(own))
      browsers.push(
        openBrowser({
          seed,
          name: `${name}${n + 1}`,
          clock,
          newId,
          journal,
          servers,
          chance: streamOf(seed, `${name}${n}`),
          misfortune: streamOf(seed, `misfortune of ${name}${n}`),
          faults: setup.browsers,
          me,
          tenant: user.tenant,
          session: own.id,
          device: own.deviceId,
          ...ears,
        }),
      )
    }
    const identity = { user: me.id, tenant: user.tenant, session: session.id, device: first, tab: newId() as TabId, permissions: PERMISSIONS }
    return { me, identity, browsers }
  }

  const people: Person[] = []
  for (const name of ['Ann', 'Bob', 'Cleo'].slice(0, setup.people)) people.push(await person(name))
  const conversations: ConversationId[] = [LOBBY]
  if (setup.hasGroup) {
    const members = people.slice(1).map(({ me }) => me.id)
    conversations.push((await createGroup(founding, people[0]!.identity, { name: 'Crew', members })).id)
  }
  return { seed, clock, newId, journal, servers, people, conversations, founding, quiet }
}
export type World = Awaited<ReturnType<typeof openWorld>>
