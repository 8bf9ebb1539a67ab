import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  conversationOpened,
  conversationReset,
  discardRequested,
  historyRequested,
  messageKeptInMemory,
  messageSaved,
  messagesArrived,
  messageStored,
  messageWritten,
  outboxLoaded,
  pastReplaced,
  readThrough,
  receiptsChanged,
  retryRequested,
  sendRefused,
  sendStarted,
  unsentEdited,
} from '#client/live/facts.ts'
import type { Store } from '#client/store/makeStore.ts'
import { ann, arrival, ben, clientId, conv, heard, messageId, NOON, says, saysFrom, snapshot, waiting } from '#testing/clientBuilders.ts'
import { renderScreen } from '#testing/renderScreen.tsx'
import { conversationsLearned } from '#client/live/facts.ts'
import { MessageList } from './MessageList.tsx'

const list = <MessageList conv={conv} title="Weekend" queuedWords="Queued, sends when you're back" onReport={() => {}} />
const shows = (from: number, to: number) => (store: Store) => {
  store.dispatch(conversationOpened({ conv }))
  store.dispatch(conversationReset({ conv, messages: saysFrom(from, to), notes: [], through: { rev: to, seq: to }, fromCache: false }))
}
const log = () => screen.getByRole('log', { name: 'Messages with Weekend' })
const rows = () => screen.queryAllByTestId('message')
const row = (text: string) => screen.getByText(text).closest<HTMLElement>('[data-testid="message"]')!
const writes = (store: Store, n: number, body = `message ${n}`) =>
  act(() => void store.dispatch(messageWritten({ conv, clientId: clientId(n), body, sentAt: NOON })))

describe('the list of messages', () => {
  it('is a log that is not live, and says up to where nothing is missing', () => {
    renderScreen(list, { prepare: shows(1, 3) })
    expect(log().getAttribute('aria-live')).toBe('off')
    expect(log().dataset['verifiedThrough']).toBe('3')
  })

  it('shows each message with what others rely on', () => {
    renderScreen(list, { prepare: shows(1, 3) })
    expect(rows().map((article) => article.dataset)).toMatchObject(
      [1, 2, 3].map((seq) => ({ seq: `${seq}`, messageId: messageId(seq), clientId: clientId(seq), mine: 'false' })),
    )
    expect(rows()[0]!.dataset['status']).toBeUndefined()
    expect(within(rows()[0]!).getByTestId('message-text').textContent).toBe('message 1')
  })

  it('says who, what, when and how it stands, in this order, to those who listen', () => {
    const { store } = renderScreen(list, { prepare: shows(1, 1) })
    writes(store, 2)
    act(() => void store.dispatch(messageSaved({ conv, clientId: clientId(2) })))
    const names = rows().map((article) =>
      article
        .getAttribute('aria-labelledby')!
        .split(' ')
        .map((id) => document.getElementById(id)!.textContent),
    )
    expect(names[0]!.slice(0, 2)).toEqual(['Ben', 'message 1'])
    expect(names[1]!.slice(0, 2)).toEqual(['You', 'message 2'])
    expect(names[1]!.at(-1)).toBe("Queued, sends when you're back")
  })

  it('shows texts exactly as typed, whatever they hold', () => {
    const text = 'if (x<y) return "<b>hi</b>" && `a` <img src=x onerror=alert(1)>\n\n  two  spaces'
    renderScreen(list, {
      prepare: (store) => {
        shows(1, 1)(store)
        store.dispatch(messagesArrived(arrival([says(2, ben, { body: text })])))
      },
    })
    expect(screen.getAllByTestId('message-text')[1]!.textContent).toBe(text)
    expect(document.querySelector('img')).toBeNull()
  })

  it('makes links of addresses, and keeps them out of the way of Tab', async () => {
    renderScreen(list, {
      prepare: (store) => {
        shows(1, 1)(store)
        store.dispatch(messagesArrived(arrival([says(2, ben, { body: 'see https://a.example/x' })])))
      },
    })
    const link = await screen.findByRole('link', { name: 'https://a.example/x' })
    expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow ugc')
    expect(link.tabIndex).toBe(-1)
    act(() => link.closest('article')!.focus())
    expect(link.tabIndex).toBe(0)
  })

  it('keeps nothing of a deleted message but its place', () => {
    const gone = says(2, ben, { body: '', deletedAt: NOON })
    renderScreen(list, {
      prepare: (store) => [shows(1, 1)(store), store.dispatch(messagesArrived({ ...arrival([gone]), events: [heard(gone, 2)] }))],
    })
    expect(rows()[1]!.dataset['deleted']).toBe('true')
    expect(rows()[1]!.textContent).toContain('Message deleted')
  })

  it('leaves the others alone when one more arrives', () => {
    const { store } = renderScreen(list, { prepare: shows(1, 60) })
    const before = rows()
    act(() => void store.dispatch(messagesArrived(arrival([says(61)]))))
    expect(
      rows()
        .slice(0, 60)
        .every((article, at) => article === before[at]),
    ).toBe(true)
  })
})

