/** What a cause of failure means, and what to change: the part of the verdict that is for people. */
import type { Failure } from '../report/evidence.ts'
import type { Finding } from '../report/report.ts'

export interface Explanation {
  readonly what: string
  readonly fix: string
}

/** By cause. docs/verdict.md has the same table; `test/verdict-doc.test.ts` compares them. */
export const explanations: Readonly<Record<string, Explanation>> = {
  'connection-error': {
    what: 'The connection was refused or broken before an answer came.',
    fix: 'See during which deployment step it happened; a listener or the edge was not there.',
  },
  'time-out': {
    what: 'No answer came within 15 s.',
    fix: 'Look at the service’s latency and its database connections in that phase.',
  },
  'truncated-body': {
    what: 'The answer was incomplete: a task was stopped, or the end of draining cut it off.',
    fix: 'Finish requests on SIGTERM before exiting, and give drainSeconds more than the longest request takes.',
  },
  'wrong-body': {
    what: 'The answer was complete, but not what it must be.',
    fix: 'See the examples; an error page in place of a document or of JSON is the usual reason.',
  },
  'status-403': {
    what: 'A file that an open page needs was deleted, or was never readable.',
    fix: 'Keep the assets of earlier releases; let `baton deploy` collect garbage by manifest.',
  },
  'status-404': {
    what: 'A file that an open page needs was deleted.',
    fix: 'Keep the assets of earlier releases; let `baton deploy` collect garbage by manifest.',
  },
  'status-500': {
    what: 'The service itself failed requests.',
    fix: 'Read the service’s log at the time of the examples.',
  },
  'status-502': {
    what: 'A task closed or reset a connection with a request on it.',
    fix: 'Set the service’s keep-alive time-out above the load balancer’s idle time-out of 60 s; on SIGTERM finish requests under way before exiting, and keep drainSeconds longer than the longest request.',
  },
  'status-503': {
    what: 'No task could take the request: traffic went to a target group without targets, or the site has no release.',
    fix: 'Leave the listener rule’s action to the deployments (ignore_changes), and keep both target groups attached.',
  },
  'status-504': {
    what: 'A task did not answer in time.',
    fix: 'Look at the service’s latency and at what it waits for; the load balancer waits 60 s.',
  },
  'wrong-version': {
    what: 'A version answered that no step under way allows.',
    fix: 'Find what else moves traffic: a Terraform apply, or a script that changes listener rules. Leave the rule’s action to the deployments (ignore_changes).',
  },
  'beyond-step': {
    what: 'The new version took more of the traffic than its canary allows.',
    fix: 'Find what else moves traffic: a Terraform apply, or a script that changes listener rules. Leave the rule’s action to the deployments (ignore_changes).',
  },
  'early-idle-close': {
    what: 'A task closes idle connections before the load balancer does, or at the same time: a request that is on its way then is lost (502).',
    fix: 'Set the service’s keep-alive time-out above the load balancer’s idle time-out of 60 s, for example to 75 s: Node.js `server.keepAliveTimeout = 75_000`, Spring Boot `server.tomcat.keep-alive-timeout=75s`, nginx `keepalive_timeout 75s`.',
  },
  'killed-task': {
    what: 'A task did not end on SIGTERM and was killed: what it had begun is cut off, and each release takes as long as its stop time-out.',
    fix: 'Start the program itself and not through a shell or npm: exec form in a Dockerfile, `exec` in a script. Let it finish its requests on SIGTERM and exit before the stop time-out (30 s).',
  },
  'lost-write': {
    what: 'A write that was acknowledged is not in the database.',
    fix: 'Acknowledge only after the commit; look for asynchronous writes and for synchronous_commit = off.',
  },
}

/** One finding per cause, the most frequent first. */
export function findings(failures: readonly Failure[]): Finding[] {
  const byCause = Map.groupBy(failures, (failure) => failure.cause)
  return [...byCause]
    .map(([cause, group]) => ({
      cause,
      count: group.length,
      ...(explanations[cause] ?? { what: `Clients got ${cause}.`, fix: 'See the examples.' }),
      examples: group.slice(0, 3).map(describe),
    }))
    .sort((a, b) => b.count - a.count)
}

function describe({ record, detail }: Failure): string {
  const at = new Date(record.startedAt).toISOString().slice(11, 23)
  const version = record.version ? ` (${record.version})` : ''
  return `${at} ${record.site} ${record.method} ${record.path}${version}: ${detail.replaceAll(/\s+/g, ' ').slice(0, 160)}`
}
