import { expect, test } from 'vitest'
import { playwrightCounts, sum, vitestCounts } from './counts.ts'

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((state) => ({ status: state })) })

test('a test of Vitest that was skipped, left for later or not reached has failed', () => {
  expect(vitestCounts({ testResults: [file('passed', 'passed', 'passed', 'skipped', 'todo', 'pending')] })).toEqual({ passed: 2, failed: 3 })
})

test('a file of Vitest that can’t be loaded counts as one failure', () => {
  expect(vitestCounts({ testResults: [file('failed'), file('passed', 'passed')] })).toEqual({ passed: 1, failed: 1 })
})

test('a file of Vitest whose tests passed and whose clean-up failed has failed', () => {
  expect(vitestCounts({ testResults: [file('failed', 'passed')] })).toEqual({ passed: 1, failed: 1 })
})

test('a test of Playwright that was skipped or passed at the second try has failed', () => {
  expect(playwrightCounts({ errors: [], stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 } })).toEqual({ passed: 5, failed: 4 })
})

test('an error outside of all tests of Playwright is counted', () => {
  expect(playwrightCounts({ errors: [{ message: 'global setup failed' }], stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 3 } })).toEqual({
    passed: 0,
    failed: 4,
  })
})

test('counts add up', () => {
  expect(
    sum([
      { passed: 1, failed: 2 },
      { passed: 10, failed: 20 },
    ]),
  ).toEqual({ passed: 11, failed: 22 })
})
