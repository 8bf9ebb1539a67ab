import { pino, type Logger, type LoggerOptions } from 'pino'
import type { Config } from '#server/config.ts'

export type Log = Logger

/** One JSON line per fact on stdout. Message text and tokens are never given to it; the redaction is only the second lock on that door. */
export function makeLog(level: Config['LOG_LEVEL'], write?: (line: string) => void): Log {
  const options: LoggerOptions = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: [
      'token',
      'accessToken',
      'refreshToken',
      'body',
      'cookie',
      'authorization',
      '*.token',
      '*.accessToken',
      '*.refreshToken',
      '*.body',
      '*.cookie',
      '*.authorization',
    ],
  }
  return write ? pino(options, { write }) : pino(options)
}
