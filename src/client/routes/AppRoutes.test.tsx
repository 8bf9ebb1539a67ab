import { act, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import type { Api, Client } from '#client/live/client.ts'
import {
  conversationClosed,
  conversationLeft,
  conversationOpened,
  conversationReset,
  conversationsLearned,
  messageSaved,
  messageWritten,
  messagesArrived,
  nobodySignedIn,
  oldUnsentAllowed,
  oldUnsentCounted,
  outboxLoaded,
  retryRequested,
  roomsSynced,
  sendRefused,
  sessionEnded,
  sessionStarted,
  signedOut,
  unsentEdited,
} from '#client/live/facts.ts'
import type { Store } from '#client/store/makeStore.ts'
import { LOBBY, type ConversationId } from '#protocol/ids.ts'
import { refusal, type Reply } from '#protocol/reply.ts'
import type { Me } from '#protocol/session.ts'
import {
  ann,
  arrival,
  ben,
  clientId,
  conv,
  DAY_MS,
  factsOf,
  NOON,
  otherConv,
  person,
  says,
  saysFrom,
  snapshot,
  waiting,
} from '#testing/clientBuilders.ts'
import { liveRegions, renderApp } from '#testing/renderScreen.tsx'

/** A world outside the page that counts its live ties and answers as it is told. */
function outsideWorld(answers: { guest?: (store: Store) => Promise<Reply<{ user: Me }>>; resume?: (store: Store) => void; api?: Partial<Api> } = {}) {
  const ties: { me: Me; open: boolean }[] = []
  const world = {
    ties,
    open: () => ties.filter((tie) => tie.open),
    client: (store: Store): Client => ({
      resume: () => Promise.resolve((answers.resume ?? (() => store.dispatch(nobodySignedIn())))(store)),
      enter: async () => {
        if (answers.guest) return answers.guest(store)
        store.dispatch(sessionStarted({ user: person(ann) }))
        return { ok: true, user: person(ann) }
      },
      signOut: async () => void store.dispatch(signedOut()),
      open: (me) => {
        const tie = { me, open: true }
        ties.push(tie)
        return () => {
          tie.open = false
        }
      },
      isKept: async () => true,
      searchKept: async () => ({ ok: true, messages: [], until: null }),
      files: async () => ({ choose: async () => ({ fault: 'empty' }), letGo: () => {}, addressOf: async () => undefined }),
      settled: async () => {},
      check: async () => ({ ok: false, code: 'E_TIMEOUT' }),
      former: { read: async () => [], send: async () => {}, forget: async () => {} },
      api: { ...answers.api } as Api,
    }),
  }
  return world
}

const signedIn = (store: Store) => {
  store.dispatch(sessionStarted({ user: person(ann) }))
  store.dispatch(
    conversationsLearned({
      conversations: [snapshot({ id: LOBBY, kind: 'lobby', name: 'Lobby' }), snapshot(), snapshot({ id: otherConv, name: 'Work' }, 3)],
    }),
  )
}
const enter = async () => userEvent.click(await screen.findByRole('button', { name: 'Continue as guest' }))
const composer = (title: string) => screen.findByRole('textbox', { name: `Message ${title}` })

describe('coming in', () => {
  it('takes a guest from the welcome page to the lobby', async () => {
    const { path, store } = renderApp(outsideWorld())
    await enter()
    expect(path()).toBe(`/chat/${LOBBY}`)
    act(() => void store.dispatch(conversationsLearned({ conversations: [snapshot({ id: LOBBY, kind: 'lobby', name: 'Lobby' })] })))
    expect(await composer('Lobby')).toBeTruthy()
    expect(document.documentElement.dataset['userId']).toBe(ann)
  })

  it('goes straight to the chat when somebody is signed in already', async () => {
    const { path } = renderApp(outsideWorld({ resume: signedIn }))
    expect(await composer('Lobby')).toBeTruthy()
    expect(path()).toBe(`/chat/${LOBBY}`)
  })

  it('keeps the link that was followed', async () => {
    const { path } = renderApp(outsideWorld({ guest: async (store) => (signedIn(store), { ok: true, user: person(ann) }) }), {
      path: `/chat/${conv}`,
    })
    await enter()
    expect(await composer('Weekend')).toBeTruthy()
    expect(path()).toBe(`/chat/${conv}`)
  })

  it('says why it did not work and can be tried again', async () => {
    let reachable = false
    const guest = async (store: Store): Promise<Reply<{ user: Me }>> => {
      if (!reachable) return refusal('E_TIMEOUT')
      signedIn(store)
      return { ok: true, user: person(ann) }
    }
    renderApp(outsideWorld({ guest }))
    await enter()
    expect((await screen.findByRole('alert')).textContent).toBe("The server can't be reached. Check your connection and try again.")
    reachable = true
    await enter()
    expect(await composer('Lobby')).toBeTruthy()
  })
})

describe('an address', () => {
  it.each([
    ['/chat', 'Tidemark'],
    ['/chat/', 'Tidemark'],
    [`/chat/${conv}`, 'Weekend'],
    [`/chat/${conv}/`, 'Weekend'],
    ['/people/u-ben', 'New conversation'],
    ['/join/abc', 'Invitation'],
    ['/outbox', 'Outbox'],
    ['/settings', 'Settings'],
    ['/settings/more', 'Not found'],
    [`/chat/${conv}/more`, 'Not found'],
  ])('%s is the screen "%s"', async (path, title) => {
    const asked: string[] = []
    const never = (what: string) => {
      asked.push(what)
      return new Promise<never>(() => {})
    }
    const unanswered = () => new Promise<never>(() => {})
    const api = { openDirect: never, inviteFacts: never, contact: unanswered, receipts: unanswered, blocked: unanswered }
    renderApp(outsideWorld({ resume: signedIn, api }), { path })
    expect(await screen.findByRole('heading', { level: 1, name: title })).toBeTruthy()
    // asked once the screen is there
    await waitFor(() => expect(new Set(asked)).toEqual(new Set(path === '/people/u-ben' ? ['u-ben'] : path === '/join/abc' ? ['abc'] : [])))
  })
})

it('an address of nobody leads back to the conversations, since asking again would find nobody again', async () => {
  renderApp(outsideWorld({ resume: signedIn, api: { openDirect: async () => refusal('E_NOT_FOUND') } }), { path: '/people/abc' })
  expect(await screen.findByText('There is nobody at this address any more.')).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Go to your conversations' })).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
})

describe('the live tie', () => {
  it('is one, however often the page is drawn, the person renamed or the conversation changed', async () => {
    const world = outsideWorld({ resume: signedIn })
    const { store } = renderApp(world)
    await composer('Lobby')
    for (const title of ['Weekend', 'Work', 'Lobby']) await userEvent.click(screen.getByRole('link', { name: new RegExp(title) }))
    act(() => void store.dispatch(sessionStarted({ user: { ...person(ann), name: 'Anna' } })))
    expect(world.open()).toHaveLength(1)
    // development mounts everything twice, and still nothing is opened for nothing
    expect(world.ties).toHaveLength(1)
  })

  it('is gone after signing out', async () => {
    const world = outsideWorld({ resume: signedIn })
    const { path } = renderApp(world)
    await composer('Lobby')
    await userEvent.click(screen.getByRole('button', { name: 'You are Ann' }))
    await userEvent.click(screen.getByRole('menuitem', { name: 'Sign out' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out' }))
    expect(await screen.findByRole('button', { name: 'Continue as guest' })).toBeTruthy()
    expect(world.open()).toEqual([])
    await waitFor(() => expect(path()).toBe('/'))
    expect(document.documentElement.dataset['userId']).toBeUndefined()
  })

  it('belongs to the person who is there now', async () => {
    const world = outsideWorld({ resume: signedIn })
    const { store } = renderApp(world)
    await composer('Lobby')
    act(() => void store.dispatch(sessionStarted({ user: person(ben) })))
    await waitFor(() => expect(world.open().map((tie) => tie.me.id)).toEqual([ben]))
  })
})

describe('the conversation on screen', () => {
  it('is opened and closed with its address, in step, whatever the order of clicks', async () => {
    const { actions } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}` })
    await composer('Weekend')
    await userEvent.click(screen.getByRole('link', { name: /Work/ }))
    await userEvent.click(screen.getByRole('link', { name: /Lobby/ }))
    await userEvent.click(screen.getByRole('link', { name: /Work/ }))
    await composer('Work')
    let open: string | null = null
    for (const action of actions) {
      if (conversationOpened.match(action)) {
        expect(open).toBeNull()
        open = action.payload.conv
      } else if (conversationClosed.match(action)) {
        expect(action.payload.conv).toBe(open)
        open = null
      }
    }
    expect(open).toBe(otherConv)
  })

  it('tells "not yours" from "not known yet"', async () => {
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: '/chat/nowhere' })
    expect((await screen.findByRole('status')).textContent).toBe('Opening the conversation…')
    act(() => void store.dispatch(roomsSynced({ at: NOON, serverAt: NOON })))
    expect(screen.getByText('This conversation is not here')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Go to your conversations' })).toBeTruthy()
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('is not here at an address like any other: %s', async (name) => {
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${name}` })
    expect((await screen.findByRole('status')).textContent).toBe('Opening the conversation…')
    act(() => void store.dispatch(roomsSynced({ at: NOON, serverAt: NOON })))
    expect(screen.getByText('This conversation is not here')).toBeTruthy()
    await userEvent.click(screen.getByRole('link', { name: /Work/ }))
    expect(await composer('Work')).toBeTruthy()
  })

  it('says once that one was removed, and where the unsent words are', async () => {
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}` })
    await composer('Weekend')
    act(() => void store.dispatch(conversationLeft({ conv, name: 'Weekend', by: ben, removed: true })))
    expect(await screen.findByText(/You were removed from this conversation/)).toBeTruthy()
    expect(screen.getAllByText(/You were removed from this conversation/)).toHaveLength(1)
    expect(screen.getByRole('link', { name: 'outbox' }).getAttribute('href')).toBe('/outbox')
    expect(screen.queryByRole('link', { name: /Weekend/ })).toBeNull()
  })

  it('shows the chip exactly once on every screen', async () => {
    const never = () => new Promise<never>(() => {})
    const api = { devices: never, contact: never, receipts: never, blocked: never }
    for (const path of ['/chat', `/chat/${conv}`, '/outbox', '/settings', '/devices', '/nowhere']) {
      const { unmount } = renderApp(outsideWorld({ resume: signedIn, api }), { path })
      expect(await screen.findAllByTestId('connection-status')).toHaveLength(1)
      unmount()
    }
  })
})

describe('when the session ends under a page in use', () => {
  it('signs in over the page: what was typed and what is shown stays', async () => {
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}` })
    act(() => void store.dispatch(conversationReset({ conv, messages: saysFrom(1, 3), notes: [], through: { rev: 3, seq: 3 }, fromCache: false })))
    await userEvent.type(await composer('Weekend'), 'half a sentence')
    act(() => void store.dispatch(outboxLoaded({ rows: [waiting(9)] })))
    act(() => void store.dispatch(sessionEnded({ at: NOON, code: 'E_AUTH_INVALID' })))
    const dialog = await screen.findByRole('dialog', { name: 'Your session ended' })
    expect(dialog.textContent).toContain('1 message is waiting under your old name')
    expect(dialog.querySelector('button[aria-busy]')!.textContent).toBe('Continue as guest')
    expect(screen.getAllByTestId('message')).toHaveLength(4)
    expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message Weekend', hidden: true }).value).toBe('half a sentence')
    expect(document.documentElement.dataset['connection']).toBe('signed-out')
  })

  it('can be put off to copy something, and is asked again from the banner', async () => {
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}` })
    await composer('Weekend')
    act(() => void store.dispatch(sessionEnded({ at: NOON, code: 'E_DEVICE_REVOKED' })))
    await userEvent.click(await screen.findByRole('button', { name: 'Not now' }))
    expect(screen.queryByRole('dialog')).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }))
    expect((await screen.findByRole('dialog')).textContent).toContain('This device was signed out.')
  })
})

describe('the outbox', () => {
  it('counts in the header what is waiting and lists it over all conversations', async () => {
    const { store, actions } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}` })
    await composer('Weekend')
    expect(screen.queryByTestId('outbox-count')).toBeNull()
    act(() => void store.dispatch(outboxLoaded({ rows: [waiting(1), waiting(2, { name: 'queued', memory: false }, { conv: otherConv })] })))
    act(() => void store.dispatch(messageWritten({ conv, clientId: clientId(3), body: 'refused', sentAt: NOON + 9 })))
    act(() => void store.dispatch(sendRefused({ conv, clientId: clientId(3), code: 'E_NOT_MEMBER' })))
    expect(screen.getByTestId('outbox-count').textContent).toBe('3')
    await userEvent.click(screen.getByTestId('outbox-count'))
    const items = await screen.findAllByTestId('outbox-row')
    expect(items.map((item) => [item.dataset['conversationId'], item.dataset['status']])).toEqual(
      expect.arrayContaining([
        [conv, 'queued'],
        [otherConv, 'queued'],
        [conv, 'failed'],
      ]),
    )
    expect(screen.getByText('Not sent: you are no longer a member of this conversation.')).toBeTruthy()
    await userEvent.click(screen.getAllByRole('button', { name: 'Cancel' })[0]!)
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }))
    expect(actions.map((action) => action.type).slice(-2)).toEqual(['discardRequested', 'retryRequested'])
  })

  it('lets a message that waits go at once, while there is a line', async () => {
    const { store, actions } = renderApp(outsideWorld({ resume: signedIn }), { path: '/outbox' })
    await screen.findByTestId('connection-status')
    act(() => void store.dispatch(outboxLoaded({ rows: [waiting(1)] })))
    const sendNow = await screen.findByRole('button', { name: 'Send now' })
    expect(sendNow.title).toBe("Sends when you're back")
    await userEvent.click(sendNow)
    expect(actions.filter((action) => action.type === 'retryRequested')).toEqual([])
    act(() => void store.dispatch(roomsSynced({ at: NOON, serverAt: NOON })))
    await userEvent.click(sendNow)
    expect(actions.at(-1)).toEqual(retryRequested({ conv, clientId: clientId(1) }))
  })

  it('saves what was edited with Enter, as the composer sends; Shift and Enter make a line', async () => {
    const { store, actions } = renderApp(outsideWorld({ resume: signedIn }), { path: '/outbox' })
    await screen.findByTestId('connection-status')
    act(() => void store.dispatch(outboxLoaded({ rows: [waiting(1)] })))
    await userEvent.click(await screen.findByRole('button', { name: 'Edit' }))
    await userEvent.type(screen.getByRole('textbox', { name: 'Message text' }), '{Shift>}{Enter}{/Shift}and more{Enter}')
    expect(actions.at(-1)).toEqual(unsentEdited({ conv, clientId: clientId(1), body: 'message 1\nand more' }))
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('offers no retry where one is no longer a member, and says so where the name is not known any more', async () => {
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: '/outbox' })
    await screen.findByTestId('connection-status')
    const gone = 'gone' as ConversationId
    act(() => void store.dispatch(outboxLoaded({ rows: [waiting(1, { name: 'refused', code: 'E_NOT_MEMBER' }, { conv: gone })] })))
    const item = await screen.findByTestId('outbox-row')
    expect(
      within(item)
        .getAllByRole('button')
        .map((button) => button.textContent),
    ).toEqual(['Copy', 'Delete'])
    expect(item.textContent).toContain('A conversation you are no longer in')
  })
})

