import { act, createEvent, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  conversationReset,
  draftChanged,
  draftsLoaded,
  editChosen,
  editEnded,
  messageWritten,
  operationRequested,
  replyChosen,
  typingNoticed,
  type Drafts,
} from '#client/live/facts.ts'
import { ClientId } from '#protocol/ids.ts'
import { BODY_MAX_GRAPHEMES } from '#protocol/limits.ts'
import { ann, ben, conv, messageId, NOON, says } from '#testing/clientBuilders.ts'
import { liveRegions, renderScreen } from '#testing/renderScreen.tsx'
import { Composer } from './Composer.tsx'
import { EditComposer } from './EditComposer.tsx'

const composer = <Composer conv={conv} title="Weekend" />
const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message Weekend' })
const written = (actions: { type: string }[]) => actions.filter((action) => messageWritten.match(action)).map((action) => action.payload)
const drafts = (actions: { type: string }[]) => actions.filter((action) => draftChanged.match(action)).map((action) => action.payload.text)

describe('writing a message', () => {
  it('has the focus on a computer, with the caret ready', () => {
    renderScreen(composer)
    expect(document.activeElement).toBe(box())
  })

  it('goes out with Enter, exactly as typed, under an identity of its own', async () => {
    const { actions } = renderScreen(composer)
    const before = Date.now()
    await userEvent.type(box(), '  two  spaces{Enter}')
    const [message] = written(actions)
    expect(message).toMatchObject({ conv, body: '  two  spaces' })
    expect(ClientId.safeParse(message!.clientId).success).toBe(true)
    expect(message!.sentAt).toBeGreaterThanOrEqual(before)
    expect(box().value).toBe('')
    expect(document.activeElement).toBe(box())
  })

  it('goes out with the button, and the focus comes back', async () => {
    const { actions } = renderScreen(composer)
    await userEvent.type(box(), 'hi')
    await userEvent.click(screen.getByRole('button', { name: 'Send' }))
    expect(written(actions).map((message) => message.body)).toEqual(['hi'])
    expect(document.activeElement).toBe(box())
  })

  it('breaks the line with Shift+Enter', async () => {
    const { actions } = renderScreen(composer)
    await userEvent.type(box(), 'one{Shift>}{Enter}{/Shift}two')
    expect(written(actions)).toEqual([])
    expect(box().value).toBe('one\ntwo')
  })

  it('is one message when Enter is pressed twice at once', () => {
    const { actions } = renderScreen(composer)
    fireEvent.change(box(), { target: { value: 'once' } })
    act(() => {
      // both key presses before React draws anything
      fireEvent.keyDown(box(), { key: 'Enter' })
      fireEvent.keyDown(box(), { key: 'Enter' })
    })
    expect(written(actions).map((message) => message.body)).toEqual(['once'])
  })

  it.each([
    ['an Enter inside a composition', { key: 'Enter', isComposing: true }],
    ['the Enter that ends one in Safari', { key: 'Enter', keyCode: 229 }],
  ])('is not sent by %s', (_, key) => {
    const { actions } = renderScreen(composer)
    fireEvent.change(box(), { target: { value: 'にほん' } })
    const event = createEvent.keyDown(box(), key)
    fireEvent(box(), event)
    expect(written(actions)).toEqual([])
    expect(event.defaultPrevented).toBe(false)
    expect(box().value).toBe('にほん')
  })

  it('sends nothing when there is nothing', async () => {
    const { actions } = renderScreen(composer)
    await userEvent.type(box(), '   {Enter}')
    expect(written(actions)).toEqual([])
  })

  it('counts down near the limit, and says what to do beyond it without cutting anything off', async () => {
    const said = liveRegions()
    const { actions, container } = renderScreen(composer)
    fireEvent.change(box(), { target: { value: 'a'.repeat(BODY_MAX_GRAPHEMES - 5) } })
    expect(screen.getByText('5 left')).toBeTruthy()
    fireEvent.change(box(), { target: { value: 'a'.repeat(BODY_MAX_GRAPHEMES + 5) } })
    fireEvent.keyDown(box(), { key: 'Enter' })
    const words = '5 characters too long. Shorten it or send it in parts.'
    expect(await within(container).findByText(words)).toBeTruthy()
    await waitFor(() => expect(said.assertive()).toEqual([words]))
    expect(box().value).toHaveLength(BODY_MAX_GRAPHEMES + 5)
    expect(box().disabled).toBe(false)
    expect(written(actions)).toEqual([])
    fireEvent.change(box(), { target: { value: 'short' } })
    expect(within(container).queryByText(words)).toBeNull()
  })

  it('notices typing, not every key', async () => {
    const { actions } = renderScreen(composer)
    await userEvent.type(box(), 'quick')
    expect(actions.filter(typingNoticed.match)).toHaveLength(1)
  })
})

