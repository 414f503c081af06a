/** What AWS documents of CloudWatch Logs, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'shows an event within seconds',
      page: `${guide}/WhatIsCloudWatchLogs.html`,
      why: 'It is shown at once.',
    },
    {
      behaviour: 'deletes events after the retention of their group',
      page: `${guide}/Working-with-log-groups-and-streams.html#SettingLogRetention`,
      why: 'Retention follows the wall clock at any speed, because the time stamps of events do; the store is bounded as well, and the oldest events go first.',
    },
  ],
  missing: [
    {
      behaviour: 'runs queries of Logs Insights, live tails and exports',
      page: `${guide}/AnalyzingLogData.html`,
      why: 'Refused by name.',
    },
    {
      behaviour: 'filters events by JSON, space-delimited and regular-expression patterns',
      page: `${guide}/FilterAndPatternSyntax.html`,
      why: 'Refused by name; terms and phrases are matched.',
    },
    {
      behaviour: 'makes metrics of metric filters, and feeds subscription filters',
      page: `${guide}/MonitoringLogData.html`,
      why: 'Both are stored without effect.',
    },
  ],
}
