import { expect, it } from 'vitest'
import { loadedOnce } from './loadedOnce.ts'

it('loads a part when it is asked for first, and once; again only where it could not be loaded', async () => {
  let loads = 0
  let isThere = false
  const part = loadedOnce(async () => {
    loads++
    if (!isThere) throw new TypeError('Failed to fetch dynamically imported module')
    return { number: loads }
  })
  expect(loads).toBe(0)
  await expect(Promise.all([part(), part()])).rejects.toThrow('Failed to fetch')
  expect(loads).toBe(1)
  isThere = true
  expect(await part()).toEqual({ number: 2 })
  expect(await part()).toBe(await part())
  expect(loads).toBe(2)
})
