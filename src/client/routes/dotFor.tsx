import { patientPart } from '#client/ui/laterPart.ts'
import type { UserId } from '#protocol/ids.ts'

const PresenceDot = patientPart(() => import('#client/features/presence/PresenceDot.tsx').then((part) => part.PresenceDot))

/** The corner of somebody's picture: nothing is known of who is there before there is a line, so it comes with the rest of the page. */
export const dotFor = (user: UserId) => <PresenceDot user={user} />