describe('messages from more than a day ago', () => {
  const daysLater = (store: Store) => {
    const now = Date.now()
    const old = { sentAt: now - 2 * DAY_MS }
    store.dispatch(roomsSynced({ at: now, serverAt: now }))
    store.dispatch(
      outboxLoaded({ rows: [waiting(1, undefined, old), waiting(2, undefined, old), waiting(3, undefined, { conv: otherConv, sentAt: now })] }),
    )
    store.dispatch(oldUnsentCounted({ count: 2 }))
    store.dispatch(messageWritten({ conv, clientId: clientId(4), body: 'fresh', sentAt: now }))
    store.dispatch(messageSaved({ conv, clientId: clientId(4) }))
  }

  it('say in their conversation what waits for what, with the way on', async () => {
    const { store, actions } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}` })
    await composer('Weekend')
    act(() => daysLater(store))
    await userEvent.click(await screen.findByRole('button', { name: 'Look first' }))
    await userEvent.click(document.querySelector(`nav [data-conversation-id="${conv}"]`)!)
    expect(await screen.findAllByText('Queued until you decide about 2 older messages')).not.toEqual([])
    expect(
      screen.getByText(/^2 unsent messages from more than a day ago wait for your word, and what you write here waits behind them\./),
    ).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Look at them' }).getAttribute('href')).toBe('/outbox')
    await userEvent.click(screen.getByRole('button', { name: 'Send all' }))
    expect(actions.at(-1)).toEqual(oldUnsentAllowed())
  })

  it('offer nothing in the outbox that would do nothing, or more than it says', async () => {
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: '/outbox' })
    await screen.findByTestId('connection-status')
    act(() => daysLater(store))
    await userEvent.click(await screen.findByRole('button', { name: 'Look first' }))
    const items = await screen.findAllByTestId('outbox-row')
    const offers = items.map((item) => [item.dataset['conversationId'], within(item).queryByRole('button', { name: 'Send now' }) !== null])
    expect(offers.filter(([, sendNow]) => sendNow)).toEqual([[otherConv, true]])
    expect(screen.getAllByText('Waits for your word')).toHaveLength(2)
    expect(screen.getAllByText('Behind older messages')).toHaveLength(1)
    expect(screen.getAllByRole('button', { name: 'Send all' })).toHaveLength(1)
  })
})

describe('the list of conversations', () => {
  it('says which is open and how much is unread, and nothing where nothing is', async () => {
    renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}` })
    await composer('Weekend')
    const link = (id: string) => document.querySelector<HTMLElement>(`nav [data-conversation-id="${id}"]`)!
    expect(link(conv).getAttribute('aria-current')).toBe('page')
    expect(link(conv).dataset['unread']).toBeUndefined()
    expect(link(otherConv).dataset['unread']).toBe('3')
    expect(link(otherConv).getAttribute('aria-current')).toBeNull()
    expect(document.title).toBe('(3) Weekend · Tidemark')
  })
})