describe('a draft', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())
  const types = (value: string) => fireEvent.change(box(), { target: { value } })

  it('is kept a moment after its first key, however steadily one types', () => {
    const { actions } = renderScreen(composer)
    for (const text of ['h', 'ha', 'hal', 'half', 'half ', 'half a']) {
      types(text)
      act(() => void vi.advanceTimersByTime(100))
    }
    expect(drafts(actions)).toEqual(['hal', 'half a'])
    act(() => void vi.advanceTimersByTime(1_000))
    expect(drafts(actions)).toEqual(['hal', 'half a'])
  })

  it('is kept at once when the conversation or the page is left', () => {
    const { actions, unmount } = renderScreen(composer)
    types('on the train')
    act(() => void window.dispatchEvent(new Event('pagehide')))
    expect(drafts(actions)).toEqual(['on the train'])
    types('on the train again')
    unmount()
    expect(drafts(actions)).toEqual(['on the train', 'on the train again'])
  })

  it('is told before anybody else hears that the page goes away, whoever began to listen first', () => {
    const told: string[][] = []
    let actions: { type: string }[] = []
    const goes = () => void told.push(drafts(actions))
    window.addEventListener('pagehide', goes)
    document.addEventListener('visibilitychange', goes)
    onTestFinished(() => {
      window.removeEventListener('pagehide', goes)
      document.removeEventListener('visibilitychange', goes)
      Reflect.deleteProperty(document, 'hidden')
    })
    actions = renderScreen(composer).actions
    types('on the train')
    act(() => void window.dispatchEvent(new Event('pagehide')))
    types('on the train again')
    Object.defineProperty(document, 'hidden', { value: true, configurable: true })
    act(() => void document.dispatchEvent(new Event('visibilitychange')))
    expect(told).toEqual([['on the train'], ['on the train', 'on the train again']])
  })

  it('is there again when one comes back', () => {
    renderScreen(composer, { prepare: (store) => store.dispatch(draftChanged({ conv, text: 'half a thought' })) })
    expect(box().value).toBe('half a thought')
  })

  it('comes out of storage late, and never over what was typed since', () => {
    const { store } = renderScreen(composer)
    act(() => void store.dispatch(draftsLoaded({ drafts: { [conv]: { text: 'stored' } } })))
    expect(box().value).toBe('stored')
    types('newer')
    act(() => void store.dispatch(draftChanged({ conv, text: 'from elsewhere' })))
    expect(box().value).toBe('newer')
  })

  it('is not kept once it was sent: storing the message takes it away', () => {
    const { actions } = renderScreen(composer)
    types('sent')
    fireEvent.keyDown(box(), { key: 'Enter' })
    act(() => void vi.advanceTimersByTime(1_000))
    expect(drafts(actions)).toEqual([])
  })
})

describe('pasting', () => {
  const paste = (data: Record<string, string>) =>
    fireEvent.paste(box(), { clipboardData: { getData: (type: string) => data[type] ?? '', files: [] } })

  it('turns rich text into text at the caret', async () => {
    renderScreen(composer)
    fireEvent.change(box(), { target: { value: 'see: ' } })
    paste({ 'text/html': '<ul><li>one</li><li onclick="x()">two</li></ul>', 'text/plain': 'one two' })
    await waitFor(() => expect(box().value).toBe('see: - one\n- two'))
  })

  it('leaves plain text to the browser', () => {
    renderScreen(composer)
    const event = createEvent.paste(box(), { clipboardData: { getData: (type: string) => (type === 'text/plain' ? 'if (x<y)' : ''), files: [] } })
    fireEvent(box(), event)
    expect(event.defaultPrevented).toBe(false)
  })
})

describe('answering a message', () => {
  const answering = () =>
    renderScreen(composer, {
      prepare: (store) => {
        store.dispatch(conversationReset({ conv, messages: [says(1, ben)], notes: [], through: { rev: 1, seq: 1 }, fromCache: false }))
        store.dispatch(replyChosen({ conv, to: messageId(1) }))
      },
    })

  it('says above the box what is answered, and the message goes out with it', async () => {
    const { actions } = answering()
    expect((await screen.findByTestId('reply-bar')).textContent).toBe('Replying to Benmessage 1')
    await userEvent.type(box(), 'yes{Enter}')
    expect(written(actions)).toMatchObject([{ body: 'yes', replyTo: messageId(1) }])
    expect(screen.queryByTestId('reply-bar')).toBeNull()
    await userEvent.type(box(), 'another{Enter}')
    expect(written(actions)[1]).not.toHaveProperty('replyTo')
  })

  it.each(['Escape', 'the button'])('is left with %s, and the words stay', async (way) => {
    const { actions } = answering()
    await userEvent.type(box(), 'yes')
    if (way === 'Escape') await userEvent.keyboard('{Escape}')
    else await userEvent.click(await screen.findByRole('button', { name: 'Don’t reply' }))
    expect(screen.queryByTestId('reply-bar')).toBeNull()
    expect(box().value).toBe('yes')
    expect(written(actions)).toEqual([])
  })
})

