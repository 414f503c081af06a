/**
 * The account's settings of ECS. They are stored and returned, without effect: the emulator has neither Container
 * Insights nor the retirement of Fargate tasks.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
 */
import * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../../protocol/operations.ts'
import type { EmulatorContext } from '../../../service.ts'
import { invalidParameter } from '../model/errors.ts'
import { page } from '../model/paging.ts'

interface SettingRecord {
  readonly name: sdk.SettingName
  readonly value: string
  readonly principalArn: string
}

type Type = NonNullable<sdk.Setting['type']>

const onOff = ['enabled', 'disabled']
const on = ['enabled']

/** The default of each setting, and its allowed values. */
const defaults: Readonly<
  Record<
    sdk.SettingName,
    { readonly value: string; readonly values: readonly string[]; readonly type?: Type }
  >
> = {
  awsvpcTrunking: { value: 'disabled', values: onOff },
  containerInsights: { value: 'disabled', values: [...onOff, 'enhanced'] },
  containerInstanceLongArnFormat: { value: 'enabled', values: on },
  defaultLogDriverMode: { value: 'non-blocking', values: ['blocking', 'non-blocking'] },
  fargateEventWindows: { value: 'disabled', values: onOff },
  fargateFIPSMode: { value: 'disabled', values: onOff },
  fargateTaskRetirementWaitPeriod: { value: '7', values: ['0', '7', '14'] },
  guardDutyActivate: { value: 'off', values: ['on', 'off'], type: 'aws_managed' },
  serviceLongArnFormat: { value: 'enabled', values: on },
  tagResourceAuthorization: { value: 'on', values: ['on', 'off'] },
  taskLongArnFormat: { value: 'enabled', values: on },
}

export function accountSettingOperations(context: EmulatorContext) {
  const settings = context.store.collection<SettingRecord>('ecs.account-settings')
  const root = `arn:aws:iam::${context.accountId}:root`
  const key = (principalArn: string, name: string) => `${principalArn}|${name}`
  const validName = (name: string | undefined): sdk.SettingName => {
    const valid = Object.values(sdk.SettingName).find((each) => each === name)
    if (valid === undefined) throw invalidParameter(`Setting name '${name}' is not valid.`)
    return valid
  }
  const view = ({ name, value, principalArn }: SettingRecord): sdk.Setting => ({
    name,
    value,
    principalArn,
    type: defaults[name].type ?? 'user',
  })
  const set = (input: { name?: string | undefined; value?: string | undefined }, principalArn: string) => {
    const name = validName(input.name)
    const { value = '' } = input
    if (defaults[name].type === 'aws_managed')
      throw invalidParameter(`Setting '${name}' is managed by AWS and cannot be changed.`)
    if (!defaults[name].values.includes(value))
      throw invalidParameter(`Value '${value}' is not valid for setting '${name}'.`)
    settings.put(key(principalArn, name), { name, value, principalArn })
    return { setting: view({ name, value, principalArn }) }
  }
  const effective = (name: sdk.SettingName, principalArn: string): SettingRecord =>
    settings.get(key(principalArn, name)) ??
    settings.get(key(root, name)) ?? { name, value: defaults[name].value, principalArn }

  return {
    ListAccountSettings: (input, call) => {
      const principalArn = input.principalArn ?? call.principal.arn
      const names = input.name === undefined ? Object.values(sdk.SettingName) : [validName(input.name)]
      const selected = input.effectiveSettings
        ? names.map((name) => effective(name, principalArn))
        : names.flatMap((name) => settings.get(key(principalArn, name)) ?? [])
      const { items, nextToken } = page(
        selected.filter(({ value }) => input.value === undefined || value === input.value),
        input,
        { most: 10 },
      )
      return { settings: items.map(view), nextToken }
    },
    PutAccountSetting: (input, call) => set(input, input.principalArn ?? call.principal.arn),
    PutAccountSettingDefault: (input) => set(input, root),
    DeleteAccountSetting: (input, call) => {
      const name = validName(input.name)
      const principalArn = input.principalArn ?? call.principal.arn
      settings.delete(key(principalArn, name))
      return { setting: view(effective(name, principalArn)) }
    },
  } satisfies Operations<typeof sdk>
}
