/** What the emulator does not do as AWS does: every verdict names it, so that silence is not taken for proof. */
export const gaps: readonly string[] = [
  'the base and the architecture of images (tasks are processes of this machine)',
  'IAM policies (calls are attributed to a principal, not refused)',
  'security groups, route tables and NAT (every path is open)',
  'CPU and memory limits of tasks',
  'scaling by load',
  'several edge locations, HTTP/2 and HTTP/3 at the edge, viewer countries',
  'RDS fail-over',
]
