import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import type { Api } from '#client/live/client.ts'
import { ann, conv } from '#testing/clientBuilders.ts'
import { renderScreen } from '#testing/renderScreen.tsx'
import { DetailsDialog } from './DetailsDialog.tsx'

describe('the check against the server', () => {
  it.each([
    [0, /^Nothing is kept here as on the server\./],
    [1, /^1 message is kept here as on the server\./],
    [2, /^All 2 messages are kept here as on the server\./],
  ])('counts %i in whole words', async (messages, words) => {
    renderScreen(
      <DetailsDialog
        conv={conv}
        me={ann}
        api={{} as Api}
        check={async () => ({ ok: true, messages, differing: 0, chain: 'whole' })}
        presence={() => null}
        onInvite={undefined}
        onClose={() => {}}
      />,
    )
    await userEvent.click(screen.getByRole('button', { name: 'Check against server' }))
    expect((await screen.findByText(words)).dataset['testid']).toBe('check-result')
  })
})
