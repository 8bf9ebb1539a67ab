import { describe, expect, it } from 'vitest'
import { Area, becomeBrowser, openProfile } from './world.ts'

describe('the pages of a run', () => {
  it('ask whoever wants to go, each for itself, while they hold something', () => {
    becomeBrowser(() => 0)
    const profile = openProfile('http://127.0.0.1:9')
    const [one, other] = [profile.tab(), profile.tab()]
    const hold = (event: Event) => event.preventDefault()
    one.inside(() => window.addEventListener('beforeunload', hold))
    expect(one.asks()).toBe(true)
    expect(other.asks()).toBe(false)
    one.inside(() => window.removeEventListener('beforeunload', hold))
    expect(one.asks()).toBe(false)
  })

  it('are told that they go, each for itself', () => {
    becomeBrowser(() => 0)
    const profile = openProfile('http://127.0.0.1:9')
    const [one, other] = [profile.tab(), profile.tab()]
    const gone: string[] = []
    one.inside(() => window.addEventListener('pagehide', () => gone.push('one')))
    other.inside(() => window.addEventListener('pagehide', () => gone.push('other')))
    one.hide()
    expect(gone).toEqual(['one'])
  })

  it('can list what their browser keeps for them, as a browser lets them', () => {
    const area = new Area()
    area.setItem('words:1', 'left')
    area.setItem('words:2', 'behind')
    expect(Object.keys(area)).toEqual(['words:1', 'words:2'])
    area.removeItem('words:1')
    expect(Object.keys(area)).toEqual(['words:2'])
    expect([area.getItem('words:1'), area.getItem('words:2'), area.getItem('getItem')]).toEqual([null, 'behind', null])
  })
})
