import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { Menu } from './Menu.tsx'

function openMenu() {
  const chosen: string[] = []
  const items = ['Settings', 'Outbox', 'Sign out'].map((label) => ({ label, onSelect: () => void chosen.push(label) }))
  render(
    <>
      <Menu label="You are Ann" button="Ann" items={items} />
      <button type="button">after</button>
    </>,
  )
  return { chosen, user: userEvent.setup(), opener: screen.getByRole('button', { name: 'You are Ann' }) }
}
const focused = () => document.activeElement?.textContent

describe('a menu button', () => {
  it('opens with the first item focused and says that it is open', async () => {
    const { user, opener } = openMenu()
    expect(opener.getAttribute('aria-expanded')).toBe('false')
    await user.click(opener)
    expect(opener.getAttribute('aria-expanded')).toBe('true')
    expect(screen.getByRole('menu', { name: 'You are Ann' })).toBeTruthy()
    expect(focused()).toBe('Settings')
  })

  it('opens at the last item with the arrow up', async () => {
    const { user, opener } = openMenu()
    opener.focus()
    await user.keyboard('{ArrowUp}')
    expect(focused()).toBe('Sign out')
  })

  it('goes round with arrows, to the ends with Home and End, and to letters', async () => {
    const { user, opener } = openMenu()
    await user.click(opener)
    await user.keyboard('{ArrowDown}')
    expect(focused()).toBe('Outbox')
    await user.keyboard('{End}')
    expect(focused()).toBe('Sign out')
    await user.keyboard('{ArrowDown}')
    expect(focused()).toBe('Settings')
    await user.keyboard('o')
    expect(focused()).toBe('Outbox')
    await user.keyboard('s')
    expect(focused()).toBe('Sign out')
    await user.keyboard('s')
    expect(focused()).toBe('Settings')
    await user.keyboard('{Home}')
    expect(focused()).toBe('Settings')
  })

  it('does what was chosen and gives the focus back', async () => {
    const { user, opener, chosen } = openMenu()
    await user.click(opener)
    await user.keyboard('{ArrowDown}{Enter}')
    expect(chosen).toEqual(['Outbox'])
    expect(screen.queryByRole('menu')).toBeNull()
    expect(document.activeElement).toBe(opener)
  })

  it('closes with Escape and keeps the focus, closes with Tab and lets it go', async () => {
    const { user, opener } = openMenu()
    await user.click(opener)
    await user.keyboard('{Escape}')
    expect(screen.queryByRole('menu')).toBeNull()
    expect(document.activeElement).toBe(opener)
    await user.click(opener)
    await user.tab()
    expect(screen.queryByRole('menu')).toBeNull()
  })

  it('closes when something else is pressed', async () => {
    const { user, opener } = openMenu()
    await user.click(opener)
    await user.click(screen.getByRole('button', { name: 'after' }))
    expect(screen.queryByRole('menu')).toBeNull()
  })
})
