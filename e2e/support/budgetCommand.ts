import { verdict, weigh } from './budget.ts'

const { ok, words } = verdict(await weigh('dist/client'))
console.log(words)
process.exitCode = ok ? 0 : 1
