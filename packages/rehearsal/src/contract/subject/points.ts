/**
 * The platform's contract with a service, point by point: what a service must do so that a release loses no request, why,
 * and how it is done with Node.js, Spring Boot and nginx. docs/contract.md has the same table.
 */

export interface Point {
  /** What the service must do, in a sentence. */
  readonly demand: string
  readonly why: string
  readonly fix: { readonly node: string; readonly springBoot: string; readonly nginx: string }
}

const points = {
  listens: {
    demand: 'It listens on its port, on all addresses.',
    why: 'The load balancer connects to the task’s own address, not to localhost.',
    fix: {
      node: 'server.listen(process.env.PORT, "0.0.0.0")',
      springBoot: 'server.port=${PORT:8080}, and no server.address=localhost',
      nginx: 'listen 8080; with the port that the configuration names',
    },
  },
  'starts-in-time': {
    demand: 'It is healthy before its grace period is over.',
    why: 'ECS replaces a task that is unhealthy after the grace period, again and again.',
    fix: {
      node: 'Do the work of the start once, in the build or in the migration; or raise health.gracePeriodSeconds.',
      springBoot:
        'Migrate in a task of its own, give the JVM -XX:TieredStopAtLevel=1 and more CPU; or raise health.gracePeriodSeconds.',
      nginx:
        'Resolve upstream names when they are needed (resolver), not at the start; or raise health.gracePeriodSeconds.',
    },
  },
  'health-after-ready': {
    demand: 'Its health check passes only when it can serve.',
    why: 'The first check that passes brings traffic.',
    fix: {
      node: 'Answer 503 until the first query of the database has succeeded.',
      springBoot:
        'Use the readiness state: warm up in an ApplicationRunner, and let /api/health be readinessState.',
      nginx: 'Pass the health check on to the application (proxy_pass), and do not answer it in nginx.',
    },
  },
  'health-survives-dependencies': {
    demand: 'Its health check goes on passing when a dependency is away for seconds.',
    why: 'All tasks would be unhealthy at once, and be replaced while the database fails over.',
    fix: {
      node: 'Once ready, answer 200 whatever the database does; report its state in the body.',
      springBoot:
        'Leave db out of the group: management.health.defaults.enabled=false, or a group of readinessState alone.',
      nginx: 'Answer the health check from an application that does so.',
    },
  },
  'keeps-idle-connections': {
    demand: 'It keeps idle connections for longer than the load balancer, which keeps them for 60 s.',
    why: 'A request that is sent on a connection which the service is closing is lost (502).',
    fix: {
      node: 'server.keepAliveTimeout = 75_000',
      springBoot: 'server.tomcat.keep-alive-timeout=75s',
      nginx: 'keepalive_timeout 75s; keepalive_requests 1000000;',
    },
  },
  'gets-sigterm': {
    demand: 'It ends on SIGTERM.',
    why: 'A task that does not end is killed after its stop time-out; a release takes that much longer.',
    fix: {
      node: 'CMD ["node", "server.js"], not npm start and not a shell; process.on("SIGTERM", …)',
      springBoot: 'ENTRYPOINT ["java", "-jar", "app.jar"]; in a script: exec java -jar app.jar',
      nginx: 'CMD ["nginx", "-g", "daemon off;"]; STOPSIGNAL SIGQUIT',
    },
  },
  'finishes-requests': {
    demand: 'It finishes requests that are under way when SIGTERM comes.',
    why: 'Whatever it has begun is lost otherwise.',
    fix: {
      node: 'On SIGTERM call server.close() and server.closeIdleConnections(), and exit when it is closed.',
      springBoot: 'server.shutdown=graceful and spring.lifecycle.timeout-per-shutdown-phase=25s',
      nginx: 'STOPSIGNAL SIGQUIT: on SIGTERM nginx drops its connections',
    },
  },
  'names-its-version': {
    demand: 'Its answers name the version that gave them, in x-app-version.',
    why: 'Without it no rehearsal can tell which version answered.',
    fix: {
      node: 'response.setHeader("x-app-version", process.env.APP_VERSION)',
      springBoot: 'A filter that sets x-app-version from ${APP_VERSION}',
      nginx: 'Pass the application’s header on: nginx does unless proxy_hide_header removes it.',
    },
  },
  logs: {
    demand: 'It logs to standard output.',
    why: 'The log of a task is all that is left of it.',
    fix: {
      node: 'console.log, or pino to standard output',
      springBoot: 'Leave the console appender on; logging.structured.format.console=logstash',
      nginx: 'access_log /dev/stdout; error_log /dev/stderr;',
    },
  },
  'writes-to-mounts-only': {
    demand: 'It writes to its mounts only.',
    why: 'All else is lost with the task, and cannot be written where the root file system is read-only.',
    fix: {
      node: 'Write below LOG_DIR or to a volume.',
      springBoot: 'logging.file.name=${LOG_DIR}/app.log; server.tomcat.basedir in a volume',
      nginx: 'client_body_temp_path, proxy_temp_path and pid in a volume',
    },
  },
  'health-command-exists': {
    demand: 'The tool of a container’s health command is in its image.',
    why: 'The command fails for ever, and so does the task.',
    fix: {
      node: 'node -e "fetch(\'http://localhost:8080/api/health\').then(r => process.exit(r.ok ? 0 : 1))"',
      springBoot: 'Leave healthCheck out: the load balancer checks already; or install curl in the image.',
      nginx: 'Official images have curl; slim ones do not: install it, or leave healthCheck out.',
    },
  },
} as const satisfies Readonly<Record<string, Point>>

export type PointName = keyof typeof points

/** In the order in which they are reported. */
export const contract: Readonly<Record<PointName, Point>> = points

/** What was found of one point. */
export interface Observation {
  readonly point: PointName
  readonly result: 'kept' | 'broken' | 'not-measured'
  /** What was measured, in words: also why it was not. */
  readonly detail: string
}

export const kept = (point: PointName, detail: string): Observation => ({ point, result: 'kept', detail })
export const broken = (point: PointName, detail: string): Observation => ({ point, result: 'broken', detail })
export const notMeasured = (point: PointName, detail: string): Observation => ({
  point,
  result: 'not-measured',
  detail,
})
