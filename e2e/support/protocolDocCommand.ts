import { readFileSync, writeFileSync } from 'node:fs'
import { withReference } from '#testing/protocolReference.ts'

const PAGE = 'docs/protocol.md'

writeFileSync(PAGE, withReference(readFileSync(PAGE, 'utf8')))
console.log(`The reference in ${PAGE} says what src/protocol says.`)
