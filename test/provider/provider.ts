/**
 * A Terraform or OpenTofu with HashiCorp's AWS provider on this machine. The provider is looked for where its users keep a
 * binary: a folder that BATON_TERRAFORM_PROVIDER names, a development override of the CLI configuration, a filesystem mirror.
 */
import { execFile } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const BINARY = 'terraform-provider-aws*'

export interface Provider {
  /** `terraform` or `tofu`. */
  readonly program: string
  /** The folder of the provider's binary. */
  readonly folder: string
}

/** What there is, or why a test with the provider cannot be. */
export async function findProvider(): Promise<Provider | string> {
  const program = await firstOf(['terraform', 'tofu'])
  if (program === undefined) return 'there is neither terraform nor tofu on the PATH'
  const folder = folders().find((each) => globSync(join(each, BINARY)).length > 0)
  if (folder !== undefined) return { program, folder }
  return `no AWS provider was found; name the folder of its binary in BATON_TERRAFORM_PROVIDER`
}

function folders(): string[] {
  const named = process.env.BATON_TERRAFORM_PROVIDER
  const configurations = [
    process.env.TF_CLI_CONFIG_FILE,
    join(homedir(), '.terraformrc'),
    join(homedir(), '.tofurc'),
  ]
  const overrides = configurations.flatMap((file) => {
    const text = file === undefined ? '' : readIfThere(file)
    return [...text.matchAll(/"(?:[\w.]+\/)?hashicorp\/aws"\s*=\s*"([^"]+)"/g)].map(
      ([, folder]) => folder ?? '',
    )
  })
  const mirrors = [
    '/usr/share/terraform/plugins',
    '/usr/local/share/terraform/plugins',
    join(homedir(), '.terraform.d/plugins'),
  ]
  const mirrored = mirrors.flatMap((mirror) =>
    globSync(join(mirror, '**/hashicorp/aws/*/*', BINARY)).map((binary) => dirname(binary)),
  )
  return [...(named === undefined ? [] : [named]), ...overrides, ...mirrored]
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

async function firstOf(programs: readonly string[]): Promise<string | undefined> {
  for (const program of programs) {
    const works = await run(program, ['version']).then(
      () => true,
      () => false,
    )
    if (works) return program
  }
  return undefined
}

export interface Terraform {
  apply(): Promise<void>
  destroy(): Promise<void>
  /** The actions that a plan would take, as Terraform counts them; empty where nothing is to do. */
  plan(): Promise<string>
}

/** Terraform in a folder, with the environment that the emulator gives to AWS clients. */
export function terraformIn(
  folder: string,
  provider: Provider,
  emulator: Readonly<Record<string, string>>,
): Terraform {
  const configuration = join(folder, 'provider.tfrc')
  const override = `dev_overrides {\n    "hashicorp/aws" = "${provider.folder}"\n  }\n  direct {}`
  writeFileSync(configuration, `provider_installation {\n  ${override}\n}\n`)
  const env = {
    ...process.env,
    TF_CLI_CONFIG_FILE: configuration,
    ...emulator,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  const call = async (...args: readonly string[]): Promise<string> => {
    try {
      const options = { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 }
      return (await run(provider.program, [...args, '-no-color'], options)).stdout
    } catch (error) {
      const { stderr = '', message } = error as Error & { stderr?: string }
      throw new Error(`${provider.program} ${args.join(' ')} failed: ${stderr || message}`)
    }
  }
  const modules = call('get')
  return {
    async apply() {
      await modules
      await call('apply', '-auto-approve', '-input=false')
    },
    async destroy() {
      await call('destroy', '-auto-approve', '-input=false')
    },
    async plan() {
      const said = await call('plan', '-input=false')
      return /^Plan: .*$/m.exec(said)?.[0] ?? (/^No changes\./m.test(said) ? '' : said)
    },
  }
}
