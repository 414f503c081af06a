/** Operations of CloudWatch that this emulator does not have, each with the reason that its error gives. */
const anomalies = 'AWS has: there is no anomaly detection here.'
const streams = 'AWS has: there are no metric streams here; read metrics with GetMetricData.'
const insights = 'AWS has: there is no Contributor Insights here.'
const mutes = 'AWS has: alarms cannot be muted by rules here; DisableAlarmActions can.'
const dashboards = 'AWS has: dashboards are kept by Terraform only, and not drawn here.'

export const refusedOperations = {
  DeleteAnomalyDetector: anomalies,
  DescribeAnomalyDetectors: anomalies,
  PutAnomalyDetector: anomalies,
  DeleteMetricStream: streams,
  GetMetricStream: streams,
  ListMetricStreams: streams,
  PutMetricStream: streams,
  StartMetricStreams: streams,
  StopMetricStreams: streams,
  DeleteInsightRules: insights,
  DescribeInsightRules: insights,
  DisableInsightRules: insights,
  EnableInsightRules: insights,
  GetInsightRuleReport: insights,
  ListManagedInsightRules: insights,
  PutInsightRule: insights,
  PutManagedInsightRules: insights,
  DeleteAlarmMuteRule: mutes,
  GetAlarmMuteRule: mutes,
  ListAlarmMuteRules: mutes,
  PutAlarmMuteRule: mutes,
  DeleteDashboards: dashboards,
  GetDashboard: dashboards,
  ListDashboards: dashboards,
  PutDashboard: dashboards,
  GetMetricWidgetImage: 'AWS has: nothing is drawn here.',
  PutLogAlarm: 'AWS has: alarms watch metrics here, not queries of logs.',
  DescribeAlarmContributors: 'AWS has: every alarm here watches one time series.',
} satisfies Readonly<Record<string, string>>
