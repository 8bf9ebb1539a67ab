import { act, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  changesListed,
  conversationOpened,
  conversationReset,
  conversationsLearned,
  editChosen,
  messageSought,
  operationRequested,
  operationWithdrawn,
  replyChosen,
  stretchArrived,
} from '#client/live/facts.ts'
import type { Store } from '#client/store/makeStore.ts'
import type { OperationId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { ann, ben, conv, member, messageId, says, saysFrom, snapshot } from '#testing/clientBuilders.ts'
import { liveRegions, renderScreen } from '#testing/renderScreen.tsx'
import { MessageList } from './MessageList.tsx'
import { UndoBar } from './UndoBar.tsx'

const shows =
  (messages: ChatMessage[], role: 'owner' | 'member' = 'member') =>
  (store: Store) => {
    store.dispatch(conversationsLearned({ conversations: [snapshot({ role, members: [member(ann), member(ben, { read: 1, delivered: 2 })] })] }))
    store.dispatch(conversationOpened({ conv }))
    const seq = messages.at(-1)!.seq
    store.dispatch(conversationReset({ conv, messages, notes: [], through: { rev: seq, seq }, fromCache: false }))
  }
const talk = [says(1, ben), says(2, ann)]

function open(prepare = shows(talk)) {
  const reported: string[] = []
  const screenOf = renderScreen(
    <>
      <MessageList conv={conv} title="Weekend" queuedWords="Queued" onReport={(row) => void reported.push(row.body)} />
      <UndoBar conv={conv} />
      <textarea data-region="composer" aria-label="composer" />
    </>,
    { prepare },
  )
  const asked = () => screenOf.actions.filter(operationRequested.match).map(({ payload }) => payload.operation)
  return { ...screenOf, user: userEvent.setup(), reported, asked }
}
const row = (text: string) => screen.getByText(text).closest<HTMLElement>('[data-testid="message"]')!
/** Its tools are there while it is pointed at or has the focus. */
async function tools(text: string) {
  act(() => row(text).focus())
  return within(await within(row(text)).findByRole('toolbar', { name: 'For this message' }))
}
const items = () => screen.getAllByRole('menuitem').map((item) => item.textContent)

describe('what can be done about a message', () => {
  it.each([
    ['of somebody else', 'message 1', 'member', ['Copy text', 'Copy link', 'Details', 'About Ben', 'Report']],
    ['of one’s own', 'message 2', 'member', ['Copy text', 'Copy link', 'Edit', 'Details', 'Delete']],
    ['of somebody else in a group of one’s own', 'message 1', 'owner', ['Copy text', 'Copy link', 'Details', 'About Ben', 'Report', 'Delete']],
  ] as const)('%s', async (_, text, role, expected) => {
    const { user } = open(shows(talk, role))
    await user.click((await tools(text)).getByRole('button', { name: 'More' }))
    expect(items()).toEqual(expected)
  })

  it('is nothing once it is deleted', async () => {
    open(shows([says(1, ben, { deletedAt: 1, body: '' }), says(2, ann)]))
    await tools('message 2')
    act(() => row('Message deleted').focus())
    expect(screen.queryByRole('toolbar')).toBeNull()
  })

  it('is not one more Tab stop: Enter goes in, arrows go round, Escape comes out', async () => {
    const { user } = open()
    await tools('message 1')
    await user.keyboard('{Enter}')
    const at = () => document.activeElement!.getAttribute('aria-label')
    expect(at()).toBe('React')
    await user.keyboard('{ArrowRight}')
    expect(at()).toBe('Reply')
    await user.keyboard('{ArrowLeft}{ArrowLeft}')
    expect(at()).toBe('More')
    // in an open menu they go through it, and through nothing else
    await user.keyboard('{Enter}{ArrowDown}{ArrowDown}')
    expect(document.activeElement!.textContent).toBe('Details')
    await user.keyboard('{Escape}{ArrowRight}{Enter}{ArrowRight}')
    expect(document.activeElement!.getAttribute('title')).toBe('Heart')
    await user.keyboard('{Escape}')
    await user.keyboard('{Escape}')
    expect(document.activeElement).toBe(row('message 1'))
    await user.tab()
    expect(at()).toBe('composer')
  })
})

describe('a reaction', () => {
  it('is picked from a few, and taken back where it stands', async () => {
    const { user, asked, store } = open()
    await user.click((await tools('message 1')).getByRole('button', { name: 'React' }))
    await user.click(screen.getByRole('menuitemcheckbox', { name: 'Thumbs up' }))
    expect(asked()).toMatchObject([{ kind: 'react', emoji: '👍', target: { clientId: says(1, ben).clientId, sender: ben } }])
    act(() => shows([says(1, ben, { version: 9, reactions: { '👍': [ben, ann] } }), says(2, ann)])(store))
    const chip = await screen.findByRole('button', { name: '👍 2, You and Ben' })
    expect(chip.getAttribute('aria-pressed')).toBe('true')
    await user.click(chip)
    expect(asked()[1]).toMatchObject({ kind: 'unreact', emoji: '👍' })
  })

  it('counts whom it can’t name', async () => {
    open(shows([says(1, ben, { reactions: { '🎉': [ben, 'u-x' as typeof ben, 'u-y' as typeof ben] } }), says(2, ann)]))
    expect(await screen.findByRole('button', { name: '🎉 3, Ben and 2 more' })).toBeTruthy()
  })
})

describe('with one key, while a message has the focus', () => {
  it.each([
    ['r answers it', 'message 1', 'r', replyChosen({ conv, to: messageId(1) })],
    ['e changes it', 'message 2', 'e', editChosen({ conv, clientId: says(2, ann).clientId })],
  ])('%s', async (_, text, key, expected) => {
    const { user, actions } = open()
    await tools(text)
    await user.keyboard(key)
    expect(actions).toContainEqual(expected)
  })

  it.each([
    ['e', 'message 1'],
    ['{Delete}', 'message 1'],
    ['{Control>}r{/Control}', 'message 1'],
  ])('%s on somebody else’s does nothing', async (key, text) => {
    const { user, actions } = open()
    await tools(text)
    const before = actions.length
    await user.keyboard(key)
    expect(actions.length).toBe(before)
  })
})

describe('a deletion', () => {
  /** Asked for, and told of by the live session as it tells of everything that waits. */
  async function deletes() {
    const opened = open()
    await tools('message 2')
    await opened.user.keyboard('{Delete}')
    const [wanted] = opened.actions.filter(operationRequested.match)
    act(() => void opened.store.dispatch(changesListed({ changes: [wanted!.payload] })))
    return { ...opened, wanted: wanted!.payload }
  }
  afterEach(() => void vi.useRealTimers())

  it('is held back for as long as it can be undone', async () => {
    const { wanted } = await deletes()
    expect(wanted.operation).toMatchObject({ kind: 'delete', target: { clientId: says(2, ann).clientId, sender: ann } })
    expect(wanted.notBefore! - Date.now()).toBeGreaterThan(5_000)
    expect(document.querySelector('[data-deleted]')).toMatchObject({ dataset: { clientId: says(2, ann).clientId } })
  })

  it('can be undone', async () => {
    const { user, actions, wanted, store } = await deletes()
    await user.click(screen.getByRole('button', { name: 'Undo' }))
    expect(actions).toContainEqual(operationWithdrawn({ conv, opId: wanted.operation.opId }))
    act(() => void store.dispatch(changesListed({ changes: [] })))
    expect(row('message 2').dataset['deleted']).toBeUndefined()
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
  })

  it('can be undone no longer when the moment is over', async () => {
    const { store } = open()
    vi.useFakeTimers()
    const operation = { kind: 'delete', opId: 'o' as OperationId, target: { clientId: says(2, ann).clientId, sender: ann } } as const
    act(() => void store.dispatch(changesListed({ changes: [{ conv, operation, notBefore: Date.now() + 10_000 }] })))
    act(() => void vi.advanceTimersByTime(7_900))
    expect(screen.getByRole('button', { name: 'Undo' })).toBeTruthy()
    act(() => void vi.advanceTimersByTime(200))
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
    expect(document.querySelector('[data-deleted]')).toBeTruthy()
  })
})

describe('what one message is known for', () => {
  it('is its times, its number and who has it', async () => {
    const { user } = open(shows([says(1, ann), says(2, ann)]))
    const details = async (text: string) => {
      await user.click((await tools(text)).getByRole('button', { name: 'More' }))
      await user.click(screen.getByRole('menuitem', { name: 'Details' }))
      return within(await screen.findByRole('dialog', { name: 'Message details' }))
    }
    const first = await details('message 1')
    expect(first.getByText('#1')).toBeTruthy()
    expect(first.getByRole('heading', { name: 'Read by' })).toBeTruthy()
    await user.click(first.getByRole('button', { name: 'Close' }))
    const second = await details('message 2')
    expect(second.getByRole('heading', { name: 'Delivered to' })).toBeTruthy()
  })

  it('is not that somebody has read it who came later', async () => {
    const later = (store: Store) => {
      shows([says(1, ann), says(2, ann)])(store)
      const members = [member(ann), member(ben, { read: 2, delivered: 2, since: 1 })]
      store.dispatch(conversationsLearned({ conversations: [snapshot({ members })] }))
    }
    const { user } = open(later)
    await user.click((await tools('message 1')).getByRole('button', { name: 'More' }))
    await user.click(screen.getByRole('menuitem', { name: 'Details' }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Message details' }))
    expect(dialog.queryByRole('heading', { name: 'Read by' })).toBeNull()
    expect(dialog.getByText('Nobody else was here when it was written.')).toBeTruthy()
  })

  it('can be told to the operators', async () => {
    const { user, reported } = open()
    await user.click((await tools('message 1')).getByRole('button', { name: 'More' }))
    await user.click(screen.getByRole('menuitem', { name: 'Report' }))
    expect(reported).toEqual(['message 1'])
  })
})

describe('an answer', () => {
  it('shows what it answers in a line, and leads there', async () => {
    const regions = liveRegions()
    const { user } = open(shows([...saysFrom(1, 79), says(80, ben, { body: 'an answer', replyTo: messageId(2) })]))
    const quote = await within(row('an answer')).findByTestId('quote')
    expect(quote.textContent).toBe('Benmessage 2')
    await user.click(quote)
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset['messageId']).toBe(messageId(2)))
    expect(regions.polite()).toContain('Went to the message')
  })

  it('asks for what is not here, and goes there when it comes', async () => {
    const { user, actions, store } = open(shows([...saysFrom(60, 79), says(80, ben, { body: 'an answer', replyTo: messageId(2) })]))
    const quote = await within(row('an answer')).findByTestId('quote')
    expect(quote.textContent).toBe('An earlier message')
    await user.click(quote)
    expect(actions).toContainEqual(messageSought({ conv, id: messageId(2), held: false }))
    act(() => void store.dispatch(stretchArrived({ conv, messages: saysFrom(1, 30), notes: [], start: true })))
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset['messageId']).toBe(messageId(2)))
    expect(await within(screen.getByTestId('gap-marker')).findByText('29 messages here are not loaded.')).toBeTruthy()
  })

  it('leads past what was not read either, from which on the list would be shown', async () => {
    const { user, store } = open((store) => {
      store.dispatch(conversationsLearned({ conversations: [snapshot({ read: 1 }, 80)] }))
      shows([...saysFrom(60, 79), says(80, ben, { body: 'an answer', replyTo: messageId(1) })])(store)
    })
    await user.click(await within(row('an answer')).findByTestId('quote'))
    act(() => void store.dispatch(stretchArrived({ conv, messages: saysFrom(1, 50), notes: [], start: true })))
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset['messageId']).toBe(messageId(1)))
  })
})
