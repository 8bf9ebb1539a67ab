import * as z from 'zod/mini'
import { CODES, type Code } from './codes.ts'

/** The one shape of every answer: what was asked for, flat, or a code. */
export type Reply<T extends object = object> = ({ ok: true } & T) | Refusal

export type Refusal = {
  ok: false
  code: Code
  /** Wait at least this long before the same request is sent again. */
  retryAfterMs?: number
  /** For developers: which field, which limit. Never shown to people, never holds message text. */
  detail?: string
}

const codes = Object.keys(CODES) as [Code, ...Code[]]

export const RefusalSchema = z.object({
  ok: z.literal(false),
  code: z.enum(codes),
  retryAfterMs: z.optional(z.number()),
  detail: z.optional(z.string()),
})

export function refusal(code: Code, more: { retryAfterMs?: number; detail?: string } = {}): Refusal {
  return { ok: false, code, ...more }
}
