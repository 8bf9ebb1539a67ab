import { parseArgs, type ParseArgsConfig } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * What a command was called with. What it does not know, a number that is none and `--help` end it with exit code 2 and the way to use it:
 * a campaign over NaN seeds would find nothing wrong.
 */
export function commandLine<const O extends Options>(usage: string, options: O) {
  const fail = (mistake: string): never => {
    process.stderr.write(`${mistake}\n${usage}\n`)
    process.exit(2)
  }
  const read = () => {
    try {
      return parseArgs({ options }).values
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error))
    }
  }
  const values = read()
  return {
    values,
    fail,
    /** The option as a whole number. */
    whole: (name: keyof O & keyof typeof values & string, least: number): number => {
      const number = Number(values[name])
      return Number.isSafeInteger(number) && number >= least ? number : fail(`--${name} must be a whole number from ${least}`)
    },
  }
}
