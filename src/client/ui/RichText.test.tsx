import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { RichText } from './RichText.tsx'

const TEXT = 'so **bold**, *slanted* and ~~struck~~\n> a quotation\n- one\n- `two` https://a.example/x'

it('shows marks, quotations, lists, code and links as such, and is the text as it was typed all the same', async () => {
  const { container } = render(<RichText text={TEXT} />)
  expect(await screen.findByRole('link', { name: 'https://a.example/x' })).toBeTruthy()
  expect(container.textContent).toBe(TEXT)
  for (const name of ['strong', 'em', 's', 'blockquote', 'ul > li', 'code']) expect(container.querySelector(name), name).toBeTruthy()
  expect(screen.getAllByRole('listitem')).toHaveLength(2)
})

it('is the plain text until it is known what stands out of it', () => {
  const { container } = render(<RichText text={TEXT} reachable={false} />)
  expect(container.textContent).toBe(TEXT)
})
