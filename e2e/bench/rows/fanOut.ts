import { CONTENDERS } from '#e2e/bench/contender.ts'
import { roomAt } from '#e2e/bench/crowd.ts'
import { atLeast, inTurns, mediansOf, ratioOf, type Row, type Settings } from '#e2e/bench/row.ts'

const PEOPLE = 500
const WRITERS = 20

/** Deliveries per second in a full room. */
export async function fanOut(settings: Settings): Promise<Row> {
  const crowds = [await roomAt(CONTENDERS.ours, PEOPLE, WRITERS), await roomAt(CONTENDERS.bare, PEOPLE, WRITERS)]
  const rounds = await inTurns(crowds, settings, (crowd) => crowd.write(settings.quick ? 500 : 2_500))
  for (const crowd of crowds) await crowd.close()

  return {
    name: 'fanOut',
    what:
      `Messages/s times listeners in a room of ${PEOPLE}, the writers included; ${WRITERS} of them write, each with one message in flight. ` +
      'Ours: the lobby, every message in a request of its own and fsynced. bare: io.to(room).emit, nothing stored.',
    rounds: settings.rounds,
    figures: mediansOf(rounds),
    goals: [atLeast(0.8, 'ours / bare', ratioOf(rounds, 'deliveriesPerS', 'ours', 'bare'))],
  }
}
