/** Terraform's Lambda resources. */
import {
  type ApplyContext,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { readStackFile } from '../../terraform/type/stack-file.ts'
import { firstBlock, stringMap } from '../../terraform/type/values.ts'
import { eventInvokeConfig } from './event-invoke-config.ts'
import type { LambdaFunction } from './model.ts'
import type { FunctionSettings, LambdaState } from './state.ts'

const host = 'functions run on this host'

export function createResourceTypes(state: LambdaState): ResourceType[] {
  return [lambdaFunction(state), alias(state), eventInvokeConfig(state), permission]
}

function lambdaFunction(state: LambdaState): ResourceType {
  return {
    type: 'aws_lambda_function',
    attributes: {
      function_name: implemented({ forceNew: true }),
      filename: implemented(),
      source_code_hash: implemented({ computed: true }),
      handler: implemented(),
      runtime: implemented(),
      role: implemented(),
      description: implemented(),
      timeout: implemented({ default: 3 }),
      memory_size: implemented({ default: 128 }),
      publish: implemented({ default: false }),
      architectures: ignored(host, { computed: true }),
      package_type: implemented({ default: 'Zip', forceNew: true }),
      environment: block({ variables: implemented() }, { maxItems: 1 }),
      logging_config: block(
        {
          log_group: implemented(),
          log_format: ignored('logs are written as text'),
          application_log_level: ignored('logs are written as text'),
          system_log_level: ignored('logs are written as text'),
        },
        { maxItems: 1, computed: true },
      ),
      ephemeral_storage: block({ size: ignored(host) }, { maxItems: 1, computed: true }),
      tracing_config: block({ mode: ignored('there is no X-Ray here') }, { maxItems: 1, computed: true }),
      vpc_config: block(
        {
          subnet_ids: ignored('functions reach every name of the emulator'),
          security_group_ids: ignored('functions reach every name of the emulator'),
          ipv6_allowed_for_dual_stack: ignored('functions reach every name of the emulator'),
        },
        { maxItems: 1 },
      ),
      reserved_concurrent_executions: ignored('concurrency is not limited', { default: -1 }),
      kms_key_arn: ignored('environment variables are kept in the emulator’s own store'),
      skip_destroy: ignored('destroy removes the function', { default: false }),
      tags: implemented(),
      tags_all: computed(),
      arn: computed(),
      id: computed(),
      invoke_arn: computed(),
      qualified_arn: computed(),
      qualified_invoke_arn: computed(),
      version: computed(),
      last_modified: computed(),
      source_code_size: computed(),
      code_sha256: computed(),
    },
    async create(planned, context, made) {
      const name = String(planned.function_name)
      const code = await archive(planned, context)
      const created = await state.create(name, settings(name, planned), code, (of) =>
        made?.(attributes(state, planned, of, context)),
      )
      return attributes(state, planned, created, context)
    },
    read: (prior) => (state.find(String(prior.function_name)) === undefined ? undefined : prior),
    async update(planned, prior, context) {
      const name = String(prior.function_name)
      const next = { ...prior, ...planned }
      const changed = await state.update(name, settings(name, next), await archive(next, context))
      return attributes(state, next, changed, context)
    },
    delete: (prior) => state.delete(String(prior.function_name)),
  }
}

async function archive(planned: Attributes, context: ApplyContext): Promise<Uint8Array> {
  if (planned.package_type !== undefined && planned.package_type !== 'Zip') {
    throw new Error('package_type: this emulator runs functions from zip archives only; set filename')
  }
  if (typeof planned.filename !== 'string') {
    throw new Error(
      'filename is required: this emulator takes function code from a zip archive beside the stack',
    )
  }
  const content = readStackFile(context.folder, planned.filename)
  if (content === undefined) throw new Error(`there is no file "${planned.filename}"; synthesize again`)
  return content
}

function settings(name: string, planned: Attributes): FunctionSettings {
  const logGroup = firstBlock(planned.logging_config)?.log_group
  return {
    handler: String(planned.handler),
    runtime: String(planned.runtime),
    role: String(planned.role),
    description: String(planned.description ?? ''),
    timeoutSeconds: Number(planned.timeout ?? 3),
    memoryMiB: Number(planned.memory_size ?? 128),
    architectures: Array.isArray(planned.architectures) ? planned.architectures.map(String) : ['x86_64'],
    environment: stringMap(firstBlock(planned.environment)?.variables),
    logGroup: typeof logGroup === 'string' && logGroup !== '' ? logGroup : `/aws/lambda/${name}`,
  }
}

function attributes(
  state: LambdaState,
  planned: Attributes,
  found: LambdaFunction,
  context: ApplyContext,
): Attributes {
  const version = planned.publish === true ? state.publish(found.name).version : '$LATEST'
  const { latest } = found
  const invokeArn = (arn: string) =>
    `arn:aws:apigateway:${context.region}:lambda:path/2015-03-31/functions/${arn}/invocations`
  const qualified = `${found.arn}:${version}`
  return {
    ...planned,
    id: found.name,
    arn: found.arn,
    invoke_arn: invokeArn(found.arn),
    qualified_arn: qualified,
    qualified_invoke_arn: invokeArn(qualified),
    version,
    last_modified: new Date(latest.modifiedAt).toISOString(),
    architectures: [...latest.architectures],
    source_code_hash: planned.source_code_hash ?? latest.codeSha256,
    source_code_size: latest.codeSize,
    code_sha256: latest.codeSha256,
  }
}

function alias(state: LambdaState): ResourceType {
  const upsert = (planned: Attributes, context: ApplyContext): Attributes => {
    const [name, functionName] = [String(planned.name), String(planned.function_name)]
    const { of } = state.target(functionName)
    state.setAlias(of.name, name, String(planned.function_version), String(planned.description ?? ''))
    const arn = `${of.arn}:${name}`
    return {
      ...planned,
      id: arn,
      arn,
      invoke_arn: `arn:aws:apigateway:${context.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
    }
  }
  return {
    type: 'aws_lambda_alias',
    attributes: {
      name: implemented({ forceNew: true }),
      function_name: implemented({ forceNew: true }),
      function_version: implemented(),
      description: implemented(),
      arn: computed(),
      invoke_arn: computed(),
      id: computed(),
    },
    create: upsert,
    update: (planned, prior, context) => upsert({ ...prior, ...planned }, context),
    delete(prior) {
      const { of } = state.target(String(prior.function_name))
      state.deleteAlias(of.name, String(prior.name))
    },
  }
}

const policies = 'the policies of functions are kept, not yet evaluated'

const permission = recordType({
  type: 'aws_lambda_permission',
  attributes: {
    statement_id: implemented({ computed: true, forceNew: true }),
    statement_id_prefix: implemented({ forceNew: true }),
    action: ignored(policies, { forceNew: true }),
    function_name: implemented({ forceNew: true }),
    principal: ignored(policies, { forceNew: true }),
    qualifier: ignored(policies, { forceNew: true }),
    source_arn: ignored(policies, { forceNew: true }),
    source_account: ignored(policies, { forceNew: true }),
    principal_org_id: ignored(policies, { forceNew: true }),
    event_source_token: ignored(policies, { forceNew: true }),
    function_url_auth_type: ignored(policies, { forceNew: true }),
    id: computed(),
  },
  compute(planned) {
    const id =
      planned.statement_id ?? `${planned.statement_id_prefix ?? 'terraform-'}${planned.function_name}`
    return { id, statement_id: id }
  },
})
