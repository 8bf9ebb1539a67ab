import type { Row } from './row.ts'

/** The rows for a person to read. */
export function tableOf(rows: Row[]): string {
  return rows.map(blockOf).join('\n\n')
}

function blockOf({ name, what, rounds, figures, goals }: Row): string {
  const columns = [...new Set(Object.values(figures).flatMap((one) => Object.keys(one)))]
  const cells = Object.entries(figures).map(([contender, one]) => [contender, ...columns.map((column) => String(one[column] ?? ''))])
  const goalLines = goals.map(
    (goal) =>
      `  ${goal.reached ? '✓' : '✗'} ${goal.what}: ${goal.value}, to reach ${goal.mustBe === 'atLeast' ? 'at least' : 'at most'} ${goal.target}`,
  )
  return [`${name} (median of ${rounds})`, `  ${what}`, ...aligned([['', ...columns], ...cells]), ...goalLines].join('\n')
}

function aligned(lines: string[][]): string[] {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines.map((line) => `  ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')}`)
}