describe('what became of an own message', () => {
  it('shows by words and by shape: saving, queued, sending, sent, delivered, read', () => {
    const { store } = renderScreen(list, { prepare: shows(1, 1) })
    const seen: [string | undefined, string, string | undefined][] = []
    const look = () => {
      const article = row('message 2')
      seen.push([article.dataset['status'], document.getElementById(`m-${clientId(2)}-status`)!.textContent, article.querySelector('svg')?.innerHTML])
    }
    writes(store, 2)
    look()
    act(() => void store.dispatch(messageSaved({ conv, clientId: clientId(2) })))
    look()
    act(() => void store.dispatch(sendStarted({ conv, clientIds: [clientId(2)], at: Date.now() })))
    look()
    act(() => void store.dispatch(messageStored({ conv, clientId: clientId(2), id: messageId(2), seq: 2, at: NOON })))
    look()
    act(() => void store.dispatch(messagesArrived(arrival([says(2, ann)]))))
    act(() => void store.dispatch(receiptsChanged({ conv, user: ben, delivered: 2, read: 0 })))
    look()
    act(() => void store.dispatch(receiptsChanged({ conv, user: ben, delivered: 2, read: 2 })))
    look()
    expect(seen.map(([status]) => status)).toEqual(['saving', 'queued', 'sending', 'sent', 'delivered', 'read'])
    expect(seen.map(([, words]) => words)).toEqual(['Saving', "Queued, sends when you're back", 'Sending', 'Sent', 'Delivered', 'Read'])
    const shapes = seen.map(([, , shape]) => shape)
    expect(shapes[0]).toBeUndefined()
    // queued and sending share the clock; the bubble tells them apart
    expect(new Set(shapes.slice(2)).size).toBe(4)
  })

  it('keeps one element from the key press to the last tick', () => {
    const { store } = renderScreen(list, { prepare: shows(1, 1) })
    writes(store, 2)
    const element = row('message 2')
    act(() => void store.dispatch(messageStored({ conv, clientId: clientId(2), id: messageId(2), seq: 2, at: NOON })))
    act(() => void store.dispatch(messagesArrived(arrival([says(2, ann)]))))
    expect(row('message 2')).toBe(element)
    expect(rows()).toHaveLength(2)
    expect(element.dataset).toMatchObject({ seq: '2', messageId: messageId(2), status: 'sent', mine: 'true' })
  })

  it('is in words only on the last of a run, and heard on all', () => {
    const { store } = renderScreen(list, { prepare: shows(1, 1) })
    for (const n of [2, 3]) {
      writes(store, n)
      act(() => void store.dispatch(messageSaved({ conv, clientId: clientId(n) })))
    }
    const words = [2, 3].map((n) => document.getElementById(`m-${clientId(n)}-status`)!)
    expect(words.map((element) => element.classList.contains('vh'))).toEqual([true, false])
    expect(words.map((element) => element.textContent)).toEqual(["Queued, sends when you're back", "Queued, sends when you're back"])
  })

  it('says when it would not survive a reload', () => {
    const { store } = renderScreen(list, { prepare: shows(1, 1) })
    writes(store, 2)
    act(() => void store.dispatch(messageKeptInMemory({ conv, clientId: clientId(2) })))
    expect(row('message 2').textContent).toContain('not saved on this device')
  })

  it('was refused: reason, Retry, Copy and Delete are in sight', async () => {
    const { store, actions } = renderScreen(list, { prepare: shows(1, 1) })
    writes(store, 2)
    act(() => void store.dispatch(sendRefused({ conv, clientId: clientId(2), code: 'E_NOT_MEMBER' })))
    const article = row('message 2')
    expect(article.dataset['status']).toBe('failed')
    const about = { conv, clientId: clientId(2) }
    const user = userEvent.setup()
    await waitFor(() => expect(article.textContent).toContain('Not sent: you are no longer a member of this conversation.'))
    await user.click(await within(article).findByRole('button', { name: 'Copy' }))
    expect(await navigator.clipboard.readText()).toBe('message 2')
    await user.click(within(article).getByRole('button', { name: 'Delete' }))
    expect(actions).toContainEqual(discardRequested(about))
    await user.click(within(article).getByRole('button', { name: 'Retry' }))
    expect(actions).toContainEqual(retryRequested(about))
  })

  it('asks before a long text is thrown away', async () => {
    const { store, actions } = renderScreen(list, { prepare: shows(1, 1) })
    const long = 'words '.repeat(40)
    writes(store, 2, long)
    act(() => void store.dispatch(sendRefused({ conv, clientId: clientId(2), code: 'E_FORBIDDEN' })))
    await userEvent.click(await screen.findByRole('button', { name: 'Delete' }))
    const question = await screen.findByRole('dialog', { name: 'Delete this message?' })
    expect(actions.some(discardRequested.match)).toBe(false)
    await userEvent.click(within(question).getByRole('button', { name: 'Delete message' }))
    expect(actions.some(discardRequested.match)).toBe(true)
  })

  it('can be edited and taken back while it waits', async () => {
    const { actions } = renderScreen(list, { prepare: (store) => [shows(1, 1)(store), store.dispatch(outboxLoaded({ rows: [waiting(2)] }))] })
    await userEvent.click(await screen.findByRole('button', { name: 'Edit' }))
    const editor = within(await screen.findByRole('dialog', { name: 'Edit waiting message' }))
    await userEvent.clear(editor.getByRole('textbox'))
    await userEvent.type(editor.getByRole('textbox'), 'better')
    await userEvent.click(editor.getByRole('button', { name: 'Save' }))
    expect(actions).toContainEqual(unsentEdited({ conv, clientId: clientId(2), body: 'better' }))
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }))
    expect(actions).toContainEqual(discardRequested({ conv, clientId: clientId(2) }))
  })

  it('says so when it went out while it was being edited, and keeps the edited text', async () => {
    const { store, actions } = renderScreen(list, { prepare: (store) => [shows(1, 1)(store), store.dispatch(outboxLoaded({ rows: [waiting(2)] }))] })
    await userEvent.click(await screen.findByRole('button', { name: 'Edit' }))
    const dialog = await screen.findByRole('dialog')
    await userEvent.type(within(dialog).getByRole('textbox'), ' and more')
    act(() => void store.dispatch(sendStarted({ conv, clientIds: [clientId(2)], at: NOON })))
    expect(within(dialog).queryByRole('button', { name: 'Save' })).toBeNull()
    expect(within(dialog).getByRole('alert').textContent).toContain('went out before you saved')
    expect(within(dialog).getByRole<HTMLTextAreaElement>('textbox').value).toBe('message 2 and more')
    expect(actions.some(unsentEdited.match)).toBe(false)
  })

  describe('when the answer is overdue', () => {
    beforeEach(() => vi.useFakeTimers({ now: NOON }))
    afterEach(() => vi.useRealTimers())

    it('says so after ten seconds and offers Retry, still as sending', async () => {
      const { store, actions } = renderScreen(list, { prepare: shows(1, 1) })
      writes(store, 2)
      act(() => void store.dispatch(sendStarted({ conv, clientIds: [clientId(2)], at: NOON })))
      act(() => void vi.advanceTimersByTime(9_900))
      expect(row('message 2').textContent).not.toContain('Not confirmed yet')
      act(() => void vi.advanceTimersByTime(200))
      expect(row('message 2').textContent).toContain('Not confirmed yet')
      expect(row('message 2').dataset['status']).toBe('sending')
      vi.useRealTimers()
      fireEvent.click(await screen.findByRole('button', { name: 'Retry' }))
      expect(actions).toContainEqual(retryRequested({ conv, clientId: clientId(2) }))
    })
  })
})

