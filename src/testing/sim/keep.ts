import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { emptyTally, type Tally } from './campaign.ts'

/** Which campaign it is. What was played by other code proves nothing about this one, so the bundled `worker` is part of it. */
export type CampaignParts = { seeds: number; from: number; worker: string }
/** What came of a campaign so far: the seeds from its first one on, and the time that all its sittings took. */
type Kept = { campaign: { seeds: number; from: number; code: string }; seconds: number; tally: Tally }

export type KeptCampaign = { tally: Tally; seconds: number; keep: (tally: Tally, seconds: number) => void }

/**
 * Opens the file that a campaign of hours is kept in, so that it can be stopped and gone on with. Without a file it begins anew and keeps
 * nothing. A file of another campaign, of other code, that is none
 * or can't be written, is refused in a sentence and left as it is.
 */
export function openKept(file: string | undefined, { seeds, from, worker }: CampaignParts): KeptCampaign | { refusal: string } {
  if (file === undefined) return { tally: emptyTally(), seconds: 0, keep: () => {} }
  const campaign = { seeds, from, code: createHash('sha256').update(readFileSync(worker)).digest('hex') }
  const keep = (tally: Tally, seconds: number) => {
    const kept: Kept = { campaign, seconds, tally }
    // A stop halfway through the writing leaves the older file whole.
    writeFileSync(`${file}.new`, JSON.stringify(kept))
    renameSync(`${file}.new`, file)
  }
  if (!existsSync(file)) {
    const nothing = { tally: emptyTally(), seconds: 0 }
    try {
      keep(nothing.tally, nothing.seconds)
    } catch (error) {
      return { refusal: `${file} can't be written (${error instanceof Error ? error.message : String(error)}). Name another file.` }
    }
    return { ...nothing, keep }
  }
  const kept = read(file)
  if (!kept) return { refusal: `${file} holds no campaign. Name another file.` }
  const was = kept.campaign
  if (was.seeds !== seeds || was.from !== from)
    return { refusal: `${file} holds the campaign --seeds ${was.seeds} --from ${was.from}. Name another file.` }
  if (was.code !== campaign.code) return { refusal: `${file} was played by other code, which proves nothing about this. Name another file.` }
  return { tally: kept.tally, seconds: kept.seconds, keep }
}

function read(file: string): Kept | undefined {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<Kept> | null
    return kept?.campaign && kept.tally && typeof kept.seconds === 'number' ? (kept as Kept) : undefined
  } catch {
    return undefined
  }
}
