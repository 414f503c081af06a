/** Where CloudWatch here differs from what AWS documents. */
import type { Behaviours } from '../../behaviours.ts'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'keeps minutes for 15 days, five minutes for 63 and hours for 455',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention',
      why: 'Metrics live in memory: minutes for a day, hours for 15 days of AWS time, 10,000 metrics at most.',
    },
    {
      behaviour: 'keeps metrics whatever happens to what is measured',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/working_with_metrics.html',
      why: 'After a restart of the emulator metrics are empty; alarms keep their states until they have data for their evaluation periods.',
    },
    {
      behaviour: 'calculates percentiles of raw samples',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html',
      why: 'They come from a histogram that is right to 1 %: raw samples would grow with the traffic.',
    },
    {
      behaviour: 'keeps the history of an alarm for 30 days',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html',
      why: 'The newest 100 items of an alarm and 5,000 in all are kept, whatever their age.',
    },
    {
      behaviour:
        'takes composite alarms that depend on each other in a circle, and then evaluates none of them',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html',
      why: 'The alarm that would close the circle is refused: it could never fire.',
    },
  ],
  missing: [
    {
      behaviour: 'detects anomalies: ANOMALY_DETECTION_BAND, ThresholdMetricId and its comparison operators',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html',
      why: 'Refused by name.',
    },
    {
      behaviour: 'has composite alarms whose actions another alarm suppresses',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html',
      why: 'ActionsSuppressor is refused by name.',
    },
    {
      behaviour:
        'scales, acts on instances, and opens items and incidents of Systems Manager when an alarm changes its state',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html',
      why: 'SNS topics are notified and Lambda functions invoked; the history of the alarm names every other action as failed.',
    },
    {
      behaviour: 'streams metrics, draws them, and queries them with Metrics Insights and SEARCH',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/query_with_cloudwatch-metrics-insights.html',
      why: 'Refused by name.',
    },
    {
      behaviour: 'has trimmed statistics: IQM, TM, WM, PR, TC, TS',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html',
      why: 'Refused by name.',
    },
    {
      behaviour: 'answers periods of 1 and 5 seconds for metrics of high resolution',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html',
      why: 'Refused by name: the shortest bucket has ten seconds, as the shortest period of an alarm.',
    },
    {
      behaviour: 'evaluates alarms over windows of the wall clock, and lets new alarms warm up',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html',
      why: 'EvaluationWindow and WarmUpConfiguration are refused by name.',
    },
    {
      behaviour: 'cuts the answer of GetMetricData into pages, and fills in dynamic labels',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html',
      why: 'An answer comes whole, or is refused beyond 100,800 data points; a label is what was given.',
    },
    {
      behaviour: 'publishes the tasks of a service as RunningTaskCount, with Container Insights',
      page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html',
      why: 'There is no Container Insights here; the SampleCount of CPUUtilization counts running tasks, as on AWS.',
    },
  ],
}
