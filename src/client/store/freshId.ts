import { uuidv7 } from '#protocol/ids.ts'

/** An identity for what a person does now: picked at this edge, once, and never changed by a retry. */
export const freshId = (now = Date.now()): string => uuidv7(now, (bytes) => crypto.getRandomValues(bytes))
