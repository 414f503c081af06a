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
  export const handler = async ({ DeploymentId: deploymentId, LifecycleEventHookExecutionId }) => {
    const response = await fetch(process.env.AWS_ENDPOINT_URL, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus',
        authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20261125/ap-northeast-2/codedeploy/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify({ deploymentId, lifecycleEventHookExecutionId: LifecycleEventHookExecutionId, status: 'Succeeded' }),
    })
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
