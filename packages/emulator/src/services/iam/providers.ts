/** OpenID Connect providers. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html */
import type { EmulatorContext } from '../../service.ts'
import {
  type AttributeSpecs,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { createState, keeper, reading } from './state.ts'

const provider: AttributeSpecs = {
  url: implemented({ forceNew: true }),
  client_id_list: implemented({ set: true }),
  thumbprint_list: ignored('no token is checked against it', { computed: true }),
  tags: implemented(),
  arn: computed(),
}

export function identityProviderTypes(emulator: EmulatorContext): ResourceType[] {
  const { openIdConnectProviders } = createState(emulator.store)
  return [
    reading(
      recordType({
        type: 'aws_iam_openid_connect_provider',
        attributes: provider,
        compute(planned, { accountId }) {
          const arn = `arn:aws:iam::${accountId}:oidc-provider/${withoutScheme(planned.url)}`
          if (openIdConnectProviders.has(arn)) {
            throw new Error(
              `EntityAlreadyExists: Provider with url ${planned.url} already exists. Look it up as a data source.`,
            )
          }
          return { id: arn, arn, thumbprint_list: planned.thumbprint_list ?? [] }
        },
        keep: keeper(openIdConnectProviders),
      }),
      openIdConnectProviders,
    ),
  ]
}

/** `https://token.actions.githubusercontent.com` → `token.actions.githubusercontent.com`. */
export const withoutScheme = (url: unknown): string => String(url).replace(/^https:\/\//, '')
