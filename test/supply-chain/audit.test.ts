/** What an audit fails for, and that an audit which was not possible does not look like one that found nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAudit } from './audit.ts'

const report = (severity: string) =>
  JSON.stringify({
    vulnerabilities: { tar: { severity, range: '<7.0.0' } },
    metadata: { vulnerabilities: { moderate: 0, high: 0, critical: 0, total: 1, [severity]: 1 } },
  })

for (const severity of ['high', 'critical']) {
  test(`a vulnerability of ${severity} severity fails, with the package`, () => {
    const { failed, text } = readAudit(report(severity))
    assert.ok(failed)
    assert.match(text, new RegExp(`${severity}: tar <7.0.0`))
  })
}

test('a vulnerability of moderate severity does not fail', () => {
  const { failed, text } = readAudit(report('moderate'))
  assert.ok(!failed)
  assert.match(text, /1 of lower ones/)
})

for (const output of ['', '{"message":"405 Method Not Allowed - POST https://example.com/bulk"}', '{}']) {
  test(`says that nothing was asked, for the output ${output || 'that is empty'}`, () => {
    const { failed, text } = readAudit(output)
    assert.ok(!failed)
    assert.match(text, /^NOT ASKED FOR VULNERABILITIES/)
    assert.doesNotMatch(text, /https:/)
  })
}
