import { CHECK } from './checkSteps.ts'
import { runSteps } from './runSteps.ts'

process.exitCode = await runSteps(CHECK)
