/**
 * The smoke test: a Lambda function that CodeDeploy calls when the test listener sends to the new tasks, before any
 * user does. It requests the service's health path through the load balancer, with the host and the secret header
 * of production, and reports to CodeDeploy whether the deployment may continue.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
 */
import { request } from 'node:https'
import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'

interface HookEvent {
  readonly DeploymentId: string
  readonly LifecycleEventHookExecutionId: string
}

/** This many answers in a row must be 200. */
const needed = 5
const attempts = 20
const pauseMs = { afterSuccess: 200, afterFailure: 1000 }
const timeoutMs = 5000

export async function handler(event: HookEvent): Promise<void> {
  let status: 'Succeeded' | 'Failed' = 'Failed'
  try {
    status = (await passes(setting('HEALTH_PATH'))) ? 'Succeeded' : 'Failed'
  } catch (error) {
    console.error(error)
  }
  await new CodeDeployClient().send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status,
    }),
  )
}

async function passes(path: string): Promise<boolean> {
  const secret = await originHeader()
  let inRow = 0
  for (let attempt = 0; attempt < attempts && inRow < needed; attempt++) {
    const status = await statusOf(path, secret).catch((error: unknown) => String(error))
    console.log(`${path}: ${status}`)
    inRow = status === 200 ? inRow + 1 : 0
    const pause = status === 200 ? pauseMs.afterSuccess : pauseMs.afterFailure
    if (inRow < needed) await new Promise((resolve) => setTimeout(resolve, pause))
  }
  return inRow === needed
}

function statusOf(path: string, secret: string): Promise<number> {
  const listener = new URL(setting('TEST_LISTENER'))
  const host = setting('HOST')
  return new Promise((resolve, reject) => {
    const call = request(
      {
        hostname: listener.hostname,
        port: listener.port,
        path,
        // The certificate is that of the public host, not of the load balancer's name.
        servername: host,
        headers: { host, [setting('ORIGIN_HEADER')]: secret },
        timeout: timeoutMs,
      },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    call.on('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    call.on('error', reject)
    call.end()
  })
}

async function originHeader(): Promise<string> {
  const answer = await new SSMClient().send(
    new GetParameterCommand({ Name: setting('ORIGIN_HEADER_PARAMETER'), WithDecryption: true }),
  )
  return answer.Parameter?.Value ?? ''
}

function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}
