import { describe, expect, it } from 'vitest'
import * as facts from './facts.ts'

/** Past all the same. */
const IRREGULAR = [
  'filesKept',
  'messageWritten',
  'filesWritten',
  'uploadWithdrawn',
  'newVersionFound',
  'replyChosen',
  'editChosen',
  'messageSought',
  'operationWithdrawn',
  'messageKeptInMemory',
  'readThrough',
  'connectionLost',
  'connectionAuthenticating',
  'storageLost',
  'browserWentOffline',
  'browserCameOnline',
  'typingSeen',
  'conversationLeft',
  'conversationReset',
  'historyUnavailable',
  'stretchUnavailable',
  'signedOut',
  'nobodySignedIn',
]

const names = Object.keys(facts)

describe('facts', () => {
  it('are called by their own name wherever they are logged', () => {
    expect(names.length).toBeGreaterThan(30)
    for (const [name, fact] of Object.entries(facts)) expect(fact.type).toBe(name)
  })

  it('say what happened, in the past tense', () => {
    expect(names.filter((name) => !name.endsWith('ed') && !IRREGULAR.includes(name))).toEqual([])
  })
})
