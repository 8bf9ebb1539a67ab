import { playSeeds, type Failed, type Tally } from './campaign.ts'

/** What a worker is asked for, as its one argument. */
export type Share = {
  /** of these many seeds from this one … */ seeds: number
  from: number
  /** … every `step`th */ first: number
  step: number
  reportEvery: number
}
/** What it says: which seed it plays, how far it is, what broke just now, and in the end what came of it. */
export type Word = { began: number } | { done: number } | { failed: Failed } | { tally: Tally }

const { seeds, from, first, step, reportEvery } = JSON.parse(process.argv[2] ?? '') as Share
const say = (word: Word) => process.send?.(word)

function* share(): Generator<number> {
  for (let seed = from + first; seed < from + seeds; seed += step) {
    say({ began: seed })
    yield seed
  }
}

let known = 0
const tally = await playSeeds(share(), ({ seeds: done, failed }) => {
  for (; known < failed.length; known++) say({ failed: failed[known]! })
  if (done % reportEvery === 0) say({ done })
})
say({ tally })
process.disconnect()
