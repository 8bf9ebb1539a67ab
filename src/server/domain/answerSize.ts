import { utf8Bytes } from '#protocol/message.ts'

/** The beginning that is not too long for one answer; the first one however long. */
export function upToBytes<T>(list: T[], bytes: (item: T) => number, maxBytes: number): T[] {
  let total = 0
  const beyond = list.findIndex((item, i) => (total += bytes(item)) > maxBytes && i > 0)
  return beyond < 0 ? list : list.slice(0, beyond)
}

/** On the wire. */
export const bytesOf = (part: object): number => utf8Bytes(JSON.stringify(part))
