import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { UserId } from '#protocol/ids.ts'
import { FormattedText } from './FormattedText.tsx'

const TEXT = 'so **bold**, *slanted* and ~~struck~~\n> a quotation\n- one\n- `two` https://a.example/x'

it('shows marks, quotations, lists, code and links as such, and is the text as it was typed all the same', () => {
  const { container } = render(<FormattedText text={TEXT} />)
  expect(screen.getByRole('link', { name: 'https://a.example/x' })).toBeTruthy()
  expect(container.textContent).toBe(TEXT)
  for (const name of ['strong', 'em', 's', 'blockquote', 'ul > li', 'code']) expect(container.querySelector(name), name).toBeTruthy()
  expect(screen.getAllByRole('listitem')).toHaveLength(2)
})

it('shows who is mentioned, but not in code and addresses, and oneself more than others', () => {
  const people = ['Ann', 'Zoë Lee'].map((name) => ({ id: name as UserId, name }))
  const text = 'hi @ann, **ask @Zoë Lee!** not `@Ann` nor https://a.example/@Ann'
  const { container } = render(<FormattedText text={text} people={people} me={'Ann' as UserId} />)
  expect(container.textContent).toBe(text)
  const mentions = [...container.querySelectorAll('[data-mention]')]
  expect(mentions.map((mention) => [mention.textContent, mention.getAttribute('data-mention')])).toEqual([
    ['@ann', 'me'],
    ['@Zoë Lee', 'other'],
  ])
})
