/**
 * For tests: functions that answer for a hook, through the AWS SDK and through HTTP, packed and described as Terraform
 * packs and describes them.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'

export const throughSdk = `
  import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy'
  export const handler = async ({ DeploymentId: deploymentId, LifecycleEventHookExecutionId }) => {
    console.log('asked for', deploymentId)
    await new CodeDeployClient({}).send(new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId, lifecycleEventHookExecutionId: LifecycleEventHookExecutionId, status: process.env.ANSWER,
    }))
  }`
export const throughHttp = `
  import { createHash, createHmac } from 'node:crypto'
  const sha256 = (text) => createHash('sha256').update(text).digest('hex')
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
  export const handler = async ({ DeploymentId: deploymentId, LifecycleEventHookExecutionId }) => {
    const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = process.env
    const body = JSON.stringify({ deploymentId, lifecycleEventHookExecutionId: LifecycleEventHookExecutionId, status: 'Succeeded' })
    const time = new Date().toISOString().replace(/[-:]|\\.\\d{3}/g, '')
    const scope = [time.slice(0, 8), AWS_REGION, 'codedeploy', 'aws4_request']
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      host: new URL(AWS_ENDPOINT_URL).host,
      'x-amz-date': time,
      'x-amz-security-token': AWS_SESSION_TOKEN,
      'x-amz-target': 'CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus',
    }
    const names = Object.keys(headers).join(';')
    const canonical = ['POST', '/', '', ...Object.entries(headers).map((pair) => pair.join(':')), '', names, sha256(body)].join('\\n')
    const key = scope.reduce(hmac, 'AWS4' + AWS_SECRET_ACCESS_KEY)
    const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\\n')).toString('hex')
    headers.authorization = 'AWS4-HMAC-SHA256 Credential=' + [AWS_ACCESS_KEY_ID, ...scope].join('/') + ', SignedHeaders=' + names + ', Signature=' + signature
    const response = await fetch(AWS_ENDPOINT_URL, { method: 'POST', headers, body })
    if (!response.ok) throw new Error(await response.text())
  }`

/** Attributes of an `aws_lambda_function` whose archive is in the folder. */
export function lambda(
  archives: string,
  name: string,
  source: string,
  variables: Record<string, string> = {},
) {
  const filename = join(archives, `${name}.zip`)
  writeFileSync(filename, zipSync({ 'index.mjs': new TextEncoder().encode(source) }))
  return {
    function_name: name,
    filename,
    handler: 'index.handler',
    runtime: 'nodejs22.x',
    role: '${aws_iam_role.execution.arn}',
    timeout: 30,
    environment: { variables: { KEEP: 'it', ...variables } },
  }
}
