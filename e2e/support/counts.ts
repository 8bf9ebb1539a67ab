/** What is neither passed nor meant to be absent has failed: skipped, todo, flaky, interrupted. */
export type Counts = { passed: number; failed: number }

export const sum = (all: Counts[]): Counts =>
  all.reduce((total, { passed, failed }) => ({ passed: total.passed + passed, failed: total.failed + failed }), { passed: 0, failed: 0 })

type VitestReport = { success: boolean; testResults: { status: string; assertionResults: { status: string }[] }[] }

/** Counts Vitest's JSON report. A file that can't be loaded or holds no test counts as one failure. */
export function vitestCounts(report: unknown): Counts {
  return sum(
    (report as VitestReport).testResults.map(({ status, assertionResults }) => {
      const passed = assertionResults.filter((test) => test.status === 'passed').length
      const failed = assertionResults.length - passed
      const brokenFile = failed === 0 && (status !== 'passed' || passed === 0)
      return { passed, failed: brokenFile ? 1 : failed }
    }),
  )
}

type PlaywrightReport = { errors: unknown[]; stats: { expected: number; unexpected: number; flaky: number; skipped: number } }

/** Counts Playwright's JSON report. Tests that did not run stand there as skipped; errors outside of tests count as one each. */
export function playwrightCounts(report: unknown): Counts {
  const { errors, stats } = report as PlaywrightReport
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + stats.skipped + errors.length }
}
