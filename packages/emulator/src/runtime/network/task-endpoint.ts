/**
 * What a task can ask about itself: its metadata (version 4) and its role's credentials. On AWS they wait on
 * 169.254.170.2; here on one loopback port, where an unguessable path or token distinguishes the tasks.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
import { createServer, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TaskNetwork } from '../task/task-runtime.ts'
import { listenOn } from './name-forwarders.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
export interface TaskCredentials {
  readonly RoleArn: string
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly Token: string
  /** ISO 8601. */
  readonly Expiration: string
}

/** The answers for one container; undefined is answered as not found. */
export interface TaskAnswers {
  credentials(): TaskCredentials | undefined
  /** By what comes after `ECS_CONTAINER_METADATA_URI_V4`: nothing, `task`, `task/stats`. */
  readonly metadata: Readonly<Record<string, () => object | undefined>>
}

export interface TaskEndpoint {
  /** Makes the answers available; returns the variables that lead a container to them. */
  register(
    token: string,
    place: TaskNetwork['metadata'],
    answers: TaskAnswers,
  ): Readonly<Record<string, string>>
  unregister(token: string): void
  start(): Promise<void>
  stop(): Promise<void>
  /** Serves a connection that came in at AWS's own address. */
  accept(socket: Duplex): void
}

/** Where the agent of ECS waits on AWS. */
export const metadataAddress = '169.254.170.2'

export function createTaskEndpoint(): TaskEndpoint {
  const tasks = new Map<string, TaskAnswers>()
  // Longer than the clients of tasks let a connection rest: one that is used again as it is closed loses a request.
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    const [, version, token = '', ...rest] = (request.url ?? '').replace(/\?.*/, '').split('/')
    if (version === 'v2' && token === 'credentials') {
      // The path alone proves it, as on AWS.
      const credentials = tasks.get(rest.join('/'))?.credentials()
      return answer(response, credentials ? 200 : 404, credentials)
    }
    if (version === 'credentials') {
      const answers = tasks.get(token)
      if (!answers || request.headers.authorization !== token)
        return answer(response, 403, { code: 'AccessDenied' })
      return answer(response, 200, answers.credentials())
    }
    const answers = version === 'v4' ? tasks.get(token) : undefined
    if (!answers) return answer(response, 404, undefined)
    const path = rest.join('/').replace(/\/$/, '')
    const about = answers.metadata[path]
    if (about) return answer(response, 200, about())
    return answer(response, 501, {
      code: 'NotImplemented',
      message: `metadata path /${path} is not answered here`,
    })
  })
  const base = () => {
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('the task endpoint has not been started')
    return `http://127.0.0.1:${bound.port}`
  }
  return {
    register(token, place, answers) {
      tasks.set(token, answers)
      if (place === 'link-local') return linkLocalVariables(token, answers)
      return {
        ECS_CONTAINER_METADATA_URI_V4: `${base()}/v4/${token}`,
        AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
        ...(answers.credentials() === undefined
          ? {}
          : {
              AWS_CONTAINER_CREDENTIALS_FULL_URI: `${base()}/credentials/${token}`,
              AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
            }),
      }
    },
    unregister: (token) => void tasks.delete(token),
    accept: (socket) => void server.emit('connection', socket),
    start: () => listenOn(server, '127.0.0.1', 0),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
function linkLocalVariables(token: string, answers: TaskAnswers): Record<string, string> {
  return {
    ECS_CONTAINER_METADATA_URI_V4: `http://${metadataAddress}/v4/${token}`,
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    ...(answers.credentials() === undefined
      ? {}
      : { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: `/v2/credentials/${token}` }),
  }
}

function answer(response: ServerResponse, status: number, body: object | undefined): void {
  response.writeHead(body === undefined ? 404 : status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body ?? { code: 'NotFound' }))
}
