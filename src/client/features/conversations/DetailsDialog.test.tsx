import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ComponentProps } from 'react'
import { describe, expect, it } from 'vitest'
import type { Api, CheckReport } from '#client/live/client.ts'
import { ann, conv } from '#testing/clientBuilders.ts'
import type { Reply } from '#protocol/reply.ts'
import { renderScreen } from '#testing/renderScreen.tsx'
import { DetailsDialog } from './DetailsDialog.tsx'

const renderDetails = (more: Partial<ComponentProps<typeof DetailsDialog>>) =>
  renderScreen(
    <DetailsDialog
      conv={conv}
      me={ann}
      api={{} as Api}
      leave={async () => ({ ok: true })}
      check={async () => ({ ok: true, messages: 0, differing: 0, chain: 'whole' })}
      presence={() => null}
      onInvite={undefined}
      onReport={() => {}}
      onClose={() => {}}
      {...more}
    />,
  )

describe('the check against the server', () => {
  const says = async (report: CheckReport) => {
    renderDetails({ check: async () => report })
    await userEvent.click(screen.getByRole('button', { name: 'Check against server' }))
    const result = screen.getByTestId('check-result')
    await waitFor(() => expect(result.textContent).not.toBe(''))
    return result.textContent
  }

  it.each([
    [0, /^There are no messages to compare\. Checked at [^.]+\.$/],
    [1, /^1 message is kept here as on the server\. Checked at [^.]+\.$/],
    [2, /^All 2 messages are kept here as on the server\. Checked at [^.]+\.$/],
  ])('counts %i in whole words', async (messages, words) => {
    expect(await says({ ok: true, messages, differing: 0, chain: 'whole' })).toMatch(words)
  })

  it('does not claim that the history fits together where nothing of that was checked', async () => {
    expect(await says({ ok: true, messages: 2, differing: 0, chain: 'unchecked' })).toMatch(
      /^All 2 messages are kept here as on the server\. Checked at [^.]+\. Whether the history fits together could not be checked\.$/,
    )
  })
})

describe('muting', () => {
  it('shows what was chosen at once, and what is so when it could not be kept', async () => {
    let answer: (reply: Reply) => void = () => {}
    renderDetails({ api: { mute: () => new Promise<Reply>((resolve) => (answer = resolve)) } as unknown as Api })
    const [on, muted] = ['On', 'Muted'].map((name) => screen.getByRole<HTMLInputElement>('radio', { name }))
    await userEvent.click(muted!)
    expect(muted!.checked).toBe(true)
    answer({ ok: false, code: 'E_TIMEOUT' })
    await waitFor(() => expect(on!.checked).toBe(true))
    expect(screen.getByRole('alert').textContent).not.toBe('')
  })
})
