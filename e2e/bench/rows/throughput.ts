import { CONTENDERS } from '#e2e/bench/contender.ts'
import { pairsAt, type Crowd } from '#e2e/bench/crowd.ts'
import { atLeast, inTurns, mediansOf, ratioOf, type Row, type Settings } from '#e2e/bench/row.ts'

const CONVERSATIONS = 50
const IN_FLIGHT = 20

/** Acknowledged, and by ours and the group commit fsynced, messages per second. */
export async function throughput(settings: Settings): Promise<Row> {
  const { ours, bare, bareInBatches, groupCommit, textbook } = CONTENDERS
  const crowds: Crowd[] = []
  for (const contender of [ours, bare, bareInBatches, groupCommit, textbook]) crowds.push(await pairsAt(contender, CONVERSATIONS, IN_FLIGHT))

  const rounds = await inTurns(crowds, settings, (crowd) => crowd.write(settings.quick ? 500 : 2_500))
  for (const crowd of crowds) await crowd.close()

  return {
    name: 'throughput',
    what:
      `Acknowledged messages/s in ${CONVERSATIONS} two-person conversations, ${IN_FLIGHT} messages in flight in each for every contender. ` +
      'Ours: one batch of 20, fsynced before its acknowledgement. bare: 20 single messages, nothing stored; bareInBatches: one event with 20. ' +
      'textbook: insert and broadcast, default SQLite. commitsPerS: each is one fsync (textbook: more).',
    rounds: settings.rounds,
    figures: mediansOf(rounds),
    goals: [
      atLeast(0.5, 'ours / bare', ratioOf(rounds, 'messagesPerS', 'ours', 'bare')),
      atLeast(20, 'ours / textbook', ratioOf(rounds, 'messagesPerS', 'ours', 'textbook')),
    ],
  }
}
