import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

it.each([
  ['src/testing/sim/main.ts', ['--seeds', 'many'], '--seeds must be a whole number from 1'],
  ['src/testing/sim/main.ts', ['--seeds', '0'], '--seeds must be a whole number from 1'],
  ['src/testing/sim/main.ts', ['--sedes', '9'], "Unknown option '--sedes'"],
  ['src/testing/sim/mutants/main.ts', ['--seeds', '-1'], '--seeds'],
  ['src/testing/sim/mutants/main.ts', ['--only', 'none such'], 'No mutant is called none such'],
  ['e2e/chaos/main.ts', ['--messages', '1.5'], '--messages must be a whole number from 1'],
  ['e2e/chaos/main.ts', ['--help'], '--help'],
  ['e2e/bench/main.ts', ['--rounds', 'x'], '--rounds must be a whole number from 1'],
])('%s %j says what is wrong and how it is used, and proves nothing', (file, args, mistake) => {
  const { status, stdout, stderr } = spawnSync('node_modules/.bin/tsx', [file, ...args], { encoding: 'utf8' })
  expect(stderr).toContain(mistake)
  expect(stderr).toMatch(/\nnpm run \w+ -- /)
  expect([status, stdout]).toEqual([2, ''])
})