describe('other programs', () => {
  it('hear every change of the connection, also one that lasted no longer than a moment', async () => {
    const heard: string[] = []
    const listen = (event: Event) => heard.push((event as CustomEvent<{ name: string }>).detail.name)
    window.addEventListener('tidemark:connection', listen)
    let synced = 0
    const count = () => synced++
    window.addEventListener('tidemark:synced', count)
    const { store, unmount } = renderApp(outsideWorld({ resume: signedIn }))
    act(() => {
      store.dispatch(sessionEnded({ at: NOON, code: 'SIGNED_OUT' }))
      store.dispatch(sessionStarted({ user: person(ann) }))
      store.dispatch(roomsSynced({ at: NOON, serverAt: NOON }))
    })
    expect(heard.slice(-3)).toEqual(['signed-out', 'idle', 'live'])
    expect(synced).toBe(1)
    unmount()
    store.dispatch(signedOut())
    expect(heard.at(-1)).toBe('live')
    window.removeEventListener('tidemark:connection', listen)
    window.removeEventListener('tidemark:synced', count)
  })
})

describe('those who listen', () => {
  it('hear a message of somebody else, nothing of their own, and each refusal at once', async () => {
    const said = liveRegions()
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}` })
    await composer('Weekend')
    // the voice comes with the later parts
    await act(() => vi.dynamicImportSettled())
    act(() => void store.dispatch(messagesArrived(arrival([says(1, ben, { body: 'Great `news`' }), says(2, ann)]))))
    expect(said.polite()).toEqual(['Ben: Great news'])
    act(() => void store.dispatch(messagesArrived(arrival([says(3)], { caughtUp: true }))))
    expect(said.polite()).toHaveLength(1)
    act(() => void store.dispatch(sendRefused({ conv, clientId: clientId(9), code: 'E_FORBIDDEN' })))
    expect(said.assertive()).toEqual(['Message not sent: You are not allowed to do this.'])
  })

  it('are left nothing that was for who has signed out', async () => {
    const said = liveRegions()
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}` })
    await composer('Weekend')
    await waitFor(() => {
      act(() => void store.dispatch(sendRefused({ conv, clientId: clientId(1), code: 'E_INVALID' })))
      expect(said.assertive()).not.toEqual([])
    })
    act(() => void store.dispatch(signedOut()))
    expect(said.assertive()).toEqual([])
  })
})

describe('the inspector', () => {
  it('opens with ?debug=1 and with Ctrl+Shift+D, and shows no message text', async () => {
    const { store } = renderApp(outsideWorld({ resume: signedIn }), { path: `/chat/${conv}?debug=1` })
    await composer('Weekend')
    act(() => void store.dispatch(messageWritten({ conv, clientId: clientId(1), body: 'secret words', sentAt: NOON })))
    const panel = await screen.findByTestId('debug-panel')
    expect(panel.textContent).toContain('state')
    expect(panel.textContent).toContain(factsOf().id)
    expect(panel.textContent).not.toContain('secret')
    await userEvent.keyboard('{Control>}{Shift>}[KeyD]{/Shift}{/Control}')
    await waitFor(() => expect(screen.queryByTestId('debug-panel')).toBeNull())
  })
})
