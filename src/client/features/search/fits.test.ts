import { expect, it } from 'vitest'
import { fits } from './fits.ts'

it.each([
  ['Crew of the Boat', 'cr', true],
  ['Crew of the Boat', 'bo cr', true],
  ['Crew of the Boat', 'oat', false],
  ['Zoë', 'ZOE', true],
  ['東京', '京', true],
  ['Crew', '', true],
  ['Crew', ' ', true],
  ['Crew', '😀', false],
])('“%s” fits “%s”: %s', (name, text, does) => expect(fits(name, text)).toBe(does))
