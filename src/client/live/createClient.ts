import * as z from 'zod/mini'
import { ConversationAnswer, InviteAnswer, InviteFacts } from '#protocol/http.ts'
import { Me } from '#protocol/session.ts'
import { openBrowserDb, storageTrouble } from './browserDb.ts'
import { browserNet } from './browserNet.ts'
import {
  browserChannel,
  browserClock,
  browserLocks,
  browserMemory,
  browserRandom,
  browserSurroundings,
  claimIdentity,
  type Memory,
} from './browserPorts.ts'
import type { Client, ClientParts } from './client.ts'
import { openEngine, type Engine } from './engine.ts'
import { storageLost } from './facts.ts'
import type { Identity } from './ports.ts'
import { openSession } from './session.ts'
import { openStorage } from './storage.ts'
import type { TabMessage } from './tabs.ts'
import { TIMING, type Timing } from './timing.ts'

export type ClientOptions = {
  /** The server's origin where it is not the page's own. */
  origin?: string
  /** Shorter times for tests. */
  timing?: Timing
  fetch?: typeof fetch
  memory?: Memory
}

const Nothing = z.object({})

/** The page's one client: session, HTTP and, while somebody is signed in, the live tie. */
export function createClient({ dispatch, intents }: ClientParts, options: ClientOptions = {}): Client {
  const memory = options.memory ?? browserMemory
  let identity: Identity | undefined
  let live: Engine | undefined
  const identified = claimIdentity(memory).then((claimed) => {
    identity = claimed
  })
  const session = openSession({
    dispatch,
    base: options.origin ?? '',
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    // read once: where the browser keeps nothing, every reading would be another device
    deviceId: () => identity!.deviceId,
    memory,
    tabs: browserChannel<Me['id']>('tidemark:session'),
    clock: browserClock,
    timeoutMs: (options.timing ?? TIMING).HTTP_MS,
  })
  const { ask } = session
  const at = (conv: string) => `/api/conversations/${encodeURIComponent(conv)}`

  return {
    resume: () => identified.then(session.resume),
    continueAsGuest: (name) => identified.then(() => session.continueAsGuest(name)),
    signOut: session.signOut,

    check: (conv) => live?.check(conv) ?? Promise.resolve({ ok: false, code: 'E_TIMEOUT' }),

    open: (me) => {
      const channel = browserChannel<TabMessage>(`tidemark:${me.id}`)
      const db = openBrowserDb(`tidemark:${me.id}`, (error) => dispatch(storageLost({ reason: storageTrouble(error) })))
      const storage = openStorage(db, browserRandom)
      const engine = openEngine({
        me,
        clock: browserClock,
        random: browserRandom,
        net: browserNet(() => identity!, __BUILD__, options.origin),
        token: session.tokenOf(me),
        surroundings: browserSurroundings,
        storage,
        timing: options.timing ?? TIMING,
        locks: browserLocks(),
        channel,
        emit: dispatch,
        storageTrouble,
      })
      live = engine
      const stopIntents = intents.subscribe(engine.handle)
      // Only words that no storage holds are worth a question when the page goes away.
      const guard = (event: BeforeUnloadEvent) => {
        if (engine.holdsUnsaved()) event.preventDefault()
      }
      window.addEventListener('beforeunload', guard)
      return () => {
        window.removeEventListener('beforeunload', guard)
        stopIntents()
        live = undefined
        void engine.close().then(storage.close)
        channel?.close()
      }
    },

    api: {
      createGroup: (name, members) => ask('POST', '/api/conversations', ConversationAnswer, { name, members }),
      openDirect: (user) => ask('POST', '/api/conversations/direct', ConversationAnswer, { user }),
      renameConversation: (conv, name) => ask('PATCH', at(conv), Nothing, { name }),
      addMembers: (conv, users) => ask('POST', `${at(conv)}/members`, Nothing, { users }),
      removeMember: (conv, user) => ask('DELETE', `${at(conv)}/members/${encodeURIComponent(user)}`, Nothing),
      leave: (conv) => ask('POST', `${at(conv)}/leave`, Nothing),
      createInvite: (conv) => ask('POST', `${at(conv)}/invites`, InviteAnswer),
      inviteFacts: (code) => ask('GET', `/api/invites/${encodeURIComponent(code)}`, z.object({ invite: InviteFacts })),
      joinByInvite: (code) => ask('POST', `/api/invites/${encodeURIComponent(code)}/join`, ConversationAnswer),
      renameMe: (name) => ask('PATCH', '/api/me', z.object({ user: Me }), { name }),
    },
  }
}