describe('between the messages', () => {
  it('marks what is not loaded and loads it on request', async () => {
    const { actions } = renderScreen(list, {
      prepare: (store) => {
        shows(1, 2)(store)
        store.dispatch(conversationReset({ conv, messages: saysFrom(10, 12), notes: [], through: { rev: 12, seq: 12 }, fromCache: false }))
      },
    })
    const gap = screen.getByTestId('gap-marker')
    expect(await within(gap).findByText('7 messages here are not loaded.')).toBeTruthy()
    await userEvent.click(within(gap).getByRole('button', { name: 'Load' }))
    expect(actions).toContainEqual(historyRequested({ conv, beforeSeq: 10, afterSeq: 2 }))
    expect(within(gap).queryByRole('button')).toBeNull()
  })

  it('keeps what is new under its divider, and the divider where it is', () => {
    const { store } = renderScreen(list, {
      prepare: (store) => {
        store.dispatch(conversationsLearned({ conversations: [snapshot({ read: 2 }, 5)] }))
        shows(1, 5)(store)
      },
    })
    const following = () => screen.getByTestId('unread-divider').nextElementSibling!.textContent
    expect(screen.getByTestId('unread-divider').textContent).toBe('3 new while you were away')
    expect(following()).toContain('message 3')
    act(() => void store.dispatch(messagesArrived(arrival([says(6)]))))
    expect(screen.getByTestId('unread-divider').textContent).toBe('3 new while you were away')
    expect(following()).toContain('message 3')
  })

  it('holds at most the newest sixty messages when it is opened', () => {
    renderScreen(list, {
      prepare: (store) => {
        store.dispatch(conversationsLearned({ conversations: [snapshot({ read: 150 }, 150)] }))
        shows(1, 150)(store)
      },
    })
    expect(rows()).toHaveLength(60)
    expect(rows().at(-1)!.dataset['seq']).toBe('150')
  })
})

