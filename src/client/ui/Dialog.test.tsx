import { fireEvent, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { renderScreen } from '#testing/renderScreen.tsx'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'

const dialog = () => screen.getByRole<HTMLDialogElement>('dialog', { name: 'Details' })
/** What the browser sends for Escape. */
const escape = () => fireEvent(dialog(), new Event('cancel', { cancelable: true }))

describe('a dialog', () => {
  it('is open and named while it is mounted, also when it is mounted twice', () => {
    renderScreen(<Dialog title="Details">words</Dialog>)
    expect(dialog().open).toBe(true)
  })

  it('asks to be closed with Escape, its button, or a press beside it', async () => {
    const onClose = vi.fn()
    renderScreen(
      <Dialog title="Details" onClose={onClose}>
        words
      </Dialog>,
    )
    escape()
    expect(onClose).toHaveBeenCalledTimes(1)
    await userEvent.click(screen.getByRole('button', { name: 'Close' }))
    expect(onClose).toHaveBeenCalledTimes(2)
    fireEvent.mouseDown(dialog())
    expect(onClose).toHaveBeenCalledTimes(3)
    fireEvent.mouseDown(screen.getByText('words'))
    expect(onClose).toHaveBeenCalledTimes(3)
  })

  it('stays on screen when what opened it is hidden', () => {
    const { container } = renderScreen(<Dialog title="Details">words</Dialog>)
    container.hidden = true
    expect(dialog().closest('[hidden]')).toBeNull()
  })

  it('stays when it may only be answered', () => {
    renderScreen(<Dialog title="Details">words</Dialog>)
    const event = new Event('cancel', { cancelable: true })
    fireEvent(dialog(), event)
    expect(event.defaultPrevented).toBe(true)
    expect(screen.queryByRole('button', { name: 'Close' })).toBeNull()
  })
})

describe('a button that can’t be used just now', () => {
  it('can be focused, says why, and does nothing', async () => {
    const onClick = vi.fn()
    renderScreen(
      <Button unavailable="Needs a connection" onClick={onClick}>
        Invite
      </Button>,
    )
    const button = screen.getByRole('button', { name: 'Invite' })
    await userEvent.tab()
    expect(document.activeElement).toBe(button)
    await userEvent.click(button)
    expect(onClick).not.toHaveBeenCalled()
    expect(button.getAttribute('aria-disabled')).toBe('true')
    expect(button.title).toBe('Needs a connection')
  })
})
