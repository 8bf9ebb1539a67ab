import compact from 'emojibase-data/en/compact.json'
import { expect, it } from 'vitest'
import { emojiData } from './EmojiPicker.tsx'

it('offers each picture once, as everybody writes it', () => {
  const { emojis, categories } = emojiData()
  const RGI = new RegExp('^\\p{RGI_Emoji}$', 'v')
  expect(emojis.filter(({ emoji }) => !RGI.test(emoji))).toEqual([])
  expect(new Set(emojis.map(({ emoji }) => emoji)).size).toBe(emojis.length)
  expect(emojis.length).toBeGreaterThan(compact.length * 0.8)
  expect(new Set(emojis.map(({ category }) => category))).toEqual(new Set(categories.map(({ index }) => index)))
})
