/** The report of a contract check as text for a terminal. */
import type { Paint } from '../text.ts'
import type { ContractReport } from './check-service.ts'

export function renderContract(report: ContractReport, paint: Paint): string {
  const marks = { kept: paint.good('✓'), broken: paint.bad('✗'), 'not-measured': paint.dim('·') }
  const lines = report.points.flatMap(({ result, demand, detail, why, fix }) => [
    `${marks[result]} ${result === 'broken' ? paint.strong(demand) : demand}`,
    `  ${result === 'not-measured' ? `not measured: ${detail}` : detail}`,
    ...(fix
      ? [
          `  ${why}`,
          `  Node.js      ${fix.node}`,
          `  Spring Boot  ${fix.springBoot}`,
          `  nginx        ${fix.nginx}`,
        ]
      : []),
  ])
  const count = report.broken === 1 ? '1 point' : `${report.broken} points`
  const sum =
    report.broken === 0 ? paint.good('keeps the contract') : paint.bad(`breaks ${count} of the contract`)
  return [...lines, '', `The service ${report.service} ${sum}.`].join('\n')
}
