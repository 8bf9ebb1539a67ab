import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MUTANTS } from './list.ts'
import { edited, editsOf, placesOf } from './mutant.ts'
import { readReport } from './workshop.ts'

describe('The mutants', () => {
  it.each(MUTANTS)('"$name" still applies, in exactly one place', (mutant) => {
    for (const edit of editsOf(mutant)) {
      const text = readFileSync(edit.file, 'utf8')
      expect({ file: edit.file, find: edit.find, places: placesOf(text, edit) }).toEqual({ file: edit.file, find: edit.find, places: 1 })
      expect(edited(text, edit)).not.toBe(text)
      expect(edit.find).not.toContain('\n')
    }
    expect(mutant.by === undefined || existsSync(mutant.by)).toBe(true)
  })

  it('are enough, and each has a name of its own', () => {
    const names = MUTANTS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThanOrEqual(40)
  })
})

describe('What noticed a mutant', () => {
  const report = (failureMessages: string[], status = 'failed') =>
    JSON.stringify({
      success: status === 'passed',
      numTotalTests: 1,
      testResults: [{ message: '', assertionResults: [{ fullName: 'a test', status, failureMessages }] }],
    })

  it('is a test in which an assertion failed', () => {
    expect(readReport(report(['AssertionError: expected 1 to be 2']))).toEqual({ failed: ['a test'], crash: '' })
  })

  it('is not a test that threw', () => {
    expect(readReport(report(['TypeError: x is not a function\n    at y']))).toEqual({ failed: [], crash: 'a test: TypeError: x is not a function' })
  })

  it('is not a test that passed, and not one that was never run', () => {
    expect(readReport(report([], 'passed'))).toEqual({ failed: [], crash: '' })
    expect(readReport(JSON.stringify({ success: true, numTotalTests: 0, testResults: [] }))).toEqual({ failed: [], crash: 'no tests' })
  })
})