it('↑ in an empty box changes the last own message, and moves the caret otherwise', async () => {
  const { store } = renderScreen(composer, {
    prepare: ({ dispatch }) => {
      const messages = [says(1, ann), says(2, ben)]
      dispatch(conversationReset({ conv, messages, notes: [], through: { rev: 2, seq: 2 }, fromCache: false }))
    },
  })
  const editing = () => store.getState().drafts[conv]?.editing
  await userEvent.type(box(), 'words{ArrowUp}')
  expect(editing()).toBeUndefined()
  await userEvent.clear(box())
  await userEvent.type(box(), '{ArrowUp}')
  expect(editing()).toBe(says(1, ann).clientId)
})

describe('changing a message of one’s own', () => {
  const id = says(2, ann).clientId
  const changing = () => {
    const opened = renderScreen(<EditComposer conv={conv} clientId={id} title="Weekend" />, {
      prepare: (store) => {
        const messages = [says(1, ben), says(2, ann)]
        store.dispatch(conversationReset({ conv, messages, notes: [], through: { rev: 2, seq: 2 }, fromCache: false }))
        store.dispatch(editChosen({ conv, clientId: id }))
      },
    })
    return { ...opened, asked: () => opened.actions.filter(operationRequested.match).map(({ payload }) => payload.operation) }
  }
  /** In a tab that holds nothing of the conversation, with what was typed before. */
  const changingAgain = (drafts: Drafts) => {
    const opened = renderScreen(<EditComposer conv={conv} clientId={id} title="Weekend" />, {
      prepare: (store) => {
        store.dispatch(draftsLoaded({ drafts }))
      },
    })
    return { asked: () => opened.actions.filter(operationRequested.match).map(({ payload }) => payload.operation) }
  }
  const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Change your message in Weekend' })
  const ended = (actions: { type: string }[]) => actions.some((action) => editEnded.match(action))

  it('begins with its words, the caret behind them', () => {
    changing()
    expect(field().value).toBe('message 2')
    expect([document.activeElement, field().selectionStart]).toEqual([field(), 9])
  })

  it('asks for the change with Enter', async () => {
    const { actions, asked } = changing()
    await userEvent.type(field(), ', better{Enter}')
    expect(asked()).toMatchObject([{ kind: 'edit', body: 'message 2, better', target: { clientId: id, sender: ann } }])
    expect(ended(actions)).toBe(true)
  })

  it.each([['{Enter}'], ['x{Escape}']])('changes nothing with %s', async (keys) => {
    const { actions, asked } = changing()
    await userEvent.type(field(), keys)
    expect(asked()).toEqual([])
    expect(ended(actions)).toBe(true)
  })

  it('does not delete by emptying it, and says what does', async () => {
    const { actions, asked } = changing()
    await userEvent.clear(field())
    await userEvent.type(field(), '{Enter}')
    expect(screen.getByRole('form').textContent).toContain('There is no text left. To take the message back, delete it.')
    expect([asked(), ended(actions)]).toEqual([[], false])
  })

  it('keeps the words when the conversation is left and opened again, and when the message is not held any longer', async () => {
    const { store, unmount } = changing()
    await userEvent.type(field(), ' more')
    unmount()
    const { drafts } = store.getState()
    expect(drafts[conv]).toEqual({ text: '', editing: id, edits: { [id]: 'message 2 more' } })
    const { asked } = changingAgain(drafts)
    expect(field().value).toBe('message 2 more')
    await userEvent.type(field(), '{Enter}')
    expect(asked()).toMatchObject([{ kind: 'edit', body: 'message 2 more' }])
  })

  it('keeps the words when the message is deleted meanwhile', async () => {
    const { store, asked } = changing()
    await userEvent.type(field(), ' more')
    act(
      () =>
        void store.dispatch(
          conversationReset({
            conv,
            messages: [says(2, ann, { version: 5, deletedAt: NOON, body: '' })],
            notes: [],
            through: { rev: 5, seq: 2 },
            fromCache: false,
          }),
        ),
    )
    await userEvent.type(field(), '{Enter}')
    expect(field().value).toBe('message 2 more')
    expect(screen.getByRole('form').textContent).toContain('This message is deleted')
    expect(asked()).toEqual([])
  })
})