describe('reading', () => {
  const readMarks = (actions: { type: string }[]) => actions.filter((action) => readThrough.match(action)).map((action) => action.payload.seq)
  const rests = () => act(() => void vi.advanceTimersByTime(200))

  // it is a part that is loaded later
  beforeAll(async () => {
    const { unmount } = renderScreen(list, { prepare: shows(1, 1) })
    await act(async () => void (await import('./ReadMarks.tsx')))
    unmount()
  })
  beforeEach(() => {
    vi.useFakeTimers({ now: NOON })
    // jsdom lays nothing out: every row stands at the same place, above the lower edge
    vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue({ top: 0, bottom: 10 } as DOMRect)
  })
  afterEach(() => vi.useRealTimers())

  it('marks what rests on screen as read while the page has the focus, each mark once', () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(true)
    const { store, actions } = renderScreen(list, { prepare: shows(1, 3) })
    expect(readMarks(actions)).toEqual([])
    rests()
    act(() => void store.dispatch(messagesArrived(arrival([says(4)]))))
    rests()
    rests()
    expect(readMarks(actions)).toEqual([3, 4])
  })

  it('marks anew what rests there when another past has come in place of what was read, as after a backup was restored', () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(true)
    const { store, actions } = renderScreen(list, { prepare: shows(1, 9) })
    rests()
    act(() => void store.dispatch(pastReplaced({ conv, because: 'restored' })))
    act(() => shows(1, 4)(store))
    rests()
    expect(readMarks(actions)).toEqual([9, 4])
    act(() => void store.dispatch(messagesArrived(arrival([says(5)]))))
    rests()
    expect(readMarks(actions)).toEqual([9, 4, 5])
  })

  it('is not put off for ever by messages that keep coming', () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(true)
    const { store, actions } = renderScreen(list, { prepare: shows(1, 3) })
    for (let seq = 4; seq < 14; seq++) {
      act(() => void store.dispatch(messagesArrived(arrival([says(seq)]))))
      act(() => void vi.advanceTimersByTime(100))
    }
    expect(readMarks(actions).length).toBeGreaterThan(3)
  })

  it('marks nothing while the page is in the background, and catches up when it is not', () => {
    const focused = vi.spyOn(document, 'hasFocus').mockReturnValue(false)
    const { actions } = renderScreen(list, { prepare: shows(1, 3) })
    rests()
    expect(readMarks(actions)).toEqual([])
    focused.mockReturnValue(true)
    act(() => void window.dispatchEvent(new Event('focus')))
    rests()
    expect(readMarks(actions)).toEqual([3])
  })
})

describe('by keyboard', () => {
  it('is one Tab stop with arrows inside', async () => {
    renderScreen(
      <>
        <button type="button">before</button>
        {list}
        <button type="button">after</button>
      </>,
      { prepare: shows(1, 3) },
    )
    const user = userEvent.setup()
    const at = () => (document.activeElement as HTMLElement).dataset['seq'] ?? document.activeElement!.textContent
    screen.getByRole('button', { name: 'before' }).focus()
    await user.tab()
    expect(document.activeElement).toBe(log())
    await user.keyboard('{ArrowUp}')
    expect(at()).toBe('3')
    await user.keyboard('{ArrowUp}{ArrowUp}{ArrowUp}')
    expect(at()).toBe('1')
    await user.keyboard('{End}')
    expect(at()).toBe('3')
    await user.keyboard('{Home}{ArrowDown}')
    expect(at()).toBe('2')
    await user.tab()
    expect(at()).toBe('after')
    await user.tab({ shift: true })
    expect(at()).toBe('2')
    await user.tab({ shift: true })
    expect(at()).toBe('before')
  })

  it('goes into what can be done about a message with Enter, and back out with Escape', async () => {
    const { store } = renderScreen(list, { prepare: shows(1, 1) })
    writes(store, 2)
    act(() => void store.dispatch(sendRefused({ conv, clientId: clientId(2), code: 'E_FORBIDDEN' })))
    const user = userEvent.setup()
    act(() => log().focus())
    await user.keyboard('{End}{Enter}')
    expect(document.activeElement!.textContent).toBe('Retry')
    await user.tab()
    expect(document.activeElement!.textContent).toBe('Copy')
    await user.keyboard('{Escape}')
    expect(document.activeElement).toBe(row('message 2'))
  })
})
