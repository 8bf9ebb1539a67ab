import { expect, it } from 'vitest'
import { openLocks } from './locks.ts'

const forever = () => new Promise<never>(() => {})

/** Asks for the lock `a` and says in `log` what becomes of it. */
function ask(tab: ReturnType<ReturnType<typeof openLocks>['tab']>, name: string, log: string[], options: LockOptions = {}) {
  return tab.manager
    .request('a', options, () => {
      log.push(`${name} has it`)
      return forever()
    })
    .catch(() => log.push(`${name} lost it`))
}
const settled = () => new Promise((resume) => void setImmediate(resume))

it('is held by one at a time, in the order of asking', async () => {
  const locks = openLocks()
  const log: string[] = []
  let release = () => {}
  void locks.tab().manager.request('a', () => new Promise<void>((resume) => (release = resume)))
  void ask(locks.tab(), 'second', log)
  void ask(locks.tab(), 'third', log)
  await settled()
  expect(log).toEqual([])
  release()
  await settled()
  expect(log).toEqual(['second has it'])
})

it('passes on when the tab that holds it is closed, and skips closed tabs that wait', async () => {
  const locks = openLocks()
  const log: string[] = []
  const [first, second, third] = [locks.tab(), locks.tab(), locks.tab()]
  void ask(first, 'first', log)
  void ask(second, 'second', log)
  void ask(third, 'third', log)
  await settled()
  second.close()
  first.close()
  await settled()
  expect(log).toEqual(['first has it', 'third has it'])
})

it('is taken away by whoever steals it, and the loser is told', async () => {
  const locks = openLocks()
  const log: string[] = []
  void ask(locks.tab(), 'first', log)
  await settled()
  void ask(locks.tab(), 'thief', log, { steal: true })
  await settled()
  expect(log.toSorted()).toEqual(['first has it', 'first lost it', 'thief has it'])
})

it('is no longer waited for once the signal says so', async () => {
  const locks = openLocks()
  const log: string[] = []
  const aborter = new AbortController()
  const holder = locks.tab()
  void ask(holder, 'first', log)
  void ask(locks.tab(), 'second', log, { signal: aborter.signal })
  await settled()
  aborter.abort()
  holder.close()
  await settled()
  expect(log).toEqual(['first has it', 'second lost it'])
})

it('tells which are held and which are waited for', async () => {
  const locks = openLocks()
  const log: string[] = []
  const [first, second] = [locks.tab(), locks.tab()]
  void ask(first, 'first', log)
  void ask(second, 'second', log)
  const names = async () => {
    const { held, pending } = await second.manager.query()
    return [held, pending].map((all) => all?.map(({ name }) => name))
  }
  expect(await names()).toEqual([['a'], ['a']])
  first.close()
  second.close()
  expect(await names()).toEqual([[], []])
})
